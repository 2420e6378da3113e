"""Invoices: made from shipped orders, issued, voided, reminded of."""

from datetime import timedelta
from decimal import Decimal

from flask import current_app
from sqlalchemy import and_, exists, select

from legacy_app.errors import Conflict, InvalidTransition
from legacy_app.extensions import db
from legacy_app.models import Customer, Invoice, InvoiceLine, Order
from legacy_app.services import audit
from legacy_app.utils import money, utcnow


def find(tenant, status=None, customer_id=None, overdue=None):
    query = Invoice.query.filter(Invoice.tenant_id == tenant.id)
    if status:
        query = query.filter(Invoice.status == status)
    if customer_id:
        query = query.filter(Invoice.customer_id == customer_id)
    if overdue is True:
        query = query.filter(Invoice.is_overdue)
    elif overdue is False:
        query = query.filter(db.not_(Invoice.is_overdue))
    return query


def get(tenant, invoice_id, lock=False):
    query = find(tenant).filter(Invoice.id == invoice_id)
    if lock:
        query = query.with_for_update(of=Invoice)
    return query.first_or_404(description="There is no such invoice.")


def next_number(tenant):
    """The prefix of the tenant and the number after the highest one in use."""
    prefix = tenant.setting("invoice.prefix", "INV")
    last = (
        db.session.query(Invoice.number)
        .filter(Invoice.tenant_id == tenant.id, Invoice.number.like(prefix + "-%"))
        .order_by(Invoice.number.desc())
        .limit(1)
        .scalar()
    )
    number = int(last.rpartition("-")[2]) if last else 0
    return f"{prefix}-{number + 1:05d}"


def create_from_order(tenant, order):
    if order.status != "shipped":
        raise InvalidTransition("Only shipped orders are invoiced.", status=order.status)
    billed = exists().where(and_(Invoice.order_id == order.id, Invoice.status != "void"))
    if db.session.query(billed).scalar():
        raise Conflict("The order is invoiced already.")
    tax_rate = Decimal(current_app.config["TAX_RATE"])
    invoice = Invoice(
        tenant=tenant,
        number=next_number(tenant),
        order=order,
        customer=order.customer,
        tax_rate=tax_rate,
        net=order.total,
        tax=money(order.total * tax_rate),
        lines=[invoice_line(line) for line in order.lines],
    )
    db.session.add(invoice)
    db.session.flush()
    audit.record("create", "invoice", invoice.id, number=invoice.number)
    db.session.commit()
    return invoice


def invoice_line(line):
    text = f"{line.product.sku} {line.description or line.product.name}"
    return InvoiceLine(text=text, quantity=line.quantity, amount=money(line.amount))


def issue(invoice, day):
    if invoice.status != "draft":
        raise InvalidTransition(f"Invoice {invoice.number} is {invoice.status}.")
    invoice.status = "issued"
    invoice.issued_on = day
    invoice.due_on = day + timedelta(days=current_app.config["PAYMENT_TERM_DAYS"])
    audit.record("issue", "invoice", invoice.id)
    db.session.commit()
    return invoice


def void(invoice, reason):
    if any(payment.status == "settled" for payment in invoice.payments):
        raise Conflict("Money was received for this invoice.", paid=invoice.paid)
    invoice.status = "void"
    audit.record("void", "invoice", invoice.id, reason=reason)
    db.session.commit()
    return invoice


def without_invoice(tenant):
    """Shipped orders that nobody billed yet."""
    billed = db.session.query(Invoice.order_id).filter(
        Invoice.order_id.isnot(None), Invoice.status != "void"
    )
    return (
        Order.query.filter(Order.tenant_id == tenant.id, Order.status == "shipped")
        .filter(Order.id.notin_(billed))
        .order_by(Order.id)
    )


def ageing(tenant):
    """What is open, by how late it is: [(label, number of invoices, amount)]."""
    today = utcnow().date()
    rows = [["not due", 0, Decimal("0.00")], ["1-30", 0, Decimal("0.00")]]
    rows += [["31-90", 0, Decimal("0.00")], ["over 90", 0, Decimal("0.00")]]
    for invoice in find(tenant, status="issued").order_by(Invoice.id).yield_per(50):
        days = (today - invoice.due_on).days
        row = rows[0 if days <= 0 else 1 if days <= 30 else 2 if days <= 90 else 3]
        row[1] += 1
        row[2] += invoice.balance
    return rows


def open_by_customer(tenant):
    """(customer, number of issued invoices) for everyone who has one; newer, 2.0-style."""
    statement = (
        select(Customer, db.func.count(Invoice.id).label("invoices"))
        .join(Invoice, Invoice.customer_id == Customer.id)
        .where(Customer.tenant_id == tenant.id, Invoice.status == "issued")
        .group_by(Customer.id)
        .order_by(db.desc("invoices"), Customer.id)
    )
    return db.session.execute(statement).all()
