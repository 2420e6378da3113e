"""The life of an order: draft, submitted, shipped or cancelled."""

from decimal import Decimal

from sqlalchemy import select, func, insert, update as update_

from target_app.errors import Conflict, InvalidTransition, ValidationError
from target_app.extensions import db
from target_app.models import Customer, Order, OrderEvent, OrderLine, Product
from target_app.services import audit, listing, pricing, stock
from target_app.utils import decimal_arg, utcnow
from migrator.runtime.compat import g
from migrator.runtime.db import bridge, by_key, reload, reload_first
from sqlalchemy.orm import selectinload


def visible_to(user, tenant):
    """Sales see the tenant's orders; others only what left the draft state."""
    query = Order.for_tenant(tenant)
    if not user.has_role("sales"):
        query = query.where(Order.status != "draft")
    return query


def apply_filters(query, args):
    """Narrow a query down by the arguments of the list's URL."""
    statuses = args.getlist("status")
    if statuses:
        query = query.where(Order.status.in_(statuses))
    customer_id = args.get("customer", type=int)
    if customer_id is not None:
        query = query.filter_by(customer_id=customer_id)
    if args.get("customer_code"):
        query = query.join(Order.customer).where(Customer.code == args["customer_code"].upper())
    if args.get("sku"):
        # One row per matching line: the query drops the duplicates.
        query = query.join(Order.lines).join(OrderLine.product)
        query = query.where(Product.sku == args["sku"])
    if args.get("open"):
        query = query.where(Order.is_open)
    minimum = decimal_arg("min_total")
    if minimum is not None:
        query = query.where(Order.subtotal >= minimum)
    return listing.between_dates(query, Order.placed_at)


async def get(user, tenant, order_id):
    return await db.first_or_404(visible_to(user, tenant).filter_by(id=order_id))


