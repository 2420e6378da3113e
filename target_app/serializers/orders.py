"""Orders, lines and events."""

from target_app.models import OrderEvent
from target_app.serializers.catalogue import category_ref, product_ref
from target_app.serializers.customers import address_to_dict, customer_ref
from target_app.serializers.users import user_ref
from target_app.utils import money
from target_app.extensions import db


async def line_to_dict(line):
    product = product_ref(await line.awaitable_attrs.product)
    product["category"] = await category_ref(await (await line.awaitable_attrs.product).awaitable_attrs.category)
    return {
        "id": line.id,
        "position": line.position,
        "product": product,
        "description": line.description,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount": money(line.amount),
    }


async def event_to_dict(event):
    return {
        "kind": event.kind,
        "message": event.message,
        "user": user_ref(await event.awaitable_attrs.user),
        "created_at": event.created_at,
    }


async def order_summary(order):
    return {
        "id": order.id,
        "number": await order.awaitable_attrs.number,
        "status": order.status,
        "customer": customer_ref(await order.awaitable_attrs.customer),
        "customer_reference": order.customer_reference,
        "placed_at": order.placed_at,
        "required_on": order.required_on,
        "lines": len(await order.awaitable_attrs.lines),
        "total": await order.awaitable_attrs.total,
        "version": order.version,
    }


async def order_to_dict(order):
    body = await order_summary(order)
    address = await (await order.awaitable_attrs.customer).awaitable_attrs.default_address
    body.update(
        lines=[await line_to_dict(line) for line in await order.awaitable_attrs.lines],
        subtotal=money(await order.awaitable_attrs.subtotal),
        discount_percent=order.discount_percent,
        notes=order.notes,
        created_by=user_ref(await order.awaitable_attrs.created_by),
        shipped_at=order.shipped_at,
        ship_to=address_to_dict(address) if address is not None else None,
        invoices=[invoice.number for invoice in await order.awaitable_attrs.invoices],
        attachments=[attachment.filename for attachment in (await db.session.scalars(order.attachments.statement)).unique()],
        last_event=await last_event(order),
    )
    return body


async def last_event(order):
    event = await db.session.scalar(order.events.order_by(None).order_by(OrderEvent.id.desc()).limit(1).statement)
    return (await event_to_dict(event)) if event else None
