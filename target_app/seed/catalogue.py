"""Categories, tags, products and price breaks."""

from decimal import Decimal

from target_app.seed.rows import moment
from target_app.seed.values import (
    ATTRIBUTES,
    CATEGORIES,
    GRADES,
    NOTES,
    NOUNS,
    TAGS,
    pick,
    price_of,
)

PRODUCTS = {"acme": 400, "globex": 120, "initech": 5}


def build(rows):
    for tenant in list(rows["tenant"]):
        category_ids = categories(rows, tenant["id"])
        tag_ids = [rows.add("tag", tenant_id=tenant["id"], name=name) for name in TAGS]
        for number in range(PRODUCTS[tenant["slug"]]):
            product(rows, tenant["id"], number, category_ids, tag_ids)


def categories(rows, tenant_id):
    """Ids of the categories that may hold products: the last one stays empty."""
    ids = {}
    for position, (slug, name, parent, discount) in enumerate(CATEGORIES):
        ids[slug] = rows.add(
            "category",
            tenant_id=tenant_id,
            slug=slug,
            name=name,
            parent_id=ids.get(parent),
            position=position % 4,
            discount_percent=None if discount is None else Decimal(discount),
        )
    return [category_id for slug, category_id in ids.items() if slug != "empty"]


def product(rows, tenant_id, number, category_ids, tag_ids):
    price = price_of(number)
    product_id = rows.add(
        "product",
        tenant_id=tenant_id,
        category_id=None if number % 53 == 52 else pick(category_ids, number),
        sku=f"P-{number + 1:05d}",
        name=f"{pick(NOUNS, number)} {pick(GRADES, number // 3)}",
        description=pick(NOTES, number),
        price=price,
        cost=None if number % 11 == 10 else (price * 6 / 10).quantize(Decimal("0.01")),
        weight_kg=None if number % 7 == 6 else number / 8,
        is_active=number % 29 != 28,
        attributes=pick(ATTRIBUTES, number),
        version=1 + number % 3,
        created_at=moment(number),
        updated_at=moment(number + 50),
        deleted_at=moment(number + 60) if number % 37 == 36 else None,
    )
    for step in range(number % 4):
        rows.link("product_tags", product_id=product_id, tag_id=tag_ids[(number + step * 3) % 8])
    if number % 5 == 0:
        for minimum, percent in ((10, 95), (100, 90), (1000, 80)):
            rows.add(
                "price_break",
                product_id=product_id,
                min_quantity=minimum,
                price=(price * percent / 100).quantize(Decimal("0.01")),
            )
