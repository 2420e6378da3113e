"""The views of the orders blueprint."""

from datetime import datetime

from migrator.runtime.compat import Blueprint, abort, g, jsonify, request, url_for
from migrator.runtime.compat.login import current_user, get_current_user

from target_app.auth.decorators import roles_required
from target_app.errors import InsufficientStock, error_body
from target_app.extensions import db
from target_app.models import Order, Warehouse
from target_app.serializers.orders import event_to_dict, order_summary, order_to_dict
from target_app.services import listing
from target_app.services import orders as order_service
from target_app.validation import Reader
from migrator.runtime.db import reload
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload
from target_app.models.catalogue import Product
from target_app.models.orders import OrderLine

bp = Blueprint("orders", __name__, url_prefix="/api/orders")

SORTABLE = {"id", "sequence", "placed_at", "required_on", "status"}


@bp.after_request
def tell_version(response):
    response.headers["X-Orders-API"] = "2"
    return response


@bp.errorhandler(InsufficientStock)
async def not_enough(error):
    """Shops show what is left, so this error says more here than elsewhere."""
    await db.session.rollback()
    body = error_body(error.code, error.message, error.details)
    body["error"]["backorder"] = True
    return jsonify(body), 409


def read_line(data):
    reader = Reader(data)
    line = {
        "sku": reader.text("sku", default=None),
        "product_id": reader.integer("product_id", default=None),
        "quantity": reader.integer("quantity", minimum=1),
        "unit_price": reader.decimal("unit_price", default=None, minimum="0", maximum="99999999"),
        "description": reader.text("description", default=None, max_length=200, blank=True),
    }
    reader.done()
    return line


def read_head(data, partial=False):
    reader = Reader(data)
    values = {}
    if not partial:
        values["customer_id"] = reader.integer("customer_id")
    if "customer_reference" in reader.data:
        values["customer_reference"] = reader.text(
            "customer_reference", default=None, max_length=80
        )
    if "notes" in reader.data:
        values["notes"] = reader.text("notes", default=None, blank=True)
    if "required_on" in reader.data:
        values["required_on"] = reader.date("required_on", default=None)
    if "discount_percent" in reader.data:
        values["discount_percent"] = reader.decimal("discount_percent", minimum="0", maximum="100")
    reader.done()
    return values


@bp.get("")
@roles_required("sales", "warehouse", "accounts", "viewer")
async def list_orders():
    query = order_service.visible_to(await get_current_user(), g.tenant)
    query = order_service.apply_filters(query, request.args)
    query = listing.sort(query, Order, SORTABLE, default="-id")
    return jsonify(await listing.page_of(query, order_summary))


@bp.post("")
@roles_required("sales")
async def create_order():
    data = request.get_json()
    values = read_head(data)
    lines = [read_line(line) for line in Reader(data).items("lines", default=[])]
    order = await order_service.create(g.tenant, await get_current_user(), values, lines)
    response = jsonify(await order_to_dict(order))
    response.status_code = 201
    response.headers["Location"] = url_for("orders.get_order", order_id=order.id)
    return response


@bp.get("/{order_id:int}")
@roles_required("sales", "warehouse", "accounts", "viewer")
async def get_order(order_id: int):
    order = await order_service.get(await get_current_user(), g.tenant, order_id)
    response = jsonify(await order_to_dict(order))
    response.set_etag(f"order-{order.id}-{order.version}")
    return response.make_conditional(request)


@bp.get("/by-number/SO-{sequence:int}")
@roles_required("sales", "warehouse", "accounts", "viewer")
async def get_order_by_number(sequence: int):
    order = await db.one_or_404(
            order_service.visible_to(await get_current_user(), g.tenant)
            .filter_by(sequence=sequence)
            .options(joinedload(Order.customer), selectinload(Order.lines).selectinload(OrderLine.product).selectinload(Product.category)),
            description=f"There is no order SO-{sequence:06d}."
        )
    return jsonify(await order_to_dict(order))


