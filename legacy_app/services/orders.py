"""The life of an order: draft, submitted, shipped or cancelled."""

from decimal import Decimal

from sqlalchemy import select

from legacy_app.errors import Conflict, InvalidTransition, ValidationError
from legacy_app.extensions import db
from legacy_app.models import Customer, Order, OrderEvent, OrderLine, Product
from legacy_app.services import audit, listing, pricing, stock
from legacy_app.utils import decimal_arg, utcnow


def visible_to(user, tenant):
    """Sales see the tenant's orders; others only what left the draft state."""
    query = Order.for_tenant(tenant)
    if not user.has_role("sales"):
        query = query.filter(Order.status != "draft")
    return query


def apply_filters(query, args):
    """Narrow a query down by the arguments of the list's URL."""
    statuses = args.getlist("status")
    if statuses:
        query = query.filter(Order.status.in_(statuses))
    customer_id = args.get("customer", type=int)
    if customer_id is not None:
        query = query.filter_by(customer_id=customer_id)
    if args.get("customer_code"):
        query = query.join(Order.customer).filter(Customer.code == args["customer_code"].upper())
    if args.get("sku"):
        # One row per matching line: the query drops the duplicates.
        query = query.join(Order.lines).join(OrderLine.product)
        query = query.filter(Product.sku == args["sku"])
    if args.get("open"):
        query = query.filter(Order.is_open)
    minimum = decimal_arg("min_total")
    if minimum is not None:
        query = query.filter(Order.subtotal >= minimum)
    return listing.between_dates(query, Order.placed_at)


def get(user, tenant, order_id):
    return visible_to(user, tenant).filter_by(id=order_id).first_or_404()


def lock(tenant, order_id):
    """The order with its row locked until the end of the transaction."""
    return (
        Order.query.filter_by(id=order_id, tenant_id=tenant.id)
        .with_for_update()
        .populate_existing()
        .first_or_404()
    )


def next_sequence(tenant):
    latest = (
        db.session.query(db.func.max(Order.sequence)).filter(Order.tenant_id == tenant.id).scalar()
    )
    return (latest or 0) + 1


def create(tenant, user, values, lines):
    customer = Customer.alive().filter_by(id=values["customer_id"], tenant_id=tenant.id).first()
    if customer is None:
        raise ValidationError({"customer_id": "no such customer"})
    order = Order(
        tenant_id=tenant.id,
        sequence=next_sequence(tenant),
        customer=customer,
        created_by_id=user.id,
        customer_reference=values.get("customer_reference"),
        notes=values.get("notes"),
        required_on=values.get("required_on"),
        discount_percent=values.get("discount_percent") or Decimal("0"),
    )
    db.session.add(order)
    for position, line in enumerate(lines, start=1):
        _append_line(order, position, line)
    order.log("created", f"{len(order.lines)} lines", user.id)
    db.session.flush()
    audit.record("create", "order", order.id, number=order.number)
    db.session.commit()
    return order


def _find_product(tenant_id, line):
    query = Product.alive().filter_by(tenant_id=tenant_id, is_active=True)
    if line.get("sku"):
        return query.filter_by(sku=line["sku"]).one_or_none()
    return query.filter_by(id=line.get("product_id")).one_or_none()


def _append_line(order, position, line):
    product = _find_product(order.tenant_id, line)
    if product is None:
        raise ValidationError({"lines": f"line {position}: no such product"})
    price = line.get("unit_price")
    if price is None:
        price = pricing.unit_price(product, line["quantity"])
    order.lines.append(
        OrderLine(
            product=product,
            position=position,
            description=line.get("description"),
            quantity=line["quantity"],
            unit_price=price,
        )
    )


def require_draft(order):
    if order.status != "draft":
        raise InvalidTransition(f"Order {order.number} is {order.status}.", status=order.status)


