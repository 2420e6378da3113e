"""Invoices and payments."""

from functools import singledispatch

from target_app.models import BankTransfer, CardPayment, Payment, VoucherPayment
from target_app.serializers.customers import customer_ref
from migrator.runtime.db import bridge, call, unbridged


@singledispatch
def payment_details(payment):
    return {}


@payment_details.register(CardPayment)
@unbridged
async def card_details(payment):
    return {"brand": await bridge(getattr, payment, "brand"), "last4": await bridge(getattr, payment, "last4")}


@payment_details.register(BankTransfer)
@unbridged
async def transfer_details(payment):
    return {"iban": await bridge(getattr, payment, "iban"), "account_holder": await bridge(getattr, payment, "account_holder")}


@payment_details.register(VoucherPayment)
def voucher_details(payment):
    return {"code": payment.voucher_code}


async def payment_to_dict(payment: Payment):
    return {
        "id": payment.id,
        "kind": payment.kind,
        "invoice": (await payment.awaitable_attrs.invoice).number,
        "amount": payment.amount,
        "status": payment.status,
        "received_at": payment.received_at,
        "reference": payment.reference,
        "description": await payment.describe(),
        "details": await call(payment_details, payment),
    }


async def invoice_summary(invoice):
    return {
        "id": invoice.id,
        "number": await invoice.awaitable_attrs.number,
        "status": invoice.status,
        "customer": customer_ref(await invoice.awaitable_attrs.customer),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "gross": invoice.gross,
        "balance": await invoice.awaitable_attrs.balance,
        "overdue": invoice.is_overdue,
    }


async def invoice_to_dict(invoice):
    body = await invoice_summary(invoice)
    body.update(
        order=(await (await invoice.awaitable_attrs.order).awaitable_attrs.number) if (await invoice.awaitable_attrs.order) is not None else None,
        net=invoice.net,
        tax=invoice.tax,
        tax_rate=invoice.tax_rate,
        reminders=invoice.reminders,
        lines=[
            {"text": line.text, "quantity": line.quantity, "amount": line.amount}
            for line in await invoice.awaitable_attrs.lines
        ],
        payments=[await payment_to_dict(payment) for payment in await invoice.awaitable_attrs.payments],
    )
    return body
