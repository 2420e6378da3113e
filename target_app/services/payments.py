"""Payments of every kind."""

from datetime import UTC

from sqlalchemy.orm import with_polymorphic

from target_app.errors import Conflict
from target_app.extensions import db
from target_app.models import BankTransfer, CardPayment, Invoice, Payment, VoucherPayment
from target_app.services import audit
from migrator.runtime.db import reload
from sqlalchemy import func, select, true

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
        select(every_kind)
        .join(Invoice, every_kind.invoice_id == Invoice.id)
        .where(Invoice.tenant_id == tenant.id)
        .order_by(every_kind.id)
    )
    return query, every_kind


async def register(invoice, kind, amount, received_at, reference, details):
    if invoice.status not in ("issued", "paid"):
        raise Conflict(f"Invoice {invoice.number} is {invoice.status}.")
    if amount > (await invoice.awaitable_attrs.balance):
        raise Conflict("That is more than is open.", balance=await invoice.awaitable_attrs.balance)
    payment = CLASSES[kind](
        invoice=invoice,
        amount=amount,
        received_at=received_at.astimezone(UTC),
        reference=reference,
        status="settled",
        **details,
    )
    db.session.add(payment)
    if kind == "voucher" and (await voucher_used(payment)):
        await db.session.rollback()
        raise Conflict("This voucher was used before.", code=details["voucher_code"])
    await settle(invoice)
    await db.session.flush()
    await audit.record("payment", "invoice", invoice.id, amount=str(amount), kind=kind)
    await db.session.commit()
    return await reload(payment)


async def voucher_used(payment):
    with db.session.no_autoflush:
        return (
            (await db.session.scalar(
                select(VoucherPayment).filter_by(voucher_code=payment.voucher_code, status="settled")
                .where(VoucherPayment.id != payment.id if payment.id else true())
                .limit(1)
            ))
            is not None
        )


async def settle(invoice):
    """Paid when nothing is open any more, issued again after a refund."""
    invoice.status = "paid" if (await invoice.awaitable_attrs.balance) <= 0 else "issued"


async def refund(payment, reason):
    if payment.status != "settled":
        raise Conflict(f"This payment is {payment.status}.")
    payment.status = "refunded"
    await settle(await payment.awaitable_attrs.invoice)
    await audit.record("refund", "payment", payment.id, reason=reason)
    await db.session.commit()
    return await reload(payment)


async def totals_by_kind(tenant):
    return (
        (await db.session.execute(
            select(
                Payment.kind,
                func.count().label("payments"),
                func.sum(Payment.amount).label("amount"),
                func.max(Payment.amount).label("largest"),
            )
            .select_from(Payment)
            .join(Payment.invoice)
            .where(Invoice.tenant_id == tenant.id, Payment.status == "settled")
            .group_by(Payment.kind)
            .having(func.count() > 0)
            .order_by(Payment.kind)
        )).all()
    )
