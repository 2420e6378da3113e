"""Orders, lines and events."""

from legacy_app.models import OrderEvent
from legacy_app.serializers.catalogue import category_ref, product_ref
from legacy_app.serializers.customers import address_to_dict, customer_ref
from legacy_app.serializers.users import user_ref
from legacy_app.utils import money


def line_to_dict(line):
    product = product_ref(line.product)
    product["category"] = category_ref(line.product.category)
    return {
        "id": line.id,
        "position": line.position,
        "product": product,
        "description": line.description,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount": money(line.amount),
    }


def event_to_dict(event):
    return {
        "kind": event.kind,
        "message": event.message,
        "user": user_ref(event.user),
        "created_at": event.created_at,
    }


def order_summary(order):
    return {
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "customer": customer_ref(order.customer),
        "customer_reference": order.customer_reference,
        "placed_at": order.placed_at,
        "required_on": order.required_on,
        "lines": len(order.lines),
        "total": order.total,
        "version": order.version,
    }


def order_to_dict(order):
    body = order_summary(order)
    address = order.customer.default_address
    body.update(
        lines=[line_to_dict(line) for line in order.lines],
        subtotal=money(order.subtotal),
        discount_percent=order.discount_percent,
        notes=order.notes,
        created_by=user_ref(order.created_by),
        shipped_at=order.shipped_at,
        ship_to=address_to_dict(address) if address is not None else None,
        invoices=[invoice.number for invoice in order.invoices],
        attachments=[attachment.filename for attachment in order.attachments],
        last_event=last_event(order),
    )
    return body


def last_event(order):
    event = order.events.order_by(None).order_by(OrderEvent.id.desc()).first()
    return event_to_dict(event) if event else None
