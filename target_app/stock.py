"""/api/stock: warehouses, levels, movements, stocktaking."""

import csv
import io

from migrator.runtime.compat import Blueprint, abort, current_app, g, jsonify, request
from migrator.runtime.compat.views import MethodView
from migrator.runtime.compat.login import current_user, get_current_user

from target_app.auth.decorators import roles_required
from target_app.errors import Conflict
from target_app.extensions import db
from target_app.models import Product, StockLevel, Warehouse
from target_app.serializers.stock import level_to_dict, movement_to_dict, warehouse_to_dict
from target_app.services import listing
from target_app.services import stock as stock_service
from target_app.utils import limit_arg
from target_app.validation import Reader
from migrator.runtime.db import bridge, delete_of, reload
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

bp = Blueprint("stock", __name__, url_prefix="/api/stock")


class WarehouseView(MethodView):
    """One warehouse; written when class-based views were the fashion."""

    decorators = [roles_required("warehouse", "sales")]

    async def find(self, warehouse_id):
        return await db.first_or_404(select(Warehouse).filter_by(id=warehouse_id, tenant_id=g.tenant.id))

    async def get(self, warehouse_id: int):
        return jsonify(await warehouse_to_dict(await self.find(warehouse_id)))

    async def patch(self, warehouse_id: int):
        warehouse = await self.find(warehouse_id)
        reader = Reader(request.get_json())
        warehouse.name = reader.text("name", default=warehouse.name, max_length=120, blank=True)
        warehouse.is_active = reader.boolean("is_active", default=warehouse.is_active)
        reader.done()
        await db.session.commit()
        return jsonify(await warehouse_to_dict(await reload(warehouse)))

    async def delete(self, warehouse_id: int):
        warehouse = await self.find(warehouse_id)
        if (await db.session.scalar(warehouse.levels.filter(StockLevel.quantity > 0).limit(1).statement)) is not None:
            raise Conflict("The warehouse is not empty.")
        await db.session.execute(delete_of(warehouse.levels.order_by(None).statement))
        await db.session.delete(warehouse)
        await db.session.commit()
        return "", 204


bp.add_url_rule("/warehouses/<int:warehouse_id>", view_func=WarehouseView.as_view("warehouse"))


@bp.get("/warehouses")
@roles_required("warehouse", "sales", "viewer")
async def list_warehouses():
    warehouses = Warehouse.for_tenant(g.tenant).order_by(Warehouse.code)
    return jsonify(warehouses=[await warehouse_to_dict(warehouse) for warehouse in (await db.session.scalars(warehouses)).unique()])


@bp.post("/warehouses")
@roles_required("warehouse")
async def create_warehouse():
    reader = Reader(request.get_json())
    code = reader.text("code", max_length=10)
    name = reader.text("name", max_length=120)
    reader.done()
    warehouse = Warehouse(tenant_id=g.tenant.id, code=code.upper(), name=name)
    db.session.add(warehouse)
    # A code in use: the unique constraint speaks, the error handler answers 409.
    await db.session.commit()
    return jsonify(await warehouse_to_dict(await reload(warehouse))), 201


async def find_product(sku):
    return await db.first_or_404(
            (await bridge(Product.alive)).statement
            .where(Product.tenant_id == g.tenant.id, Product.sku == sku),
            description=f"There is no product {sku}."
        )


async def find_warehouse(code):
    return await db.first_or_404(select(Warehouse).filter_by(tenant_id=g.tenant.id, code=code, is_active=True), description=f"There is no warehouse {code}.")


@bp.get("/levels/{sku}")
@roles_required("warehouse", "sales", "viewer")
async def levels_of_product(sku: str):
    product = await find_product(sku)
    return jsonify(
        levels=[await level_to_dict(level) for level in await product.awaitable_attrs.stock_levels],
        on_hand=await product.awaitable_attrs.on_hand,
        available=await product.awaitable_attrs.available,
    )


@bp.get("/levels")
@roles_required("warehouse", "sales", "viewer")
async def list_levels():
    query = (
        select(StockLevel).options(
            joinedload(StockLevel.warehouse), selectinload(StockLevel.product)
        )
        .join(StockLevel.warehouse)
        .where(Warehouse.tenant_id == g.tenant.id)
        .order_by(StockLevel.id)
    )
    if request.args.get("warehouse"):
        query = query.where(Warehouse.code == request.args["warehouse"])
    if request.args.get("empty"):
        query = query.where(StockLevel.available <= 0)
    return jsonify(await listing.page_of(query, level_to_dict))


@bp.get("/low")
@roles_required("warehouse", "viewer")
async def low_stock():
    limit = limit_arg(default=current_app.config["LOW_STOCK_LIMIT"])
    levels = await stock_service.low(g.tenant, limit)
    return jsonify(levels=[await level_to_dict(level) for level in levels], count=len(levels))


@bp.get("/movements")
@roles_required("warehouse", "viewer")
async def list_movements():
    warehouse_id = product_id = None
    if request.args.get("warehouse"):
        warehouse_id = (await find_warehouse(request.args["warehouse"])).id
    if request.args.get("sku"):
        product_id = (await find_product(request.args["sku"])).id
    query = stock_service.movements(
        g.tenant, warehouse_id, product_id, kind=request.args.get("kind")
    )
    return jsonify(await listing.page_of(query, movement_to_dict))


@bp.post("/receipts")
@roles_required("warehouse")
async def receive():
    reader = Reader(request.get_json())
    sku = reader.text("sku")
    code = reader.text("warehouse")
    quantity = reader.integer("quantity", minimum=1)
    reference = reader.text("reference", default=None, max_length=80)
    reader.done()
    movement = await stock_service.receive(
        await find_product(sku), await find_warehouse(code), quantity, reference, await get_current_user()
    )
    return jsonify(await movement_to_dict(movement)), 201


@bp.post("/adjustments")
@roles_required("warehouse")
async def adjust():
    reader = Reader(request.get_json())
    sku = reader.text("sku")
    code = reader.text("warehouse")
    counted = reader.integer("counted", minimum=0)
    reason = reader.text("reason", default=None, max_length=200)
    reader.done()
    movement = await stock_service.adjust(
        await find_product(sku), await find_warehouse(code), counted, reason, await get_current_user()
    )
    if movement is None:
        return "", 204
    return jsonify(await movement_to_dict(movement)), 201


@bp.post("/transfers")
@roles_required("warehouse")
async def transfer():
    reader = Reader(request.get_json())
    sku = reader.text("sku")
    source = reader.text("from")
    target = reader.text("to")
    quantity = reader.integer("quantity", minimum=1)
    reader.done()
    if source == target:
        abort(400, description="A transfer needs two warehouses.")
    levels = await stock_service.transfer(
        await find_product(sku), await find_warehouse(source), await find_warehouse(target), quantity, await get_current_user()
    )
    return jsonify(levels=[await level_to_dict(level) for level in levels])


@bp.post("/warehouses/{code}/import")
@roles_required("warehouse")
async def import_counts(code: str):
    """A CSV file `sku,counted`; the rows that fail come back with their reasons."""
    warehouse = await find_warehouse(code)
    upload = request.files.get("file")
    if upload is None:
        abort(400, description="Send the file as the form field 'file'.")
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        abort(400, description="The file is not UTF-8.")
    rows = [row for row in csv.reader(io.StringIO(text)) if len(row) == 2 and row[0] != "sku"]
    done, failed = await stock_service.import_counts(g.tenant, warehouse, rows, await get_current_user())
    return jsonify(done=done, failed=failed), 200 if done or not rows else 422
