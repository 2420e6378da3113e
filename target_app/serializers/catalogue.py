"""Products, categories, tags."""
from sqlalchemy import func, select
from target_app.extensions import db


async def category_ref(category):
    if category is None:
        return None
    return {"id": category.id, "slug": category.slug, "path": await category.awaitable_attrs.path}


async def category_to_dict(category, depth=0):
    """One category; `depth` levels of children below it."""
    body = {
        "id": category.id,
        "slug": category.slug,
        "name": category.name,
        "position": category.position,
        "parent_id": category.parent_id,
        "discount_percent": category.discount_percent,
    }
    if depth:
        body["children"] = [await category_to_dict(child, depth - 1) for child in await category.awaitable_attrs.children]
    return body


def product_ref(product):
    return {"id": product.id, "sku": product.sku, "name": product.name}


async def product_to_dict(product, detail=False):
    body = product_ref(product)
    body.update(
        price=product.price,
        is_active=product.is_active,
        category=await category_ref(await product.awaitable_attrs.category),
        tags=[tag.name for tag in await product.awaitable_attrs.tags],
        version=product.version,
    )
    if detail:
        body.update(
            description=product.description,
            cost=product.cost,
            margin=product.margin,
            weight_kg=product.weight_kg,
            attributes=product.attributes,
            price_breaks=[
                {"min_quantity": step.min_quantity, "price": step.price}
                for step in await product.awaitable_attrs.price_breaks
            ],
            on_hand=await product.awaitable_attrs.on_hand,
            attachments=await db.session.scalar(select(func.count()).select_from(product.attachments.subquery())),
            created_at=product.created_at,
            updated_at=product.updated_at,
        )
    return body
