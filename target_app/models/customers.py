"""Customers (companies that buy) and their addresses."""

from decimal import Decimal

from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import validates

from target_app.extensions import db
from target_app.models.mixins import SoftDeleteMixin, TenantMixin, TimestampMixin
from migrator.runtime.db import unbridged
from sqlalchemy import func, select


class Customer(TimestampMixin, SoftDeleteMixin, TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    code = db.Column(db.String(20), nullable=False)
    name = db.Column(db.String(200), nullable=False)
    email = db.Column(db.String(120))
    vat_number = db.Column(db.String(30))
    credit_limit = db.Column(db.Numeric(14, 2))
    since = db.Column(db.Date)
    notes = db.Column(db.Text)
    account_manager_id = db.Column(db.Integer, db.ForeignKey("users.id"))

    account_manager = db.relationship("User")
    addresses = db.relationship(
        "Address",
        back_populates="customer",
        cascade="all, delete-orphan",
        order_by="Address.id",
    )
    orders = db.relationship(
        "Order", back_populates="customer", lazy="dynamic", order_by="Order.id.desc()"
    )
    invoices = db.relationship("Invoice", back_populates="customer", order_by="Invoice.id")

    __table_args__ = (db.UniqueConstraint("tenant_id", "code", name="uq_customer_tenant_code"),)

    @hybrid_property
    def label(self):
        return self.code + " " + self.name

    @validates("code")
    def upper_code(self, key, value):
        return value.strip().upper()

    @property
    @unbridged
    async def default_address(self):
        """The address marked as default, else the first one, else None."""
        for address in await self.awaitable_attrs.addresses:
            if address.is_default:
                return address
        return (await self.awaitable_attrs.addresses)[0] if (await self.awaitable_attrs.addresses) else None

    @property
    @unbridged
    async def outstanding(self):
        """What the customer still has to pay, over all issued invoices."""
        return sum(
            [await invoice.awaitable_attrs.balance for invoice in await self.awaitable_attrs.invoices if invoice.status == "issued"],
            Decimal("0.00"),
        )

    @property
    @unbridged
    async def open_order_count(self):
        return await db.session.scalar(select(func.count()).select_from(self.orders.filter_by(status="submitted").subquery()))


class Address(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.Integer, db.ForeignKey("customer.id"), nullable=False, index=True)
    kind = db.Column(db.String(20), nullable=False, default="delivery")
    line1 = db.Column(db.String(200), nullable=False)
    line2 = db.Column(db.String(200))
    city = db.Column(db.String(100), nullable=False)
    postcode = db.Column(db.String(20), nullable=False)
    country = db.Column(db.String(2), nullable=False)
    is_default = db.Column(db.Boolean, nullable=False, default=False)

    customer = db.relationship("Customer", back_populates="addresses")

    @property
    def one_line(self):
        parts = [self.line1, self.line2, f"{self.postcode} {self.city}", self.country]
        return ", ".join(part for part in parts if part)
