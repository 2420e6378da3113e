"""Customers: finding, creating, changing, and what they owe."""

from decimal import Decimal

from legacy_app.errors import Conflict, ValidationError
from legacy_app.extensions import db
from legacy_app.models import Address, Customer, Invoice, Order, User
from legacy_app.services import audit, listing

FIELDS = ("code", "name", "email", "vat_number", "credit_limit", "since", "notes")


def find(tenant, term=None, manager_id=None, with_deleted=False):
    """The query behind the list of customers."""
    query = Customer.for_tenant(tenant)
    if not with_deleted:
        query = query.filter(Customer.deleted_at.is_(None))
    if manager_id is not None:
        query = query.filter_by(account_manager_id=manager_id)
    return listing.search(query, term, Customer.name, Customer.code, Customer.email)


def get(tenant, customer_id):
    return (
        Customer.alive()
        .filter_by(id=customer_id, tenant_id=tenant.id)
        .first_or_404(description="There is no such customer.")
    )


def code_taken(tenant, code):
    taken = Customer.query.filter_by(tenant_id=tenant.id, code=code.strip().upper())
    return db.session.query(taken.exists()).scalar()


def _manager(tenant, user_id):
    if user_id is None:
        return None
    manager = User.query.filter_by(id=user_id, tenant_id=tenant.id).one_or_none()
    if manager is None:
        raise ValidationError({"account_manager_id": "no such user"})
    return manager


def create(tenant, values, addresses=()):
    if code_taken(tenant, values["code"]):
        raise Conflict("This customer code is in use.", code=values["code"])
    manager = _manager(tenant, values.pop("account_manager_id", None))
    customer = Customer(tenant_id=tenant.id, account_manager=manager, **values)
    for address in addresses:
        customer.addresses.append(Address(**address))
    db.session.add(customer)
    db.session.flush()
    audit.record("create", "customer", customer.id, code=customer.code)
    db.session.commit()
    return customer


def update(customer, values):
    if "account_manager_id" in values:
        customer.account_manager = _manager(customer.tenant, values.pop("account_manager_id"))
    for name, value in values.items():
        setattr(customer, name, value)
    changed = sorted(column.key for column in db.inspect(customer).attrs if column.history.added)
    # A taken code is left to the unique constraint.
    db.session.flush()
    audit.record("update", "customer", customer.id, changed=changed)
    db.session.commit()
    return customer


def delete(customer):
    if customer.orders.filter(Order.is_open).count():
        raise Conflict("The customer has open orders.", open=customer.open_order_count)
    customer.soft_delete()
    audit.record("delete", "customer", customer.id)
    db.session.commit()


def restore(tenant, customer_id):
    customer = (
        Customer.for_tenant(tenant)
        .filter(Customer.id == customer_id, Customer.is_deleted)
        .first_or_404()
    )
    customer.deleted_at = None
    audit.record("restore", "customer", customer.id)
    db.session.commit()
    return customer


def add_address(customer, values):
    if values.get("is_default"):
        Address.query.filter_by(customer_id=customer.id).update({Address.is_default: False})
    address = Address(customer=customer, **values)
    db.session.add(address)
    db.session.commit()
    return address


def statement(customer):
    """Every invoice and payment in order of their dates, with the running balance."""
    entries = []
    for invoice in customer.invoices:
        if invoice.status in ("draft", "void"):
            continue
        entries.append((invoice.issued_on, 0, invoice.number, "invoice", invoice.gross))
        for payment in invoice.payments:
            if payment.status == "settled":
                day = payment.received_at.date()
                entries.append((day, 1, invoice.number, payment.describe(), -payment.amount))
    balance = Decimal("0.00")
    rows = []
    for day, _, number, text, amount in sorted(entries, key=lambda entry: entry[:4]):
        balance += amount
        rows.append(
            {"date": day, "number": number, "text": text, "amount": amount, "balance": balance}
        )
    return rows


def over_limit(tenant):
    """Customers whose issued invoices exceed their credit limit, worst first."""
    customers = (
        Customer.alive()
        .filter(Customer.tenant_id == tenant.id, Customer.credit_limit.isnot(None))
        .filter(Customer.invoices.any(Invoice.status == "issued"))
        .order_by(Customer.id)
        .all()
    )
    late = [customer for customer in customers if customer.outstanding > customer.credit_limit]
    return sorted(late, key=lambda customer: customer.credit_limit - customer.outstanding)
