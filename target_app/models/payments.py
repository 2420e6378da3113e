"""Payments: one table for what all have in common, one for each kind with columns of its own."""

from target_app.extensions import db
from sqlalchemy import Column, DateTime, ForeignKey, Integer, Numeric, String
from sqlalchemy.orm import relationship


class Payment(db.Model):
    id = Column(Integer, primary_key=True)
    kind = Column(String(20), nullable=False)
    invoice_id = Column(Integer, ForeignKey("invoice.id"), nullable=False, index=True)
    amount = Column(Numeric(14, 2), nullable=False)
    status = Column(String(20), nullable=False, default="settled")
    # The bank gives instants with an offset: the one column that keeps it.
    received_at = Column(DateTime(timezone=True), nullable=False)
    reference = Column(String(80))
    voucher_code = Column(String(40))

    invoice = relationship("Invoice", back_populates="payments")

    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "cash"}

    async def describe(self):
        return "Cash"


class CardPayment(Payment):
    id = Column(Integer, ForeignKey("payment.id"), primary_key=True)
    brand = Column(String(20), nullable=False)
    last4 = Column(String(4), nullable=False)

    __mapper_args__ = {"polymorphic_identity": "card"}

    async def describe(self):
        return f"{(await self.awaitable_attrs.brand)} ending in {(await self.awaitable_attrs.last4)}"


class BankTransfer(Payment):
    id = Column(Integer, ForeignKey("payment.id"), primary_key=True)
    iban = Column(String(34), nullable=False)
    account_holder = Column(String(120))

    __mapper_args__ = {"polymorphic_identity": "transfer"}

    async def describe(self):
        return f"Transfer from {(await self.awaitable_attrs.iban)[:4]}…{(await self.awaitable_attrs.iban)[-4:]}"


class VoucherPayment(Payment):
    __mapper_args__ = {"polymorphic_identity": "voucher"}

    async def describe(self):
        return f"Voucher {self.voucher_code}"
