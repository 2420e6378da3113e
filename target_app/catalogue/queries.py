"""Statements of the catalogue; they touch no database, so both kinds of repository share them."""

from sqlalchemy import func, or_, select, update

from target_app.models import Category, Product, StockLevel, Tag, product_tags
from target_app.utils import utcnow

SORT_COLUMNS = {"id": Product.id, "name": Product.name, "price": Product.price, "sku": Product.sku}


def products(tenant_id):
    """The tenant's products that nobody deleted."""
    return select(Product).where(Product.tenant_id == tenant_id, Product.deleted_at.is_(None))


def with_term(statement, term):
    pattern = f"%{term}%"
    return statement.where(or_(Product.name.ilike(pattern), Product.sku.ilike(pattern)))


def with_tag(statement, name):
    return statement.join(Product.tags).where(Tag.name == name)


def priced(statement, minimum, maximum):
    if minimum is not None:
        statement = statement.where(Product.price >= minimum)
    if maximum is not None:
        statement = statement.where(Product.price <= maximum)
    return statement


def in_stock(statement):
    free = select(StockLevel.product_id).where(StockLevel.available > 0)
    return statement.where(Product.id.in_(free))


def below(category_ids):
    """A filter for products in any of the categories."""
    return Product.category_id.in_(category_ids)


def sorted_by(statement, key):
    column = SORT_COLUMNS[key.lstrip("-")]
    order = column.desc() if key.startswith("-") else column.asc()
    return statement.order_by(order, Product.id)


def roots(tenant_id):
    return (
        select(Category)
        .where(Category.tenant_id == tenant_id, Category.parent_id.is_(None))
        .order_by(Category.position, Category.id)
    )


def tags_with_counts(tenant_id):
    """(tag, number of products), unused tags included."""
    return (
        select(Tag, func.count(product_tags.c.product_id).label("products"))
        .outerjoin(product_tags, product_tags.c.tag_id == Tag.id)
        .where(Tag.tenant_id == tenant_id)
        .group_by(Tag.id)
        .order_by(Tag.name)
    )


def tags_named(tenant_id, names):
    return select(Tag).where(Tag.tenant_id == tenant_id, Tag.name.in_(names)).order_by(Tag.name)


def reprice(tenant_id, category_ids, factor):
    """Multiply the prices in the categories; every row gets a new version."""
    return (
        update(Product)
        .where(Product.tenant_id == tenant_id, below(category_ids), Product.deleted_at.is_(None))
        .values(
            price=func.round(Product.price * factor, 2),
            version=Product.version + 1,
            updated_at=utcnow(),
        )
        .execution_options(synchronize_session=False)
    )
