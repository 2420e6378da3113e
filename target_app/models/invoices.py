"""Invoices and what they bill."""

from decimal import Decimal

from sqlalchemy.ext.hybrid import hybrid_property

from target_app.extensions import db
from target_app.models.mixins import TenantMixin, TimestampMixin
from target_app.utils import utcnow
from migrator.runtime.db import unbridged


class Invoice(TimestampMixin, TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20), nullable=False)
    order_id = db.Column(db.Integer, db.ForeignKey("orders.id"), index=True)
    customer_id = db.Column(db.Integer, db.ForeignKey("customer.id"), nullable=False, index=True)
    status = db.Column(db.String(20), nullable=False, default="draft")
    issued_on = db.Column(db.Date)
    due_on = db.Column(db.Date)
    tax_rate = db.Column(db.Numeric(5, 4), nullable=False)
    net = db.Column(db.Numeric(14, 2), nullable=False)
    tax = db.Column(db.Numeric(14, 2), nullable=False)
    reminders = db.Column(db.Integer, nullable=False, default=0)

    order = db.relationship("Order", back_populates="invoices")
    customer = db.relationship("Customer", back_populates="invoices")
    lines = db.relationship(
        "InvoiceLine",
        back_populates="invoice",
        cascade="all, delete-orphan",
        order_by="InvoiceLine.id",
    )
    payments = db.relationship("Payment", back_populates="invoice", order_by="Payment.id")

    __table_args__ = (db.UniqueConstraint("tenant_id", "number", name="uq_invoice_tenant_number"),)

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
        return db.and_(cls.status == "issued", cls.due_on < utcnow().date())


class InvoiceLine(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    invoice_id = db.Column(db.Integer, db.ForeignKey("invoice.id"), nullable=False, index=True)
    text = db.Column(db.String(250), nullable=False)
    quantity = db.Column(db.Integer, nullable=False)
    amount = db.Column(db.Numeric(14, 2), nullable=False)

    invoice = db.relationship("Invoice", back_populates="lines")
