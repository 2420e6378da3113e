"""Stock: reservations, shipments, receipts, transfers, stocktaking."""

from sqlalchemy.exc import IntegrityError

from target_app.errors import InsufficientStock, ValidationError
from target_app.extensions import db
from target_app.models import (
    Adjustment,
    Product,
    Receipt,
    Shipment,
    StockLevel,
    StockMovement,
    Warehouse,
)
from target_app.services import audit
from migrator.runtime.db import bridge, by_key, reload
from sqlalchemy import select
from sqlalchemy.orm import contains_eager


def locked_levels(product_id):
    """All places of one product, locked in one order so that two requests can't deadlock."""
    return (
        select(StockLevel).filter_by(product_id=product_id).order_by(StockLevel.id).with_for_update()
    )


async def locked_level(product_id, warehouse_id, create=False):
    """One place, locked; None when the product never lay there, unless `create`."""
    level = (await db.session.scalars(locked_levels(product_id).filter_by(warehouse_id=warehouse_id))).one_or_none()
    if level is None and create:
        level = StockLevel(product_id=product_id, warehouse_id=warehouse_id, quantity=0, reserved=0)
        db.session.add(level)
        await db.session.flush()
    return level


async def reserve(line):
    """Reserve a line's quantity, from the fullest warehouse on."""
    wanted = line.quantity
    levels = (await db.session.scalars(locked_levels(line.product_id))).all()
    free = sum(max(level.available, 0) for level in levels)
    if free < wanted:
        raise InsufficientStock(
            f"Only {free} of {(await line.awaitable_attrs.product).sku} are available.",
            sku=(await line.awaitable_attrs.product).sku,
            available=free,
            wanted=wanted,
        )
    for level in by_key(sorted, [((-level.available, (await level.awaitable_attrs.warehouse).code), level) for level in levels]):
        take = min(max(level.available, 0), wanted)
        level.reserved += take
        wanted -= take
        if not wanted:
            break


async def release(line):
    """Give back what `reserve` took."""
    left = line.quantity
    for level in await db.session.scalars(locked_levels(line.product_id).where(StockLevel.reserved > 0)):
        give = min(level.reserved, left)
        level.reserved -= give
        left -= give


async def ship(line, warehouse, user):
    level = await locked_level(line.product_id, warehouse.id)
    if level is None or level.quantity < line.quantity:
        raise InsufficientStock(
            f"{warehouse.code} does not have {line.quantity} of {(await line.awaitable_attrs.product).sku}.",
            sku=(await line.awaitable_attrs.product).sku,
            available=level.quantity if level else 0,
            wanted=line.quantity,
        )
    await release(line)
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


async def receive(product, warehouse, quantity, reference, user):
    level = await locked_level(product.id, warehouse.id, create=True)
    level.quantity += quantity
    movement = Receipt(
        warehouse=warehouse,
        product=product,
        quantity=quantity,
        supplier_reference=reference,
        user_id=user.id,
    )
    db.session.add(movement)
    await db.session.commit()
    return await reload(movement)


async def adjust(product, warehouse, counted, reason, user):
    """Set the quantity to what was counted; None when it was right."""
    level = await locked_level(product.id, warehouse.id, create=True)
    difference = counted - level.quantity
    if difference == 0:
        await db.session.rollback()
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
    await db.session.flush()
    await audit.record("adjust", "stock", level.id, difference=difference)
    await db.session.commit()
    return await reload(movement)


async def transfer(product, source, target, quantity, user):
    """Move pieces between two warehouses: both sides or none."""
    origin = await locked_level(product.id, source.id)
    if origin is None or origin.available < quantity:
        raise InsufficientStock(
            f"{source.code} can't spare {quantity} of {product.sku}.",
            sku=product.sku,
            available=origin.available if origin else 0,
            wanted=quantity,
        )
    destination = await locked_level(product.id, target.id, create=True)
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
    await db.session.commit()
    return await reload(origin), await reload(destination)


async def import_counts(tenant, warehouse, rows, user):
    """Stocktaking from a file: a row that fails is undone alone and reported, the rest stays."""
    await audit.record("import", "stock", warehouse.id, rows=len(rows))
    await db.session.flush()
    done, failed = 0, []
    for number, (sku, counted) in enumerate(rows, start=1):
        try:
            async with db.session.begin_nested():
                await _import_row(await reload(tenant), await reload(warehouse), sku, counted, await reload(user))
        except (ValidationError, IntegrityError, ValueError) as error:
            reason = "not negative" if isinstance(error, IntegrityError) else str(error)
            failed.append({"row": number, "sku": sku, "reason": reason})
        else:
            done += 1
    await db.session.commit()
    return done, failed


async def _import_row(tenant, warehouse, sku, counted, user):
    product = (await db.session.scalars((await bridge(Product.alive)).statement.filter_by(tenant_id=tenant.id, sku=sku))).unique().one_or_none()
    if product is None:
        raise ValidationError({"sku": "unknown"})
    level = await locked_level(product.id, warehouse.id, create=True)
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
    await db.session.flush()


async def low(tenant, limit):
    """Places below their reorder point, the emptiest first."""
    return (
        (await db.session.scalars(
            select(StockLevel).join(StockLevel.warehouse)
            .join(StockLevel.product)
            .options(contains_eager(StockLevel.warehouse), contains_eager(StockLevel.product))
            .where(Warehouse.tenant_id == tenant.id, Product.deleted_at.is_(None))
            .where(StockLevel.available < StockLevel.reorder_point)
            .order_by(StockLevel.available, StockLevel.id)
            .limit(limit)
        )).unique().all()
    )


def movements(tenant, warehouse_id=None, product_id=None, kind=None):
    query = select(StockMovement).join(StockMovement.warehouse).where(
        Warehouse.tenant_id == tenant.id
    )
    if warehouse_id is not None:
        query = query.where(StockMovement.warehouse_id == warehouse_id)
    if product_id is not None:
        query = query.where(StockMovement.product_id == product_id)
    if kind is not None:
        query = query.where(StockMovement.kind == kind)
    return query.order_by(StockMovement.created_at.desc(), StockMovement.id.desc())
