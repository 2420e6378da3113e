"""Products, categories, tags."""


def category_ref(category):
    if category is None:
        return None
    return {"id": category.id, "slug": category.slug, "path": category.path}


def category_to_dict(category, depth=0):
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
        body["children"] = [category_to_dict(child, depth - 1) for child in category.children]
    return body


def product_ref(product):
    return {"id": product.id, "sku": product.sku, "name": product.name}


def product_to_dict(product, detail=False):
    body = product_ref(product)
    body.update(
        price=product.price,
        is_active=product.is_active,
        category=category_ref(product.category),
        tags=[tag.name for tag in product.tags],
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
                for step in product.price_breaks
            ],
            on_hand=product.on_hand,
            attachments=product.attachments.count(),
            created_at=product.created_at,
            updated_at=product.updated_at,
        )
    return body
