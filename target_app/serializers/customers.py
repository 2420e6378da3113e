"""Customers and addresses."""

from target_app.serializers.users import user_ref
from target_app.utils import money
from migrator.runtime.db import bridge


def address_to_dict(address):
    return {
        "id": address.id,
        "kind": address.kind,
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "postcode": address.postcode,
        "country": address.country,
        "is_default": address.is_default,
    }


def customer_ref(customer):
    return {"id": customer.id, "code": customer.code, "name": customer.name}


class CustomerSerializer:
    """`CustomerSerializer(detail=True).dump(customer)`; the detail costs queries of its own."""

    def __init__(self, detail=False):
        self.detail = detail

    async def dump(self, customer):
        body = customer_ref(customer)
        body["email"] = customer.email
        body["account_manager"] = user_ref(await bridge(getattr, customer, "account_manager"))
        body["deleted"] = customer.is_deleted
        if self.detail:
            body.update(await self._detail(customer))
        return body

    async def dump_many(self, customers):
        return [await self.dump(customer) for customer in customers]

    async def _detail(self, customer):
        address = await bridge(getattr, customer, "default_address")
        return {
            "label": customer.label,
            "vat_number": customer.vat_number,
            "credit_limit": customer.credit_limit,
            "since": customer.since,
            "notes": customer.notes,
            "created_at": customer.created_at,
            "updated_at": customer.updated_at,
            "addresses": [address_to_dict(address) for address in await bridge(getattr, customer, "addresses")],
            "default_address": address.one_line if address else None,
            "outstanding": money(await bridge(getattr, customer, "outstanding")),
            "open_orders": await bridge(getattr, customer, "open_order_count"),
        }