@bp.patch("/{order_id:int}")
@roles_required("sales")
async def update_order(order_id: int):
    order = await order_service.lock(g.tenant, order_id)
    data = request.get_json()
    values = read_head(data, partial=True)
    version = Reader(data).integer("version", default=None)
    if version is None:
        abort(400, description="Send the version that you have seen.")
    await order_service.update(order, await get_current_user(), values, version)
    return jsonify(await order_to_dict(await reload(order)))


@bp.delete("/{order_id:int}")
@roles_required("sales")
async def delete_order(order_id: int):
    order = await order_service.lock(g.tenant, order_id)
    await order_service.require_draft(order)
    await db.session.delete(order)
    await db.session.commit()
    return "", 204


@bp.post("/{order_id:int}/lines")
@roles_required("sales")
async def add_line(order_id: int):
    order = await order_service.lock(g.tenant, order_id)
    await order_service.add_line(order, await get_current_user(), read_line(request.get_json()))
    return jsonify(await order_to_dict(await reload(order))), 201


@bp.delete("/{order_id:int}/lines/{line_id:int}")
@roles_required("sales")
async def remove_line(order_id: int, line_id: int):
    order = await order_service.lock(g.tenant, order_id)
    if not (await order_service.remove_line(order, await get_current_user(), line_id)):
        abort(404, description="The order has no such line.")
    return jsonify(await order_to_dict(await reload(order)))


@bp.post("/{order_id:int}/submit")
@roles_required("sales")
async def submit(order_id: int):
    order = await order_service.lock(g.tenant, order_id)
    return jsonify(await order_to_dict(await order_service.submit(order, await get_current_user())))


@bp.post("/{order_id:int}/cancel")
@roles_required("sales")
async def cancel(order_id: int):
    reader = Reader(request.get_json(silent=True))
    reason = reader.reason()
    reader.done()
    order = await order_service.lock(g.tenant, order_id)
    await order_service.cancel(order, await get_current_user(), reason)
    return jsonify(await order_summary(await reload(order)))


@bp.post("/{order_id:int}/ship")
@roles_required("warehouse")
async def ship(order_id: int):
    reader = Reader(request.get_json())
    code = reader.text("warehouse")
    reader.done()
    warehouse = await db.first_or_404(Warehouse.for_tenant(g.tenant).filter_by(code=code))
    order = await order_service.lock(g.tenant, order_id)
    return jsonify(await order_to_dict(await order_service.ship(order, await get_current_user(), warehouse)))


@bp.post("/{order_id:int}/copy")
@roles_required("sales")
async def copy(order_id: int):
    order = await order_service.get(await get_current_user(), g.tenant, order_id)
    return jsonify(await order_to_dict(await order_service.copy(order, await get_current_user()))), 201


@bp.get("/{order_id:int}/events")
@roles_required("sales", "warehouse", "viewer")
async def list_events(order_id: int):
    order = await order_service.get(await get_current_user(), g.tenant, order_id)
    events = await order_service.events(order, kind=request.args.get("kind"))
    return jsonify([await event_to_dict(event) for event in events])


@bp.post("/close-stale")
@roles_required("admin")
async def close_stale():
    reader = Reader(request.get_json())
    before = reader.date("before")
    reader.done()
    midnight = datetime.combine(before, datetime.min.time())
    ids = await order_service.close_stale_drafts(g.tenant, midnight)
    return jsonify(closed=ids, count=len(ids))


@bp.get("/statuses")
@roles_required("sales", "warehouse", "viewer")
async def count_by_status():
    rows = (
        (await db.session.execute(
            select(Order.status, func.count(Order.id).label("orders"))
            .where(Order.tenant_id == g.tenant.id)
            .group_by(Order.status)
            .order_by(Order.status)
        )).all()
    )
    return {row.status: row.orders for row in rows}
