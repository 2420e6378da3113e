"""Payments: one table for what all have in common, one for each kind with columns of its own."""

from target_app.extensions import db


class Payment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(20), nullable=False)
    invoice_id = db.Column(db.Integer, db.ForeignKey("invoice.id"), nullable=False, index=True)
    amount = db.Column(db.Numeric(14, 2), nullable=False)
    status = db.Column(db.String(20), nullable=False, default="settled")
    # The bank gives instants with an offset: the one column that keeps it.
    received_at = db.Column(db.DateTime(timezone=True), nullable=False)
    reference = db.Column(db.String(80))
    voucher_code = db.Column(db.String(40))

    invoice = db.relationship("Invoice", back_populates="payments")

    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "cash"}

    async def describe(self):
        return "Cash"


class CardPayment(Payment):
    id = db.Column(db.Integer, db.ForeignKey("payment.id"), primary_key=True)
    brand = db.Column(db.String(20), nullable=False)
    last4 = db.Column(db.String(4), nullable=False)

    __mapper_args__ = {"polymorphic_identity": "card"}

    async def describe(self):
        return f"{(await self.awaitable_attrs.brand)} ending in {(await self.awaitable_attrs.last4)}"


class BankTransfer(Payment):
    id = db.Column(db.Integer, db.ForeignKey("payment.id"), primary_key=True)
    iban = db.Column(db.String(34), nullable=False)
    account_holder = db.Column(db.String(120))

    __mapper_args__ = {"polymorphic_identity": "transfer"}

    async def describe(self):
        return f"Transfer from {(await self.awaitable_attrs.iban)[:4]}…{(await self.awaitable_attrs.iban)[-4:]}"


class VoucherPayment(Payment):
    __mapper_args__ = {"polymorphic_identity": "voucher"}

    async def describe(self):
        return f"Voucher {self.voucher_code}"
