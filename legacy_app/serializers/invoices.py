"""Invoices and payments."""

from functools import singledispatch

from legacy_app.models import BankTransfer, CardPayment, Payment, VoucherPayment
from legacy_app.serializers.customers import customer_ref


@singledispatch
def payment_details(payment):
    return {}


@payment_details.register(CardPayment)
def card_details(payment):
    return {"brand": payment.brand, "last4": payment.last4}


@payment_details.register(BankTransfer)
def transfer_details(payment):
    return {"iban": payment.iban, "account_holder": payment.account_holder}


@payment_details.register(VoucherPayment)
def voucher_details(payment):
    return {"code": payment.voucher_code}


def payment_to_dict(payment: Payment):
    return {
        "id": payment.id,
        "kind": payment.kind,
        "invoice": payment.invoice.number,
        "amount": payment.amount,
        "status": payment.status,
        "received_at": payment.received_at,
        "reference": payment.reference,
        "description": payment.describe(),
        "details": payment_details(payment),
    }


def invoice_summary(invoice):
    return {
        "id": invoice.id,
        "number": invoice.number,
        "status": invoice.status,
        "customer": customer_ref(invoice.customer),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "gross": invoice.gross,
        "balance": invoice.balance,
        "overdue": invoice.is_overdue,
    }


def invoice_to_dict(invoice):
    body = invoice_summary(invoice)
    body.update(
        order=invoice.order.number if invoice.order is not None else None,
        net=invoice.net,
        tax=invoice.tax,
        tax_rate=invoice.tax_rate,
        reminders=invoice.reminders,
        lines=[
            {"text": line.text, "quantity": line.quantity, "amount": line.amount}
            for line in invoice.lines
        ],
        payments=[payment_to_dict(payment) for payment in invoice.payments],
    )
    return body
