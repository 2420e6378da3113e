"""Stock: reservations, shipments, receipts, transfers, stocktaking."""

from sqlalchemy.exc import IntegrityError

from legacy_app.errors import InsufficientStock, ValidationError
from legacy_app.extensions import db
from legacy_app.models import (
    Adjustment,
    Product,
    Receipt,
    Shipment,
    StockLevel,
    StockMovement,
    Warehouse,
)
from legacy_app.services import audit


def locked_levels(product_id):
    """All places of one product, locked in one order so that two requests can't deadlock."""
    return (
        StockLevel.query.filter_by(product_id=product_id).order_by(StockLevel.id).with_for_update()
    )


def locked_level(product_id, warehouse_id, create=False):
    """One place, locked; None when the product never lay there, unless `create`."""
    level = locked_levels(product_id).filter_by(warehouse_id=warehouse_id).one_or_none()
    if level is None and create:
        level = StockLevel(product_id=product_id, warehouse_id=warehouse_id, quantity=0, reserved=0)
        db.session.add(level)
        db.session.flush()
    return level


def reserve(line):
    """Reserve a line's quantity, from the fullest warehouse on."""
    wanted = line.quantity
    levels = locked_levels(line.product_id).all()
    free = sum(max(level.available, 0) for level in levels)
    if free < wanted:
        raise InsufficientStock(
            f"Only {free} of {line.product.sku} are available.",
            sku=line.product.sku,
            available=free,
            wanted=wanted,
        )
    for level in sorted(levels, key=lambda level: (-level.available, level.warehouse.code)):
        take = min(max(level.available, 0), wanted)
        level.reserved += take
        wanted -= take
        if not wanted:
            break


def release(line):
    """Give back what `reserve` took."""
    left = line.quantity
    for level in locked_levels(line.product_id).filter(StockLevel.reserved > 0):
        give = min(level.reserved, left)
        level.reserved -= give
        left -= give


def ship(line, warehouse, user):
    level = locked_level(line.product_id, warehouse.id)
    if level is None or level.quantity < line.quantity:
        raise InsufficientStock(
            f"{warehouse.code} does not have {line.quantity} of {line.product.sku}.",
            sku=line.product.sku,
            available=level.quantity if level else 0,
            wanted=line.quantity,
        )
    release(line)
    level.quantity -= line.quantity
    db.session.add(
        Shipment(
            warehouse_id=warehouse.id,
            product_id=line.product_id,
            order_line_id=line.id,
            quantity=-line.quantity,
            user_id=user.id,
        )
    )


def receive(product, warehouse, quantity, reference, user):
    level = locked_level(product.id, warehouse.id, create=True)
    level.quantity += quantity
    movement = Receipt(
        warehouse=warehouse,
        product=product,
        quantity=quantity,
        supplier_reference=reference,
        user_id=user.id,
    )
    db.session.add(movement)
    db.session.commit()
    return movement


def adjust(product, warehouse, counted, reason, user):
    """Set the quantity to what was counted; None when it was right."""
    level = locked_level(product.id, warehouse.id, create=True)
    difference = counted - level.quantity
    if difference == 0:
        db.session.rollback()
        return None
    level.quantity = counted
    movement = Adjustment(
        warehouse=warehouse,
        product=product,
        quantity=difference,
        reason=reason,
        user_id=user.id,
    )
    db.session.add(movement)
    db.session.flush()
    audit.record("adjust", "stock", level.id, difference=difference)
    db.session.commit()
    return movement


def transfer(product, source, target, quantity, user):
    """Move pieces between two warehouses: both sides or none."""
    origin = locked_level(product.id, source.id)
    if origin is None or origin.available < quantity:
        raise InsufficientStock(
            f"{source.code} can't spare {quantity} of {product.sku}.",
            sku=product.sku,
            available=origin.available if origin else 0,
            wanted=quantity,
        )
    destination = locked_level(product.id, target.id, create=True)
    origin.quantity -= quantity
    destination.quantity += quantity
    reason = f"{source.code} to {target.code}"
    movements = [
        Adjustment(warehouse=source, product=product, quantity=-quantity, reason=reason),
        Adjustment(warehouse=target, product=product, quantity=quantity, reason=reason),
    ]
    for movement in movements:
        movement.user_id = user.id
    db.session.add_all(movements)
    db.session.commit()
    return origin, destination


def import_counts(tenant, warehouse, rows, user):
    """Stocktaking from a file: a row that fails is undone alone and reported, the rest stays."""
    audit.record("import", "stock", warehouse.id, rows=len(rows))
    db.session.flush()
    done, failed = 0, []
    for number, (sku, counted) in enumerate(rows, start=1):
        try:
            with db.session.begin_nested():
                _import_row(tenant, warehouse, sku, counted, user)
        except (ValidationError, IntegrityError, ValueError) as error:
            reason = "not negative" if isinstance(error, IntegrityError) else str(error)
            failed.append({"row": number, "sku": sku, "reason": reason})
        else:
            done += 1
    db.session.commit()
    return done, failed


def _import_row(tenant, warehouse, sku, counted, user):
    product = Product.alive().filter_by(tenant_id=tenant.id, sku=sku).one_or_none()
    if product is None:
        raise ValidationError({"sku": "unknown"})
    level = locked_level(product.id, warehouse.id, create=True)
    number = int(counted)
    if number > 1_000_000_000:
        raise ValueError("too many")
    difference = number - level.quantity
    level.quantity = number
    db.session.add(
        Adjustment(
            warehouse_id=warehouse.id,
            product_id=product.id,
            quantity=difference,
            reason="Import",
            user_id=user.id,
        )
    )
    db.session.flush()


def low(tenant, limit):
    """Places below their reorder point, the emptiest first."""
    return (
        StockLevel.query.join(StockLevel.warehouse)
        .join(StockLevel.product)
        .options(db.contains_eager(StockLevel.warehouse), db.contains_eager(StockLevel.product))
        .filter(Warehouse.tenant_id == tenant.id, Product.deleted_at.is_(None))
        .filter(StockLevel.available < StockLevel.reorder_point)
        .order_by(StockLevel.available, StockLevel.id)
        .limit(limit)
        .all()
    )


def movements(tenant, warehouse_id=None, product_id=None, kind=None):
    query = StockMovement.query.join(StockMovement.warehouse).filter(
        Warehouse.tenant_id == tenant.id
    )
    if warehouse_id is not None:
        query = query.filter(StockMovement.warehouse_id == warehouse_id)
    if product_id is not None:
        query = query.filter(StockMovement.product_id == product_id)
    if kind is not None:
        query = query.filter(StockMovement.kind == kind)
    return query.order_by(StockMovement.created_at.desc(), StockMovement.id.desc())
