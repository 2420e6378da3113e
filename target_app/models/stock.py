"""Warehouses, how much lies in them, and every movement in or out."""

from sqlalchemy.ext.hybrid import hybrid_property

from target_app.extensions import db
from target_app.models.mixins import TenantMixin
from target_app.utils import utcnow


class Warehouse(TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    code = db.Column(db.String(10), nullable=False)
    name = db.Column(db.String(120), nullable=False)
    is_active = db.Column(db.Boolean, nullable=False, default=True)

    levels = db.relationship(
        "StockLevel", back_populates="warehouse", lazy="dynamic", order_by="StockLevel.product_id"
    )

    __table_args__ = (db.UniqueConstraint("tenant_id", "code", name="uq_warehouse_tenant_code"),)


class StockLevel(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    warehouse_id = db.Column(db.Integer, db.ForeignKey("warehouse.id"), nullable=False)
    product_id = db.Column(db.Integer, db.ForeignKey("product.id"), nullable=False, index=True)
    quantity = db.Column(db.Integer, nullable=False, default=0)
    reserved = db.Column(db.Integer, nullable=False, default=0)
    reorder_point = db.Column(db.Integer)

    warehouse = db.relationship("Warehouse", back_populates="levels")
    product = db.relationship("Product", back_populates="stock_levels")

    __table_args__ = (
        db.UniqueConstraint("warehouse_id", "product_id", name="uq_stock_level_place"),
        db.CheckConstraint("quantity >= 0", name="not_negative"),
    )

    @hybrid_property
    def available(self):
        return self.quantity - self.reserved


class StockMovement(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(20), nullable=False)
    warehouse_id = db.Column(db.Integer, db.ForeignKey("warehouse.id"), nullable=False, index=True)
    product_id = db.Column(db.Integer, db.ForeignKey("product.id"), nullable=False, index=True)
    user_id = db.Column(db.Integer, db.ForeignKey("users.id"))
    quantity = db.Column(db.Integer, nullable=False)
    created_at = db.Column(db.DateTime, nullable=False, default=utcnow)
    supplier_reference = db.Column(db.String(80))
    order_line_id = db.Column(db.Integer, db.ForeignKey("order_line.id"))
    reason = db.Column(db.String(200))

    warehouse = db.relationship("Warehouse")
    product = db.relationship("Product")
    user = db.relationship("User")
    order_line = db.relationship("OrderLine")

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
