"""The rules of the catalogue."""

from decimal import Decimal

from legacy_app.catalogue.repository import CategoryRepository, ProductRepository, TagRepository
from legacy_app.errors import Conflict, ValidationError
from legacy_app.extensions import db
from legacy_app.models import Category, PriceBreak, Product
from legacy_app.services import audit


def category_of(tenant, category_id):
    if category_id is None:
        return None
    category = CategoryRepository(db.session).of_tenant(tenant.id, category_id)
    if category is None:
        raise ValidationError({"category_id": "no such category"})
    return category


def create_product(tenant, values, price_breaks):
    products = ProductRepository(db.session)
    if products.sku_taken(tenant.id, values["sku"]):
        raise Conflict("This SKU is in use.", sku=values["sku"])
    category = category_of(tenant, values.pop("category_id", None))
    tags = TagRepository(db.session).named(tenant.id, values.pop("tags", []))
    product = products.add(Product(tenant_id=tenant.id, category=category, tags=tags, **values))
    for step in price_breaks:
        product.price_breaks.append(PriceBreak(**step))
    products.flush()
    audit.record("create", "product", product.id, sku=product.sku)
    products.commit()
    return product


def update_product(tenant, product, values, version):
    products = ProductRepository(db.session)
    if version != product.version:
        raise Conflict("The product was changed meanwhile.", version=product.version)
    if "category_id" in values:
        values["category"] = category_of(tenant, values.pop("category_id"))
    if "tags" in values:
        values["tags"] = TagRepository(db.session).named(tenant.id, values["tags"])
    # Each flush is a version, and loading the old tags would flush the first half of the changes.
    with db.session.no_autoflush:
        for name, value in values.items():
            setattr(product, name, value)
    products.flush()
    audit.record("update", "product", product.id, version=product.version)
    products.commit()
    return product


def delete_product(product):
    product.soft_delete()
    product.is_active = False
    audit.record("delete", "product", product.id, sku=product.sku)
    db.session.commit()


def create_category(tenant, slug, name, parent_id):
    categories = CategoryRepository(db.session)
    parent = category_of(tenant, parent_id)
    siblings = parent.children if parent is not None else categories.roots(tenant.id)
    position = max((each.position for each in siblings), default=-1) + 1
    category = Category(tenant_id=tenant.id, slug=slug, name=name, parent=parent, position=position)
    categories.add(category)
    # A slug in use is left to the unique constraint.
    categories.commit()
    return category


def move_category(tenant, category, parent_id):
    """Hang a category below another one; below itself is refused."""
    parent = category_of(tenant, parent_id)
    if parent is not None and any(each.id == parent.id for each in category.walk()):
        raise Conflict("A category can't be moved below itself.")
    category.parent = parent
    db.session.commit()
    return category


def delete_category(category):
    if category.children:
        raise Conflict("The category has children.", children=[c.slug for c in category.children])
    products = ProductRepository(db.session)
    if products.exists(products.select(category_id=category.id)):
        raise Conflict("The category has products.")
    categories = CategoryRepository(db.session)
    categories.delete(category)
    categories.commit()


def reprice(tenant, slug, percent):
    categories = CategoryRepository(db.session)
    category = categories.by_slug(tenant.id, slug)
    if category is None:
        raise ValidationError({"category": "no such category"})
    factor = (Decimal(100) + percent) / Decimal(100)
    ids = categories.ids_below(category)
    changed = ProductRepository(db.session).reprice(tenant.id, ids, factor)
    audit.record("reprice", "category", category.id, percent=str(percent), products=changed)
    categories.commit()
    return changed
