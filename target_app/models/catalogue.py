"""The catalogue: categories as a tree, products, tags and price breaks."""

from sqlalchemy.ext.hybrid import hybrid_property

from target_app.extensions import db
from target_app.models.mixins import SoftDeleteMixin, TenantMixin, TimestampMixin
from migrator.runtime.db import reload, unbridged

product_tags = db.Table(
    "product_tags",
    db.Column("product_id", db.Integer, db.ForeignKey("product.id"), primary_key=True),
    db.Column("tag_id", db.Integer, db.ForeignKey("tag.id"), primary_key=True),
)


class Category(TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    parent_id = db.Column(db.Integer, db.ForeignKey("category.id"), index=True)
    slug = db.Column(db.String(80), nullable=False)
    name = db.Column(db.String(120), nullable=False)
    position = db.Column(db.Integer, nullable=False, default=0)
    discount_percent = db.Column(db.Numeric(5, 2))

    children = db.relationship(
        "Category",
        back_populates="parent",
        order_by="Category.position, Category.id",
    )
    parent = db.relationship("Category", back_populates="children", remote_side=[id])
    products = db.relationship(
        "Product", back_populates="category", lazy="dynamic", order_by="Product.id"
    )

    __table_args__ = (db.UniqueConstraint("tenant_id", "slug", name="uq_category_tenant_slug"),)

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
        return " / ".join([await category.awaitable_attrs.name for category in [*(await self.awaitable_attrs.ancestors), await reload(self)]])

    def walk(self):
        """This category and everything below it, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()


class Tag(TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), nullable=False)

    products = db.relationship("Product", secondary=product_tags, back_populates="tags")

    __table_args__ = (db.UniqueConstraint("tenant_id", "name", name="uq_tag_tenant_name"),)


class Product(TimestampMixin, SoftDeleteMixin, TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    category_id = db.Column(db.Integer, db.ForeignKey("category.id"), index=True)
    sku = db.Column(db.String(40), nullable=False)
    name = db.Column(db.String(200), nullable=False)
    description = db.Column(db.Text)
    price = db.Column(db.Numeric(12, 2), nullable=False)
    cost = db.Column(db.Numeric(12, 2))
    weight_kg = db.Column(db.Float)
    is_active = db.Column(db.Boolean, nullable=False, default=True)
    attributes = db.Column(db.JSON)
    version = db.Column(db.Integer, nullable=False)

    category = db.relationship("Category", back_populates="products")
    tags = db.relationship(
        "Tag", secondary=product_tags, back_populates="products", order_by="Tag.name"
    )
    price_breaks = db.relationship(
        "PriceBreak",
        back_populates="product",
        cascade="all, delete-orphan",
        order_by="PriceBreak.min_quantity",
    )
    stock_levels = db.relationship(
        "StockLevel", back_populates="product", order_by="StockLevel.warehouse_id"
    )
    attachments = db.relationship(
        "Attachment", back_populates="product", lazy="dynamic", order_by="Attachment.id"
    )

    __table_args__ = (db.UniqueConstraint("tenant_id", "sku", name="uq_product_tenant_sku"),)
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
    id = db.Column(db.Integer, primary_key=True)
    product_id = db.Column(db.Integer, db.ForeignKey("product.id"), nullable=False, index=True)
    min_quantity = db.Column(db.Integer, nullable=False)
    price = db.Column(db.Numeric(12, 2), nullable=False)

    product = db.relationship("Product", back_populates="price_breaks")

    __table_args__ = (
        db.UniqueConstraint("product_id", "min_quantity", name="uq_price_break_product_quantity"),
    )
