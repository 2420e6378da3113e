"""The rules of the catalogue."""

from decimal import Decimal

from target_app.catalogue.repository import CategoryRepository, ProductRepository, TagRepository
from target_app.errors import Conflict, ValidationError
from target_app.extensions import db
from target_app.models import Category, PriceBreak, Product
from target_app.services import audit
from migrator.runtime.db import any_of, bridge, reload


async def category_of(tenant, category_id):
    if category_id is None:
        return None
    category = await CategoryRepository(db.session).of_tenant(tenant.id, category_id)
    if category is None:
        raise ValidationError({"category_id": "no such category"})
    return category


async def create_product(tenant, values, price_breaks):
    products = ProductRepository(db.session)
    if await products.sku_taken(tenant.id, values["sku"]):
        raise Conflict("This SKU is in use.", sku=values["sku"])
    category = await category_of(tenant, values.pop("category_id", None))
    tags = await TagRepository(db.session).named(tenant.id, values.pop("tags", []))
    product = products.add(Product(tenant_id=tenant.id, category=category, tags=tags, **values))
    for step in price_breaks:
        product.price_breaks.append(PriceBreak(**step))
    await products.flush()
    await audit.record("create", "product", product.id, sku=product.sku)
    await products.commit()
    return await reload(product)


async def update_product(tenant, product, values, version):
    products = ProductRepository(db.session)
    if version != product.version:
        raise Conflict("The product was changed meanwhile.", version=product.version)
    if "category_id" in values:
        values["category"] = await category_of(tenant, values.pop("category_id"))
    if "tags" in values:
        values["tags"] = await TagRepository(db.session).named(tenant.id, values["tags"])
    # Each flush is a version, and loading the old tags would flush the first half of the changes.
    with db.session.no_autoflush:
        for name, value in values.items():
            await bridge(setattr, product, name, value)
    await products.flush()
    await audit.record("update", "product", product.id, version=product.version)
    await products.commit()
    return await reload(product)


async def delete_product(product):
    product.soft_delete()
    product.is_active = False
    await audit.record("delete", "product", product.id, sku=product.sku)
    await db.session.commit()


async def create_category(tenant, slug, name, parent_id):
    categories = CategoryRepository(db.session)
    parent = await category_of(tenant, parent_id)
    siblings = (await parent.awaitable_attrs.children) if parent is not None else (await categories.roots(tenant.id))
    position = max((each.position for each in siblings), default=-1) + 1
    category = Category(tenant_id=tenant.id, slug=slug, name=name, parent=parent, position=position)
    categories.add(category)
    # A slug in use is left to the unique constraint.
    await categories.commit()
    return await reload(category)


async def move_category(tenant, category, parent_id):
    """Hang a category below another one; below itself is refused."""
    parent = await category_of(tenant, parent_id)
    if parent is not None and (await any_of(each.id == parent.id async for each in category.walk())):
        raise Conflict("A category can't be moved below itself.")
    category.parent = parent
    await db.session.commit()
    return await reload(category)


async def delete_category(category):
    if await category.awaitable_attrs.children:
        raise Conflict("The category has children.", children=[c.slug for c in await category.awaitable_attrs.children])
    products = ProductRepository(db.session)
    if await products.exists(products.select(category_id=category.id)):
        raise Conflict("The category has products.")
    categories = CategoryRepository(db.session)
    await categories.delete(category)
    await categories.commit()


async def reprice(tenant, slug, percent):
    categories = CategoryRepository(db.session)
    category = await categories.by_slug(tenant.id, slug)
    if category is None:
        raise ValidationError({"category": "no such category"})
    factor = (Decimal(100) + percent) / Decimal(100)
    ids = await categories.ids_below(category)
    changed = await ProductRepository(db.session).reprice(tenant.id, ids, factor)
    await audit.record("reprice", "category", category.id, percent=str(percent), products=changed)
    await categories.commit()
    return changed