async def lock(tenant, order_id):
    """The order with its row locked until the end of the transaction."""
    return await db.first_or_404(
            select(Order).filter_by(id=order_id, tenant_id=tenant.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )


async def next_sequence(tenant):
    latest = await db.session.scalar(select(func.max(Order.sequence)).where(Order.tenant_id == tenant.id))
    return (latest or 0) + 1


async def create(tenant, user, values, lines):
    customer = await db.session.scalar((await bridge(Customer.alive)).statement.filter_by(id=values["customer_id"], tenant_id=tenant.id).limit(1))
    if customer is None:
        raise ValidationError({"customer_id": "no such customer"})
    order = Order(
        tenant_id=tenant.id,
        sequence=await next_sequence(tenant),
        customer=customer,
        created_by_id=user.id,
        customer_reference=values.get("customer_reference"),
        notes=values.get("notes"),
        required_on=values.get("required_on"),
        discount_percent=values.get("discount_percent") or Decimal("0"),
    )
    db.session.add(order)
    for position, line in enumerate(lines, start=1):
        await _append_line(order, position, line)
    order.log("created", f"{len(await order.awaitable_attrs.lines)} lines", user.id)
    await db.session.flush()
    await audit.record("create", "order", order.id, number=await order.awaitable_attrs.number)
    await db.session.commit()
    return await reload(order)


async def _find_product(tenant_id, line):
    query = (await bridge(Product.alive)).statement.filter_by(tenant_id=tenant_id, is_active=True)
    if line.get("sku"):
        return (await db.session.scalars(query.filter_by(sku=line["sku"]))).unique().one_or_none()
    return (await db.session.scalars(query.filter_by(id=line.get("product_id")))).unique().one_or_none()


async def _append_line(order, position, line):
    product = await _find_product(order.tenant_id, line)
    if product is None:
        raise ValidationError({"lines": f"line {position}: no such product"})
    price = line.get("unit_price")
    if price is None:
        price = await pricing.unit_price(product, line["quantity"])
    (await order.awaitable_attrs.lines).append(
        OrderLine(
            product=product,
            position=position,
            description=line.get("description"),
            quantity=line["quantity"],
            unit_price=price,
        )
    )


async def require_draft(order):
    if order.status != "draft":
        raise InvalidTransition(f"Order {(await order.awaitable_attrs.number)} is {order.status}.", status=order.status)


async def update(order, user, values, version):
    """Change the head of a draft; `version` is what the client has seen."""
    if version != order.version:
        raise Conflict("The order was changed meanwhile.", version=order.version)
    await require_draft(order)
    for name, value in values.items():
        await bridge(setattr, order, name, value)
    if db.session.is_modified(order):
        order.log("changed", ", ".join(sorted(values)), user.id)
    await db.session.commit()
    return await reload(order)


async def add_line(order, user, line):
    await require_draft(order)
    position = max((each.position for each in await order.awaitable_attrs.lines), default=0) + 1
    await _append_line(order, position, line)
    order.log("line added", f"line {position}", user.id)
    order.updated_at = utcnow()
    await db.session.commit()
    return await reload(order)


async def remove_line(order, user, line_id):
    await require_draft(order)
    line = next((each for each in await order.awaitable_attrs.lines if each.id == line_id), None)
    if line is None:
        return False
    (await order.awaitable_attrs.lines).remove(line)
    for position, each in enumerate(await order.awaitable_attrs.lines, start=1):
        each.position = position
    order.log("line removed", f"line {line.position}", user.id)
    await db.session.commit()
    return True


async def check_credit(order):
    customer = await order.awaitable_attrs.customer
    if customer.credit_limit is None:
        return
    if (await customer.awaitable_attrs.outstanding) + (await order.awaitable_attrs.total) > customer.credit_limit:
        raise Conflict(
            "The customer's credit limit would be exceeded.",
            limit=customer.credit_limit,
            outstanding=await customer.awaitable_attrs.outstanding,
        )


async def submit(order, user):
    await require_draft(order)
    if not (await order.awaitable_attrs.lines):
        raise Conflict("An empty order can't be submitted.")
    await check_credit(order)
    for line in await order.awaitable_attrs.lines:
        await stock.reserve(line)
    order.status = "submitted"
    order.placed_at = utcnow()
    order.log("submitted", "", user.id)
    await audit.record("submit", "order", order.id, total=str(await order.awaitable_attrs.total))
    await db.session.commit()
    return await reload(order)


async def cancel(order, user, reason):
    if not order.is_open:
        raise InvalidTransition(f"Order {(await order.awaitable_attrs.number)} is {order.status}.", status=order.status)
    if order.status == "submitted":
        for line in await order.awaitable_attrs.lines:
            await stock.release(line)
    order.status = "cancelled"
    order.log("cancelled", reason, user.id)
    await audit.record("cancel", "order", order.id, reason=reason)
    await db.session.commit()
    return await reload(order)


async def ship(order, user, warehouse):
    if order.status != "submitted":
        raise InvalidTransition(f"Order {(await order.awaitable_attrs.number)} is {order.status}.", status=order.status)
    for line in by_key(sorted, [(((await line.awaitable_attrs.product).sku, line.position), line) for line in await order.awaitable_attrs.lines]):
        await stock.ship(line, warehouse, user)
    order.status = "shipped"
    order.shipped_at = utcnow()
    order.log("shipped", f"from {warehouse.code}", user.id)
    await audit.record("ship", "order", order.id, warehouse=warehouse.code)
    await db.session.commit()
    return await reload(order)


async def copy(order, user):
    """A new draft with the same lines at today's prices; vanished products are left out."""
    lines = [
        {"product_id": line.product_id, "quantity": line.quantity, "description": line.description}
        for line in await order.awaitable_attrs.lines
        if (await line.awaitable_attrs.product).is_active and not (await line.awaitable_attrs.product).is_deleted
    ]
    values = {
        "customer_id": order.customer_id,
        "notes": order.notes,
        "discount_percent": order.discount_percent,
    }
    return await create(await order.awaitable_attrs.tenant, user, values, lines)


async def close_stale_drafts(tenant, before):
    """Cancel the drafts that nobody touched since `before`; two statements, however many."""
    stale = select(Order.id).where(
        Order.tenant_id == tenant.id, Order.status == "draft", Order.updated_at < before
    )
    ids = [order_id for (order_id,) in await db.session.execute(stale.order_by(Order.id))]
    if ids:
        await db.session.execute(update_(Order).where(Order.id.in_(ids)).values({"status": "cancelled", "version": Order.version + 1}), execution_options={"synchronize_session": False})
        await db.session.execute(
            insert(OrderEvent),
            [
                {"order_id": order_id, "kind": "cancelled", "message": "stale draft"}
                for order_id in ids
            ],
        )
        await reload_first(g, audit.record("close_stale", "order", tenant_id=(await reload(tenant)).id, count=len(ids)))
    await db.session.commit()
    return ids


async def events(order, kind=None):
    """The history, written when the team had begun with 2.0-style queries."""
    statement = select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id)
    if kind is not None:
        statement = statement.where(OrderEvent.kind == kind)
    return (await db.session.execute(statement.options(selectinload(OrderEvent.user)))).scalars().all()
