"""The catalogue: categories as a tree, products, tags and price breaks."""

from sqlalchemy.ext.hybrid import hybrid_property

from target_app.extensions import db
from target_app.models.mixins import SoftDeleteMixin, TenantMixin, TimestampMixin
from migrator.runtime.db import reload, unbridged
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    JSON,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import relationship

product_tags = db.Table(
    "product_tags",
    Column("product_id", Integer, ForeignKey("product.id"), primary_key=True),
    Column("tag_id", Integer, ForeignKey("tag.id"), primary_key=True),
)


class Category(TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    parent_id = Column(Integer, ForeignKey("category.id"), index=True)
    slug = Column(String(80), nullable=False)
    name = Column(String(120), nullable=False)
    position = Column(Integer, nullable=False, default=0)
    discount_percent = Column(Numeric(5, 2))

    children = relationship(
        "Category",
        back_populates="parent",
        order_by="Category.position, Category.id",
    )
    parent = relationship("Category", back_populates="children", remote_side=[id])
    products = db.relationship(
        "Product", back_populates="category", lazy="dynamic", order_by="Product.id"
    )

    __table_args__ = (UniqueConstraint("tenant_id", "slug", name="uq_category_tenant_slug"),)

    @property
    @unbridged
    async def ancestors(self):
        """From the root down to this category's parent."""
        if (await self.awaitable_attrs.parent) is None:
            return []
        return [*(await (await self.awaitable_attrs.parent).awaitable_attrs.ancestors), await self.awaitable_attrs.parent]

    @property
    @unbridged
    async def path(self):
        return " / ".join(category.name for category in [*(await self.awaitable_attrs.ancestors), await reload(self)])

    async def walk(self):
        """This category and everything below it, depth first."""
        yield self
        for child in await self.awaitable_attrs.children:
            async for item in child.walk():
                yield item


class Tag(TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    name = Column(String(40), nullable=False)

    products = relationship("Product", secondary=product_tags, back_populates="tags")

    __table_args__ = (UniqueConstraint("tenant_id", "name", name="uq_tag_tenant_name"),)


class Product(TimestampMixin, SoftDeleteMixin, TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    category_id = Column(Integer, ForeignKey("category.id"), index=True)
    sku = Column(String(40), nullable=False)
    name = Column(String(200), nullable=False)
    description = Column(Text)
    price = Column(Numeric(12, 2), nullable=False)
    cost = Column(Numeric(12, 2))
    weight_kg = Column(Float)
    is_active = Column(Boolean, nullable=False, default=True)
    attributes = Column(JSON)
    version = Column(Integer, nullable=False)

    category = relationship("Category", back_populates="products")
    tags = relationship(
        "Tag", secondary=product_tags, back_populates="products", order_by="Tag.name"
    )
    price_breaks = relationship(
        "PriceBreak",
        back_populates="product",
        cascade="all, delete-orphan",
        order_by="PriceBreak.min_quantity",
    )
    stock_levels = relationship(
        "StockLevel", back_populates="product", order_by="StockLevel.warehouse_id"
    )
    attachments = db.relationship(
        "Attachment", back_populates="product", lazy="dynamic", order_by="Attachment.id"
    )

    __table_args__ = (UniqueConstraint("tenant_id", "sku", name="uq_product_tenant_sku"),)
    __mapper_args__ = {"version_id_col": version}

    @hybrid_property
    def margin(self):
        """Price minus cost; None when the cost is unknown."""
        if self.cost is None:
            return None
        return self.price - self.cost

    @margin.expression
    def margin(cls):
        return cls.price - cls.cost

    @property
    @unbridged
    async def on_hand(self):
        return sum(level.quantity for level in await self.awaitable_attrs.stock_levels)

    @property
    @unbridged
    async def available(self):
        return sum(level.available for level in await self.awaitable_attrs.stock_levels)


class PriceBreak(db.Model):
    id = Column(Integer, primary_key=True)
    product_id = Column(Integer, ForeignKey("product.id"), nullable=False, index=True)
    min_quantity = Column(Integer, nullable=False)
    price = Column(Numeric(12, 2), nullable=False)

    product = relationship("Product", back_populates="price_breaks")

    __table_args__ = (
        UniqueConstraint("product_id", "min_quantity", name="uq_price_break_product_quantity"),
    )