def update(order, user, values, version):
    """Change the head of a draft; `version` is what the client has seen."""
    if version != order.version:
        raise Conflict("The order was changed meanwhile.", version=order.version)
    require_draft(order)
    for name, value in values.items():
        setattr(order, name, value)
    if db.session.is_modified(order):
        order.log("changed", ", ".join(sorted(values)), user.id)
    db.session.commit()
    return order


def add_line(order, user, line):
    require_draft(order)
    position = max((each.position for each in order.lines), default=0) + 1
    _append_line(order, position, line)
    order.log("line added", f"line {position}", user.id)
    order.updated_at = utcnow()
    db.session.commit()
    return order


def remove_line(order, user, line_id):
    require_draft(order)
    line = next((each for each in order.lines if each.id == line_id), None)
    if line is None:
        return False
    order.lines.remove(line)
    for position, each in enumerate(order.lines, start=1):
        each.position = position
    order.log("line removed", f"line {line.position}", user.id)
    db.session.commit()
    return True


def check_credit(order):
    customer = order.customer
    if customer.credit_limit is None:
        return
    if customer.outstanding + order.total > customer.credit_limit:
        raise Conflict(
            "The customer's credit limit would be exceeded.",
            limit=customer.credit_limit,
            outstanding=customer.outstanding,
        )


def submit(order, user):
    require_draft(order)
    if not order.lines:
        raise Conflict("An empty order can't be submitted.")
    check_credit(order)
    for line in order.lines:
        stock.reserve(line)
    order.status = "submitted"
    order.placed_at = utcnow()
    order.log("submitted", "", user.id)
    audit.record("submit", "order", order.id, total=str(order.total))
    db.session.commit()
    return order


def cancel(order, user, reason):
    if not order.is_open:
        raise InvalidTransition(f"Order {order.number} is {order.status}.", status=order.status)
    if order.status == "submitted":
        for line in order.lines:
            stock.release(line)
    order.status = "cancelled"
    order.log("cancelled", reason, user.id)
    audit.record("cancel", "order", order.id, reason=reason)
    db.session.commit()
    return order


def ship(order, user, warehouse):
    if order.status != "submitted":
        raise InvalidTransition(f"Order {order.number} is {order.status}.", status=order.status)
    for line in sorted(order.lines, key=lambda line: (line.product.sku, line.position)):
        stock.ship(line, warehouse, user)
    order.status = "shipped"
    order.shipped_at = utcnow()
    order.log("shipped", f"from {warehouse.code}", user.id)
    audit.record("ship", "order", order.id, warehouse=warehouse.code)
    db.session.commit()
    return order


def copy(order, user):
    """A new draft with the same lines at today's prices; vanished products are left out."""
    lines = [
        {"product_id": line.product_id, "quantity": line.quantity, "description": line.description}
        for line in order.lines
        if line.product.is_active and not line.product.is_deleted
    ]
    values = {
        "customer_id": order.customer_id,
        "notes": order.notes,
        "discount_percent": order.discount_percent,
    }
    return create(order.tenant, user, values, lines)


def close_stale_drafts(tenant, before):
    """Cancel the drafts that nobody touched since `before`; two statements, however many."""
    stale = db.session.query(Order.id).filter(
        Order.tenant_id == tenant.id, Order.status == "draft", Order.updated_at < before
    )
    ids = [order_id for (order_id,) in stale.order_by(Order.id)]
    if ids:
        Order.query.filter(Order.id.in_(ids)).update(
            {"status": "cancelled", "version": Order.version + 1}, synchronize_session=False
        )
        db.session.execute(
            db.insert(OrderEvent),
            [
                {"order_id": order_id, "kind": "cancelled", "message": "stale draft"}
                for order_id in ids
            ],
        )
        audit.record("close_stale", "order", tenant_id=tenant.id, count=len(ids))
    db.session.commit()
    return ids


def events(order, kind=None):
    """The history, written when the team had begun with 2.0-style queries."""
    statement = select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id)
    if kind is not None:
        statement = statement.where(OrderEvent.kind == kind)
    return db.session.execute(statement).scalars().all()
