"""/api/stock: warehouses, levels, movements, stocktaking."""

import csv
import io

from flask import Blueprint, abort, current_app, g, jsonify, request
from flask.views import MethodView
from flask_login import current_user

from legacy_app.auth.decorators import roles_required
from legacy_app.errors import Conflict
from legacy_app.extensions import db
from legacy_app.models import Product, StockLevel, Warehouse
from legacy_app.serializers.stock import level_to_dict, movement_to_dict, warehouse_to_dict
from legacy_app.services import listing
from legacy_app.services import stock as stock_service
from legacy_app.utils import limit_arg
from legacy_app.validation import Reader

bp = Blueprint("stock", __name__, url_prefix="/api/stock")


class WarehouseView(MethodView):
    """One warehouse; written when class-based views were the fashion."""

    decorators = [roles_required("warehouse", "sales")]

    def find(self, warehouse_id):
        return Warehouse.query.filter_by(id=warehouse_id, tenant_id=g.tenant.id).first_or_404()

    def get(self, warehouse_id):
        return jsonify(warehouse_to_dict(self.find(warehouse_id)))

    def patch(self, warehouse_id):
        warehouse = self.find(warehouse_id)
        reader = Reader(request.get_json())
        warehouse.name = reader.text("name", default=warehouse.name, max_length=120, blank=True)
        warehouse.is_active = reader.boolean("is_active", default=warehouse.is_active)
        reader.done()
        db.session.commit()
        return jsonify(warehouse_to_dict(warehouse))

    def delete(self, warehouse_id):
        warehouse = self.find(warehouse_id)
        if warehouse.levels.filter(StockLevel.quantity > 0).first() is not None:
            raise Conflict("The warehouse is not empty.")
        warehouse.levels.order_by(None).delete()
        db.session.delete(warehouse)
        db.session.commit()
        return "", 204


bp.add_url_rule("/warehouses/<int:warehouse_id>", view_func=WarehouseView.as_view("warehouse"))


@bp.route("/warehouses")
@roles_required("warehouse", "sales", "viewer")
def list_warehouses():
    warehouses = Warehouse.for_tenant(g.tenant).order_by(Warehouse.code)
    return jsonify(warehouses=[warehouse_to_dict(warehouse) for warehouse in warehouses])


@bp.route("/warehouses", methods=["POST"])
@roles_required("warehouse")
def create_warehouse():
    reader = Reader(request.get_json())
    code = reader.text("code", max_length=10)
    name = reader.text("name", max_length=120)
    reader.done()
    warehouse = Warehouse(tenant_id=g.tenant.id, code=code.upper(), name=name)
    db.session.add(warehouse)
    # A code in use: the unique constraint speaks, the error handler answers 409.
    db.session.commit()
    return jsonify(warehouse_to_dict(warehouse)), 201


def find_product(sku):
    return (
        Product.alive()
        .filter(Product.tenant_id == g.tenant.id, Product.sku == sku)
        .first_or_404(description=f"There is no product {sku}.")
    )


def find_warehouse(code):
    return Warehouse.query.filter_by(tenant_id=g.tenant.id, code=code, is_active=True).first_or_404(
        description=f"There is no warehouse {code}."
    )


@bp.route("/levels/<sku>")
@roles_required("warehouse", "sales", "viewer")
def levels_of_product(sku):
    product = find_product(sku)
    return jsonify(
        levels=[level_to_dict(level) for level in product.stock_levels],
        on_hand=product.on_hand,
        available=product.available,
    )


@bp.route("/levels")
@roles_required("warehouse", "sales", "viewer")
def list_levels():
    query = (
        StockLevel.query.options(
            db.joinedload(StockLevel.warehouse), db.selectinload(StockLevel.product)
        )
        .join(StockLevel.warehouse)
        .filter(Warehouse.tenant_id == g.tenant.id)
        .order_by(StockLevel.id)
    )
    if request.args.get("warehouse"):
        query = query.filter(Warehouse.code == request.args["warehouse"])
    if request.args.get("empty"):
        query = query.filter(StockLevel.available <= 0)
    return jsonify(listing.page_of(query, level_to_dict))


@bp.route("/low")
@roles_required("warehouse", "viewer")
def low_stock():
    limit = limit_arg(default=current_app.config["LOW_STOCK_LIMIT"])
    levels = stock_service.low(g.tenant, limit)
    return jsonify(levels=[level_to_dict(level) for level in levels], count=len(levels))


@bp.route("/movements")
@roles_required("warehouse", "viewer")
def list_movements():
    warehouse_id = product_id = None
    if request.args.get("warehouse"):
        warehouse_id = find_warehouse(request.args["warehouse"]).id
    if request.args.get("sku"):
        product_id = find_product(request.args["sku"]).id
    query = stock_service.movements(
        g.tenant, warehouse_id, product_id, kind=request.args.get("kind")
    )
    return jsonify(listing.page_of(query, movement_to_dict))


@bp.route("/receipts", methods=["POST"])
@roles_required("warehouse")
def receive():
    reader = Reader(request.get_json())
    sku = reader.text("sku")
    code = reader.text("warehouse")
    quantity = reader.integer("quantity", minimum=1)
    reference = reader.text("reference", default=None, max_length=80)
    reader.done()
    movement = stock_service.receive(
        find_product(sku), find_warehouse(code), quantity, reference, current_user
    )
    return jsonify(movement_to_dict(movement)), 201


@bp.route("/adjustments", methods=["POST"])
@roles_required("warehouse")
def adjust():
    reader = Reader(request.get_json())
    sku = reader.text("sku")
    code = reader.text("warehouse")
    counted = reader.integer("counted", minimum=0)
    reason = reader.text("reason", default=None, max_length=200)
    reader.done()
    movement = stock_service.adjust(
        find_product(sku), find_warehouse(code), counted, reason, current_user
    )
    if movement is None:
        return "", 204
    return jsonify(movement_to_dict(movement)), 201


@bp.route("/transfers", methods=["POST"])
@roles_required("warehouse")
def transfer():
    reader = Reader(request.get_json())
    sku = reader.text("sku")
    source = reader.text("from")
    target = reader.text("to")
    quantity = reader.integer("quantity", minimum=1)
    reader.done()
    if source == target:
        abort(400, description="A transfer needs two warehouses.")
    levels = stock_service.transfer(
        find_product(sku), find_warehouse(source), find_warehouse(target), quantity, current_user
    )
    return jsonify(levels=[level_to_dict(level) for level in levels])


@bp.route("/warehouses/<code>/import", methods=["POST"])
@roles_required("warehouse")
def import_counts(code):
    """A CSV file `sku,counted`; the rows that fail come back with their reasons."""
    warehouse = find_warehouse(code)
    upload = request.files.get("file")
    if upload is None:
        abort(400, description="Send the file as the form field 'file'.")
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        abort(400, description="The file is not UTF-8.")
    rows = [row for row in csv.reader(io.StringIO(text)) if len(row) == 2 and row[0] != "sku"]
    done, failed = stock_service.import_counts(g.tenant, warehouse, rows, current_user)
    return jsonify(done=done, failed=failed), 200 if done or not rows else 422
