"""Payments of every kind."""

from datetime import UTC

from sqlalchemy.orm import with_polymorphic

from legacy_app.errors import Conflict
from legacy_app.extensions import db
from legacy_app.models import BankTransfer, CardPayment, Invoice, Payment, VoucherPayment
from legacy_app.services import audit

CLASSES = {
    "cash": Payment,
    "card": CardPayment,
    "transfer": BankTransfer,
    "voucher": VoucherPayment,
}


def of_tenant(tenant):
    """All payments with the columns of every kind, in one query."""
    every_kind = with_polymorphic(Payment, "*")
    query = (
        db.session.query(every_kind)
        .join(Invoice, every_kind.invoice_id == Invoice.id)
        .filter(Invoice.tenant_id == tenant.id)
        .order_by(every_kind.id)
    )
    return query, every_kind


def register(invoice, kind, amount, received_at, reference, details):
    if invoice.status not in ("issued", "paid"):
        raise Conflict(f"Invoice {invoice.number} is {invoice.status}.")
    if amount > invoice.balance:
        raise Conflict("That is more than is open.", balance=invoice.balance)
    payment = CLASSES[kind](
        invoice=invoice,
        amount=amount,
        received_at=received_at.astimezone(UTC),
        reference=reference,
        status="settled",
        **details,
    )
    db.session.add(payment)
    if kind == "voucher" and voucher_used(payment):
        db.session.rollback()
        raise Conflict("This voucher was used before.", code=details["voucher_code"])
    settle(invoice)
    db.session.flush()
    audit.record("payment", "invoice", invoice.id, amount=str(amount), kind=kind)
    db.session.commit()
    return payment


def voucher_used(payment):
    with db.session.no_autoflush:
        return (
            VoucherPayment.query.filter_by(voucher_code=payment.voucher_code, status="settled")
            .filter(VoucherPayment.id != payment.id if payment.id else db.true())
            .first()
            is not None
        )


def settle(invoice):
    """Paid when nothing is open any more, issued again after a refund."""
    invoice.status = "paid" if invoice.balance <= 0 else "issued"


def refund(payment, reason):
    if payment.status != "settled":
        raise Conflict(f"This payment is {payment.status}.")
    payment.status = "refunded"
    settle(payment.invoice)
    audit.record("refund", "payment", payment.id, reason=reason)
    db.session.commit()
    return payment


def totals_by_kind(tenant):
    return (
        db.session.query(
            Payment.kind,
            db.func.count().label("payments"),
            db.func.sum(Payment.amount).label("amount"),
            db.func.max(Payment.amount).label("largest"),
        )
        .select_from(Payment)
        .join(Payment.invoice)
        .filter(Invoice.tenant_id == tenant.id, Payment.status == "settled")
        .group_by(Payment.kind)
        .having(db.func.count() > 0)
        .order_by(Payment.kind)
        .all()
    )
