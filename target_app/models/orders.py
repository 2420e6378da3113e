"""Orders, their lines and the history of what happened to them."""

from decimal import Decimal

from sqlalchemy.ext.hybrid import hybrid_property

from target_app.extensions import db
from target_app.models.mixins import TenantMixin, TimestampMixin
from target_app.utils import money, utcnow
from migrator.runtime.db import any_of, unbridged
from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import relationship

OPEN_STATUSES = ("draft", "submitted")


class Order(TimestampMixin, TenantMixin, db.Model):
    __tablename__ = "orders"

    id = Column(Integer, primary_key=True)
    sequence = Column(Integer, nullable=False)
    customer_id = Column(Integer, ForeignKey("customer.id"), nullable=False, index=True)
    created_by_id = Column(Integer, ForeignKey("users.id"))
    status = Column(String(20), nullable=False, default="draft", index=True)
    customer_reference = Column(String(80))
    notes = Column(Text)
    discount_percent = Column(Numeric(5, 2), nullable=False, default=0)
    placed_at = Column(DateTime)
    shipped_at = Column(DateTime)
    required_on = Column(Date)
    version = Column(Integer, nullable=False)

    customer = relationship("Customer", back_populates="orders")
    created_by = relationship("User")
    lines = relationship(
        "OrderLine",
        back_populates="order",
        cascade="all, delete-orphan",
        order_by="OrderLine.position",
    )
    events = db.relationship(
        "OrderEvent",
        back_populates="order",
        lazy="dynamic",
        cascade="all, delete-orphan",
        order_by="OrderEvent.id",
    )
    invoices = relationship("Invoice", back_populates="order", order_by="Invoice.id")
    attachments = db.relationship(
        "Attachment", back_populates="order", lazy="dynamic", order_by="Attachment.id"
    )

    __table_args__ = (
        UniqueConstraint("tenant_id", "sequence", name="uq_orders_tenant_sequence"),
        UniqueConstraint("customer_id", "customer_reference", name="uq_orders_reference"),
    )
    __mapper_args__ = {"version_id_col": version}

    @property
    @unbridged
    async def number(self):
        return f"SO-{(await self.awaitable_attrs.sequence):06d}"

    @hybrid_property
    def is_open(self):
        return self.status in OPEN_STATUSES

    @is_open.expression
    def is_open(cls):
        return cls.status.in_(OPEN_STATUSES)

    @hybrid_property
    def subtotal(self):
        return sum((line.amount for line in self.lines), Decimal("0"))

    @subtotal.expression
    def subtotal(cls):
        return (
            select(func.coalesce(func.sum(OrderLine.amount), 0))
            .where(OrderLine.order_id == cls.id)
            .correlate_except(OrderLine)
            .scalar_subquery()
        )

    @property
    @unbridged
    async def total(self):
        """The subtotal less the order's discount, in cents."""
        factor = (Decimal(100) - (await self.awaitable_attrs.discount_percent)) / Decimal(100)
        return money((await self.awaitable_attrs.subtotal) * factor)

    @property
    @unbridged
    async def is_backordered(self):
        """True when a line asks for more than all warehouses have free."""
        return await any_of(line.quantity > (await (await line.awaitable_attrs.product).awaitable_attrs.available) for line in await self.awaitable_attrs.lines)

    def log(self, kind, message, user_id=None):
        self.events.append(OrderEvent(kind=kind, message=message, user_id=user_id))


class OrderLine(db.Model):
    id = Column(Integer, primary_key=True)
    order_id = Column(Integer, ForeignKey("orders.id"), nullable=False, index=True)
    product_id = Column(Integer, ForeignKey("product.id"), nullable=False, index=True)
    position = Column(Integer, nullable=False)
    description = Column(String(200))
    quantity = Column(Integer, nullable=False)
    unit_price = Column(Numeric(12, 4), nullable=False)

    order = relationship("Order", back_populates="lines")
    product = relationship("Product")

    @hybrid_property
    def amount(self):
        return self.quantity * self.unit_price


class OrderEvent(db.Model):
    id = Column(Integer, primary_key=True)
    order_id = Column(Integer, ForeignKey("orders.id"), nullable=False, index=True)
    user_id = Column(Integer, ForeignKey("users.id"))
    kind = Column(String(20), nullable=False)
    message = Column(Text, nullable=False, default="")
    created_at = Column(DateTime, nullable=False, default=utcnow)

    order = relationship("Order", back_populates="events")
    user = relationship("User")
