"""Invoices and what they bill."""

from decimal import Decimal

from sqlalchemy.ext.hybrid import hybrid_property

from target_app.extensions import db
from target_app.models.mixins import TenantMixin, TimestampMixin
from target_app.utils import utcnow
from migrator.runtime.db import unbridged
from sqlalchemy import Column, Date, ForeignKey, Integer, Numeric, String, UniqueConstraint, and_
from sqlalchemy.orm import relationship


class Invoice(TimestampMixin, TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    number = Column(String(20), nullable=False)
    order_id = Column(Integer, ForeignKey("orders.id"), index=True)
    customer_id = Column(Integer, ForeignKey("customer.id"), nullable=False, index=True)
    status = Column(String(20), nullable=False, default="draft")
    issued_on = Column(Date)
    due_on = Column(Date)
    tax_rate = Column(Numeric(5, 4), nullable=False)
    net = Column(Numeric(14, 2), nullable=False)
    tax = Column(Numeric(14, 2), nullable=False)
    reminders = Column(Integer, nullable=False, default=0)

    order = relationship("Order", back_populates="invoices")
    customer = relationship("Customer", back_populates="invoices")
    lines = relationship(
        "InvoiceLine",
        back_populates="invoice",
        cascade="all, delete-orphan",
        order_by="InvoiceLine.id",
    )
    payments = relationship("Payment", back_populates="invoice", order_by="Payment.id")

    __table_args__ = (UniqueConstraint("tenant_id", "number", name="uq_invoice_tenant_number"),)

    @hybrid_property
    def gross(self):
        return self.net + self.tax

    @property
    @unbridged
    async def paid(self):
        return sum(
            (payment.amount for payment in await self.awaitable_attrs.payments if payment.status == "settled"),
            Decimal("0.00"),
        )

    @property
    @unbridged
    async def balance(self):
        return self.gross - (await self.awaitable_attrs.paid)

    @hybrid_property
    def is_overdue(self):
        return self.status == "issued" and self.due_on < utcnow().date()

    @is_overdue.expression
    def is_overdue(cls):
        return and_(cls.status == "issued", cls.due_on < utcnow().date())


class InvoiceLine(db.Model):
    id = Column(Integer, primary_key=True)
    invoice_id = Column(Integer, ForeignKey("invoice.id"), nullable=False, index=True)
    text = Column(String(250), nullable=False)
    quantity = Column(Integer, nullable=False)
    amount = Column(Numeric(14, 2), nullable=False)

    invoice = relationship("Invoice", back_populates="lines")
