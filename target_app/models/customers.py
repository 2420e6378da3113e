"""Customers (companies that buy) and their addresses."""

from decimal import Decimal

from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import validates, relationship

from target_app.extensions import db
from target_app.models.mixins import SoftDeleteMixin, TenantMixin, TimestampMixin
from migrator.runtime.db import unbridged
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
)


class Customer(TimestampMixin, SoftDeleteMixin, TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    code = Column(String(20), nullable=False)
    name = Column(String(200), nullable=False)
    email = Column(String(120))
    vat_number = Column(String(30))
    credit_limit = Column(Numeric(14, 2))
    since = Column(Date)
    notes = Column(Text)
    account_manager_id = Column(Integer, ForeignKey("users.id"))

    account_manager = relationship("User")
    addresses = relationship(
        "Address",
        back_populates="customer",
        cascade="all, delete-orphan",
        order_by="Address.id",
    )
    orders = db.relationship(
        "Order", back_populates="customer", lazy="dynamic", order_by="Order.id.desc()"
    )
    invoices = relationship("Invoice", back_populates="customer", order_by="Invoice.id")

    __table_args__ = (UniqueConstraint("tenant_id", "code", name="uq_customer_tenant_code"),)

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
    id = Column(Integer, primary_key=True)
    customer_id = Column(Integer, ForeignKey("customer.id"), nullable=False, index=True)
    kind = Column(String(20), nullable=False, default="delivery")
    line1 = Column(String(200), nullable=False)
    line2 = Column(String(200))
    city = Column(String(100), nullable=False)
    postcode = Column(String(20), nullable=False)
    country = Column(String(2), nullable=False)
    is_default = Column(Boolean, nullable=False, default=False)

    customer = relationship("Customer", back_populates="addresses")

    @property
    def one_line(self):
        parts = [self.line1, self.line2, f"{self.postcode} {self.city}", self.country]
        return ", ".join(part for part in parts if part)
