"""Invoices: made from shipped orders, issued, voided, reminded of."""

from datetime import timedelta
from decimal import Decimal

from migrator.runtime.compat import current_app
from sqlalchemy import and_, exists, select, desc, func, not_

from target_app.errors import Conflict, InvalidTransition
from target_app.extensions import db
from target_app.models import Customer, Invoice, InvoiceLine, Order
from target_app.services import audit
from target_app.utils import money, utcnow
from migrator.runtime.db import bridge, reload
from sqlalchemy.orm import selectinload


def find(tenant, status=None, customer_id=None, overdue=None):
    query = select(Invoice).where(Invoice.tenant_id == tenant.id)
    if status:
        query = query.where(Invoice.status == status)
    if customer_id:
        query = query.where(Invoice.customer_id == customer_id)
    if overdue is True:
        query = query.where(Invoice.is_overdue)
    elif overdue is False:
        query = query.where(not_(Invoice.is_overdue))
    return query


async def get(tenant, invoice_id, lock=False):
    query = find(tenant).where(Invoice.id == invoice_id)
    if lock:
        query = query.with_for_update(of=Invoice)
    return await db.first_or_404(query, description="There is no such invoice.")


async def next_number(tenant):
    """The prefix of the tenant and the number after the highest one in use."""
    prefix = await bridge(tenant.setting, "invoice.prefix", "INV")
    last = (
        (await db.session.execute(
            select(Invoice.number)
            .where(Invoice.tenant_id == tenant.id, Invoice.number.like(prefix + "-%"))
            .order_by(Invoice.number.desc())
            .limit(1)
        )).scalar_one_or_none()
    )
    number = int(last.rpartition("-")[2]) if last else 0
    return f"{prefix}-{number + 1:05d}"


async def create_from_order(tenant, order):
    if order.status != "shipped":
        raise InvalidTransition("Only shipped orders are invoiced.", status=order.status)
    billed = exists().where(and_(Invoice.order_id == order.id, Invoice.status != "void"))
    if (await db.session.execute(select(billed))).scalar_one_or_none():
        raise Conflict("The order is invoiced already.")
    tax_rate = Decimal(current_app.config["TAX_RATE"])
    invoice = Invoice(
        tenant=tenant,
        number=await next_number(tenant),
        order=order,
        customer=await order.awaitable_attrs.customer,
        tax_rate=tax_rate,
        net=await order.awaitable_attrs.total,
        tax=money((await order.awaitable_attrs.total) * tax_rate),
        lines=[await invoice_line(line) for line in await order.awaitable_attrs.lines],
    )
    db.session.add(invoice)
    await db.session.flush()
    await audit.record("create", "invoice", invoice.id, number=invoice.number)
    await db.session.commit()
    return await reload(invoice)


async def invoice_line(line):
    text = f"{(await line.awaitable_attrs.product).sku} {line.description or (await line.awaitable_attrs.product).name}"
    return InvoiceLine(text=text, quantity=line.quantity, amount=money(line.amount))


async def issue(invoice, day):
    if invoice.status != "draft":
        raise InvalidTransition(f"Invoice {invoice.number} is {invoice.status}.")
    invoice.status = "issued"
    invoice.issued_on = day
    invoice.due_on = day + timedelta(days=current_app.config["PAYMENT_TERM_DAYS"])
    await audit.record("issue", "invoice", invoice.id)
    await db.session.commit()
    return await reload(invoice)


async def void(invoice, reason):
    if any(payment.status == "settled" for payment in await invoice.awaitable_attrs.payments):
        raise Conflict("Money was received for this invoice.", paid=await invoice.awaitable_attrs.paid)
    invoice.status = "void"
    await audit.record("void", "invoice", invoice.id, reason=reason)
    await db.session.commit()
    return await reload(invoice)


def without_invoice(tenant):
    """Shipped orders that nobody billed yet."""
    billed = select(Invoice.order_id).where(
        Invoice.order_id.isnot(None), Invoice.status != "void"
    )
    return (
        select(Order).where(Order.tenant_id == tenant.id, Order.status == "shipped")
        .where(Order.id.notin_(billed))
        .order_by(Order.id)
    )


async def ageing(tenant):
    """What is open, by how late it is: [(label, number of invoices, amount)]."""
    today = utcnow().date()
    rows = [["not due", 0, Decimal("0.00")], ["1-30", 0, Decimal("0.00")]]
    rows += [["31-90", 0, Decimal("0.00")], ["over 90", 0, Decimal("0.00")]]
    async for invoice in await db.session.stream_scalars(find(tenant, status="issued").order_by(Invoice.id).execution_options(yield_per=50)):
        days = (today - invoice.due_on).days
        row = rows[0 if days <= 0 else 1 if days <= 30 else 2 if days <= 90 else 3]
        row[1] += 1
        row[2] += (await invoice.awaitable_attrs.balance)
    return rows


async def open_by_customer(tenant):
    """(customer, number of issued invoices) for everyone who has one; newer, 2.0-style."""
    statement = (
        select(Customer, func.count(Invoice.id).label("invoices"))
        .join(Invoice, Invoice.customer_id == Customer.id)
        .where(Customer.tenant_id == tenant.id, Invoice.status == "issued")
        .group_by(Customer.id)
        .order_by(desc("invoices"), Customer.id)
    )
    return (await db.session.execute(statement.options(selectinload(Customer.invoices)))).all()
