"""The views of the catalogue blueprint."""

from migrator.runtime.compat import Blueprint, abort, current_app, g, jsonify, request, url_for

from target_app.auth.decorators import roles_required
from target_app.catalogue import queries, service
from target_app.catalogue.repository import CategoryRepository, ProductRepository, TagRepository
from target_app.extensions import db
from target_app.serializers.catalogue import category_to_dict, product_to_dict
from target_app.services import pricing
from target_app.utils import bool_arg, decimal_arg, money
from target_app.validation import Reader
from migrator.runtime.db import bridge, reload
from sqlalchemy import func, select

bp = Blueprint("catalogue", __name__, url_prefix="/api/catalogue")

EVERYONE = ("sales", "warehouse", "accounts", "viewer")


def read_product(data, partial):
    reader = Reader(data)
    values = {}
    if not partial:
        values["sku"] = reader.text("sku", max_length=40)
    if not partial or "name" in reader.data:
        values["name"] = reader.text("name", max_length=200)
    if not partial or "price" in reader.data:
        values["price"] = reader.decimal("price", minimum="0", maximum="9999999999.99")
    if "cost" in reader.data:
        values["cost"] = reader.decimal("cost", default=None, minimum="0", maximum="9999999999.99")
    if "description" in reader.data:
        values["description"] = reader.text("description", default=None, blank=True)
    if "is_active" in reader.data:
        values["is_active"] = reader.boolean("is_active")
    if "category_id" in reader.data:
        values["category_id"] = reader.integer("category_id", default=None)
    if "attributes" in reader.data:
        values["attributes"] = reader.data["attributes"]
    if "tags" in reader.data:
        values["tags"] = [str(name) for name in reader.items("tags")]
    reader.done()
    return values


def read_price_break(data):
    reader = Reader(data)
    step = {
        "min_quantity": reader.integer("min_quantity", minimum=2),
        "price": reader.decimal("price", minimum="0", maximum="9999999999.99"),
    }
    reader.done()
    return step


async def find_product(product_id):
    product = await ProductRepository(db.session).of_tenant(g.tenant.id, product_id)
    if product is None:
        abort(404, description="There is no such product.")
    return product


async def find_category(slug):
    category = await CategoryRepository(db.session).by_slug(g.tenant.id, slug)
    if category is None:
        abort(404, description=f"There is no category {slug}.")
    return category


async def page_of_products(filters):
    products = ProductRepository(db.session)
    page = max(request.args.get("page", 1, type=int), 1)
    per_page = request.args.get("per_page", current_app.config["ITEMS_PER_PAGE"], type=int)
    per_page = min(max(per_page, 1), current_app.config["MAX_ITEMS_PER_PAGE"])
    found = await products.page(products.find(g.tenant.id, filters), page, per_page)
    return {
        "items": [await product_to_dict(product) for product in found.items],
        "page": found.page,
        "pages": found.pages,
        "total": found.total,
    }


@bp.get("/products")
@roles_required(*EVERYONE)
async def list_products():
    filters = {
        "term": request.args.get("q"),
        "tag": request.args.get("tag"),
        "minimum": decimal_arg("min_price"),
        "maximum": decimal_arg("max_price"),
        "in_stock": bool_arg("in_stock"),
        "sort": request.args.get("sort", "id"),
    }
    if filters["sort"].lstrip("-") not in queries.SORT_COLUMNS:
        abort(
            400, description="sort must be one of " + ", ".join(sorted(queries.SORT_COLUMNS)) + "."
        )
    if request.args.get("category"):
        category = await find_category(request.args["category"])
        filters["category_ids"] = await CategoryRepository(db.session).ids_below(category)
    return jsonify(await page_of_products(filters))


@bp.post("/products")
@roles_required("sales")
async def create_product():
    data = request.get_json()
    values = read_product(data, partial=False)
    steps = [read_price_break(step) for step in Reader(data).items("price_breaks", default=[])]
    product = await service.create_product(g.tenant, values, steps)
    location = url_for("catalogue.get_product", product_id=product.id)
    return jsonify(await product_to_dict(product, detail=True)), 201, {"Location": location}


@bp.get("/products/{product_id:int}")
@roles_required(*EVERYONE)
async def get_product(product_id: int):
    return jsonify(await product_to_dict(await find_product(product_id), detail=True))


