"""Warehouses, how much lies in them, and every movement in or out."""

from sqlalchemy.ext.hybrid import hybrid_property

from target_app.extensions import db
from target_app.models.mixins import TenantMixin
from target_app.utils import utcnow
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import relationship


class Warehouse(TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    code = Column(String(10), nullable=False)
    name = Column(String(120), nullable=False)
    is_active = Column(Boolean, nullable=False, default=True)

    levels = db.relationship(
        "StockLevel", back_populates="warehouse", lazy="dynamic", order_by="StockLevel.product_id"
    )

    __table_args__ = (UniqueConstraint("tenant_id", "code", name="uq_warehouse_tenant_code"),)


class StockLevel(db.Model):
    id = Column(Integer, primary_key=True)
    warehouse_id = Column(Integer, ForeignKey("warehouse.id"), nullable=False)
    product_id = Column(Integer, ForeignKey("product.id"), nullable=False, index=True)
    quantity = Column(Integer, nullable=False, default=0)
    reserved = Column(Integer, nullable=False, default=0)
    reorder_point = Column(Integer)

    warehouse = relationship("Warehouse", back_populates="levels")
    product = relationship("Product", back_populates="stock_levels")

    __table_args__ = (
        UniqueConstraint("warehouse_id", "product_id", name="uq_stock_level_place"),
        CheckConstraint("quantity >= 0", name="not_negative"),
    )

    @hybrid_property
    def available(self):
        return self.quantity - self.reserved


class StockMovement(db.Model):
    id = Column(Integer, primary_key=True)
    kind = Column(String(20), nullable=False)
    warehouse_id = Column(Integer, ForeignKey("warehouse.id"), nullable=False, index=True)
    product_id = Column(Integer, ForeignKey("product.id"), nullable=False, index=True)
    user_id = Column(Integer, ForeignKey("users.id"))
    quantity = Column(Integer, nullable=False)
    created_at = Column(DateTime, nullable=False, default=utcnow)
    supplier_reference = Column(String(80))
    order_line_id = Column(Integer, ForeignKey("order_line.id"))
    reason = Column(String(200))

    warehouse = relationship("Warehouse")
    product = relationship("Product")
    user = relationship("User")
    order_line = relationship("OrderLine")

    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "movement"}

    async def explain(self):
        return ""


class Receipt(StockMovement):
    __mapper_args__ = {"polymorphic_identity": "receipt"}

    async def explain(self):
        return f"Delivery {self.supplier_reference or 'without a note'}"


class Shipment(StockMovement):
    __mapper_args__ = {"polymorphic_identity": "shipment"}

    async def explain(self):
        return f"Order {(await (await (await self.awaitable_attrs.order_line).awaitable_attrs.order).awaitable_attrs.number)}" if (await self.awaitable_attrs.order_line) else "Shipment"


class Adjustment(StockMovement):
    __mapper_args__ = {"polymorphic_identity": "adjustment"}

    async def explain(self):
        return self.reason or "Stocktaking"
