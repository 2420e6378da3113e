"""Customers: finding, creating, changing, and what they owe."""

from decimal import Decimal

from target_app.errors import Conflict, ValidationError
from target_app.extensions import db
from target_app.models import Address, Customer, Invoice, Order, User
from target_app.services import audit, listing
from migrator.runtime.db import bridge, by_key, reload
from sqlalchemy import func, inspect, select, update as update_
from sqlalchemy.orm import selectinload

FIELDS = ("code", "name", "email", "vat_number", "credit_limit", "since", "notes")


def find(tenant, term=None, manager_id=None, with_deleted=False):
    """The query behind the list of customers."""
    query = Customer.for_tenant(tenant)
    if not with_deleted:
        query = query.where(Customer.deleted_at.is_(None))
    if manager_id is not None:
        query = query.filter_by(account_manager_id=manager_id)
    return listing.search(query, term, Customer.name, Customer.code, Customer.email)


async def get(tenant, customer_id):
    return await db.first_or_404(
            (await bridge(Customer.alive)).statement
            .filter_by(id=customer_id, tenant_id=tenant.id),
            description="There is no such customer."
        )


async def code_taken(tenant, code):
    taken = select(Customer).filter_by(tenant_id=tenant.id, code=code.strip().upper())
    return (await db.session.execute(select(taken.exists()))).scalar_one_or_none()


async def _manager(tenant, user_id):
    if user_id is None:
        return None
    manager = (await db.session.scalars(select(User).filter_by(id=user_id, tenant_id=tenant.id))).unique().one_or_none()
    if manager is None:
        raise ValidationError({"account_manager_id": "no such user"})
    return manager


async def create(tenant, values, addresses=()):
    if await code_taken(tenant, values["code"]):
        raise Conflict("This customer code is in use.", code=values["code"])
    manager = await _manager(tenant, values.pop("account_manager_id", None))
    customer = Customer(tenant_id=tenant.id, account_manager=manager, **values)
    for address in addresses:
        customer.addresses.append(Address(**address))
    db.session.add(customer)
    await db.session.flush()
    await audit.record("create", "customer", customer.id, code=customer.code)
    await db.session.commit()
    return await reload(customer)


async def update(customer, values):
    if "account_manager_id" in values:
        customer.account_manager = await _manager(await customer.awaitable_attrs.tenant, values.pop("account_manager_id"))
    for name, value in values.items():
        await bridge(setattr, customer, name, value)
    changed = sorted(column.key for column in inspect(customer).attrs if column.history.added)
    # A taken code is left to the unique constraint.
    await db.session.flush()
    await audit.record("update", "customer", customer.id, changed=changed)
    await db.session.commit()
    return await reload(customer)


async def delete(customer):
    if await db.session.scalar(select(func.count()).select_from(customer.orders.filter(Order.is_open).subquery())):
        raise Conflict("The customer has open orders.", open=await customer.awaitable_attrs.open_order_count)
    customer.soft_delete()
    await audit.record("delete", "customer", customer.id)
    await db.session.commit()


async def restore(tenant, customer_id):
    customer = await db.first_or_404(
            Customer.for_tenant(tenant)
            .where(Customer.id == customer_id, Customer.is_deleted)
        )
    customer.deleted_at = None
    await audit.record("restore", "customer", customer.id)
    await db.session.commit()
    return await reload(customer)


async def add_address(customer, values):
    if values.get("is_default"):
        await db.session.execute(update_(Address).filter_by(customer_id=customer.id).values({Address.is_default: False}))
    address = Address(customer=await reload(customer), **values)
    db.session.add(address)
    await db.session.commit()
    return await reload(address)


async def statement(customer):
    """Every invoice and payment in order of their dates, with the running balance."""
    entries = []
    for invoice in await customer.awaitable_attrs.invoices:
        if invoice.status in ("draft", "void"):
            continue
        entries.append((invoice.issued_on, 0, invoice.number, "invoice", invoice.gross))
        for payment in await invoice.awaitable_attrs.payments:
            if payment.status == "settled":
                day = payment.received_at.date()
                entries.append((day, 1, invoice.number, await payment.describe(), -payment.amount))
    balance = Decimal("0.00")
    rows = []
    for day, _, number, text, amount in sorted(entries, key=lambda entry: entry[:4]):
        balance += amount
        rows.append(
            {"date": day, "number": number, "text": text, "amount": amount, "balance": balance}
        )
    return rows


async def over_limit(tenant):
    """Customers whose issued invoices exceed their credit limit, worst first."""
    customers = (
        (await db.session.scalars(
            (await bridge(Customer.alive)).statement
            .where(Customer.tenant_id == tenant.id, Customer.credit_limit.isnot(None))
            .where(Customer.invoices.any(Invoice.status == "issued"))
            .order_by(Customer.id)
            .options(selectinload(Customer.invoices))
        )).unique().all()
    )
    late = [customer for customer in customers if (await customer.awaitable_attrs.outstanding) > customer.credit_limit]
    return by_key(sorted, [(customer.credit_limit - (await customer.awaitable_attrs.outstanding), customer) for customer in late])