@bp.get("/products/by-sku/{sku}")
@roles_required(*EVERYONE)
async def get_product_by_sku(sku: str):
    product = await ProductRepository(db.session).by_sku(g.tenant.id, sku)
    if product is None:
        abort(404, description=f"There is no product {sku}.")
    return jsonify(await product_to_dict(product, detail=True))


@bp.patch("/products/{product_id:int}")
@roles_required("sales")
async def update_product(product_id: int):
    product = await find_product(product_id)
    data = request.get_json()
    values = read_product(data, partial=True)
    version = Reader(data).integer("version", default=None)
    if version is None:
        abort(400, description="Send the version that you have seen.")
    await service.update_product(g.tenant, product, values, version)
    return jsonify(await product_to_dict(await reload(product), detail=True))


@bp.delete("/products/{product_id:int}")
@roles_required("sales")
async def delete_product(product_id: int):
    await service.delete_product(await find_product(product_id))
    return "", 204


@bp.get("/products/{product_id:int}/price")
@roles_required(*EVERYONE)
async def get_price(product_id: int):
    product = await find_product(product_id)
    quantity = max(request.args.get("quantity", 1, type=int), 1)
    price = await pricing.unit_price(product, quantity)
    return jsonify(
        quantity=quantity,
        list_price=await pricing.list_price(product, quantity),
        discount_percent=await pricing.category_discount(await product.awaitable_attrs.category),
        unit_price=price,
        amount=money(price * quantity),
    )


@bp.get("/categories")
@roles_required(*EVERYONE)
async def list_categories():
    depth = min(max(request.args.get("depth", 2, type=int), 0), 5)
    roots = await CategoryRepository(db.session).roots(g.tenant.id)
    return jsonify(categories=[await category_to_dict(category, depth) for category in roots])


@bp.get("/categories/{slug}")
@roles_required(*EVERYONE)
async def get_category(slug: str):
    category = await find_category(slug)
    body = await category_to_dict(category, depth=1)
    body["path"] = await category.awaitable_attrs.path
    body["products"] = await db.session.scalar(select(func.count()).select_from(category.products.filter_by(deleted_at=None).subquery()))
    return jsonify(body)


@bp.get("/categories/{slug}/products")
@roles_required(*EVERYONE)
async def products_of_category(slug: str):
    ids = await CategoryRepository(db.session).ids_below(await find_category(slug))
    return jsonify(await page_of_products({"category_ids": ids, "sort": "name"}))


@bp.post("/categories")
@roles_required("sales")
async def create_category():
    reader = Reader(request.get_json())
    slug = reader.text("slug", max_length=80)
    name = reader.text("name", max_length=120)
    parent_id = reader.integer("parent_id", default=None)
    reader.done()
    category = await service.create_category(g.tenant, slug, name, parent_id)
    return jsonify(await category_to_dict(category)), 201


@bp.put("/categories/{slug}/parent")
@roles_required("sales")
async def move_category(slug: str):
    category = await find_category(slug)
    reader = Reader(request.get_json())
    parent_id = reader.integer("parent_id", default=None)
    reader.done()
    await service.move_category(g.tenant, category, parent_id)
    return jsonify({**(await category_to_dict(await reload(category))), "path": await category.awaitable_attrs.path})


@bp.delete("/categories/{slug}")
@roles_required("sales")
async def delete_category(slug: str):
    await service.delete_category(await find_category(slug))
    return "", 204


@bp.post("/categories/{slug}/reprice")
@roles_required("admin")
async def reprice(slug: str):
    reader = Reader(request.get_json())
    percent = reader.decimal("percent", minimum="-90", maximum="500")
    reader.done()
    return jsonify(changed=await service.reprice(g.tenant, slug, percent))


@bp.get("/tags")
@roles_required(*EVERYONE)
async def list_tags():
    rows = await TagRepository(db.session).with_counts(g.tenant.id)
    return jsonify(tags=[{"id": tag.id, "name": tag.name, "products": n} for tag, n in rows])


@bp.put("/products/{product_id:int}/tags")
@roles_required("sales")
async def set_tags(product_id: int):
    product = await find_product(product_id)
    reader = Reader(request.get_json())
    names = [str(name) for name in reader.items("tags")]
    reader.done()
    await bridge(setattr, product, "tags", await TagRepository(db.session).named(g.tenant.id, names))
    await db.session.commit()
    return jsonify(tags=[tag.name for tag in await product.awaitable_attrs.tags])
