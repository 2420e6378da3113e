"""The views of the orders blueprint."""

from datetime import datetime

from flask import Blueprint, abort, g, jsonify, request, url_for
from flask_login import current_user

from legacy_app.auth.decorators import roles_required
from legacy_app.errors import InsufficientStock, error_body
from legacy_app.extensions import db
from legacy_app.models import Order, Warehouse
from legacy_app.serializers.orders import event_to_dict, order_summary, order_to_dict
from legacy_app.services import listing
from legacy_app.services import orders as order_service
from legacy_app.validation import Reader

bp = Blueprint("orders", __name__, url_prefix="/api/orders")

SORTABLE = {"id", "sequence", "placed_at", "required_on", "status"}


@bp.after_request
def tell_version(response):
    response.headers["X-Orders-API"] = "2"
    return response


@bp.errorhandler(InsufficientStock)
def not_enough(error):
    """Shops show what is left, so this error says more here than elsewhere."""
    db.session.rollback()
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


@bp.route("")
@roles_required("sales", "warehouse", "accounts", "viewer")
def list_orders():
    query = order_service.visible_to(current_user, g.tenant)
    query = order_service.apply_filters(query, request.args)
    query = listing.sort(query, Order, SORTABLE, default="-id")
    return jsonify(listing.page_of(query, order_summary))


@bp.route("", methods=["POST"])
@roles_required("sales")
def create_order():
    data = request.get_json()
    values = read_head(data)
    lines = [read_line(line) for line in Reader(data).items("lines", default=[])]
    order = order_service.create(g.tenant, current_user, values, lines)
    response = jsonify(order_to_dict(order))
    response.status_code = 201
    response.headers["Location"] = url_for("orders.get_order", order_id=order.id)
    return response


@bp.route("/<int:order_id>")
@roles_required("sales", "warehouse", "accounts", "viewer")
def get_order(order_id):
    order = order_service.get(current_user, g.tenant, order_id)
    response = jsonify(order_to_dict(order))
    response.set_etag(f"order-{order.id}-{order.version}")
    return response.make_conditional(request)


@bp.route("/by-number/SO-<int:sequence>")
@roles_required("sales", "warehouse", "accounts", "viewer")
def get_order_by_number(sequence):
    order = (
        order_service.visible_to(current_user, g.tenant)
        .filter_by(sequence=sequence)
        .one_or_404(description=f"There is no order SO-{sequence:06d}.")
    )
    return jsonify(order_to_dict(order))


@bp.route("/<int:order_id>", methods=["PATCH"])
@roles_required("sales")
def update_order(order_id):
    order = order_service.lock(g.tenant, order_id)
    data = request.get_json()
    values = read_head(data, partial=True)
    version = Reader(data).integer("version", default=None)
    if version is None:
        abort(400, description="Send the version that you have seen.")
    order_service.update(order, current_user, values, version)
    return jsonify(order_to_dict(order))


@bp.route("/<int:order_id>", methods=["DELETE"])
@roles_required("sales")
def delete_order(order_id):
    order = order_service.lock(g.tenant, order_id)
    order_service.require_draft(order)
    db.session.delete(order)
    db.session.commit()
    return "", 204


@bp.route("/<int:order_id>/lines", methods=["POST"])
@roles_required("sales")
def add_line(order_id):
    order = order_service.lock(g.tenant, order_id)
    order_service.add_line(order, current_user, read_line(request.get_json()))
    return jsonify(order_to_dict(order)), 201


@bp.route("/<int:order_id>/lines/<int:line_id>", methods=["DELETE"])
@roles_required("sales")
def remove_line(order_id, line_id):
    order = order_service.lock(g.tenant, order_id)
    if not order_service.remove_line(order, current_user, line_id):
        abort(404, description="The order has no such line.")
    return jsonify(order_to_dict(order))


@bp.route("/<int:order_id>/submit", methods=["POST"])
@roles_required("sales")
def submit(order_id):
    order = order_service.lock(g.tenant, order_id)
    return jsonify(order_to_dict(order_service.submit(order, current_user)))


@bp.route("/<int:order_id>/cancel", methods=["POST"])
@roles_required("sales")
def cancel(order_id):
    reader = Reader(request.get_json(silent=True))
    reason = reader.reason()
    reader.done()
    order = order_service.lock(g.tenant, order_id)
    order_service.cancel(order, current_user, reason)
    return jsonify(order_summary(order))


@bp.route("/<int:order_id>/ship", methods=["POST"])
@roles_required("warehouse")
def ship(order_id):
    reader = Reader(request.get_json())
    code = reader.text("warehouse")
    reader.done()
    warehouse = Warehouse.for_tenant(g.tenant).filter_by(code=code).first_or_404()
    order = order_service.lock(g.tenant, order_id)
    return jsonify(order_to_dict(order_service.ship(order, current_user, warehouse)))


@bp.route("/<int:order_id>/copy", methods=["POST"])
@roles_required("sales")
def copy(order_id):
    order = order_service.get(current_user, g.tenant, order_id)
    return jsonify(order_to_dict(order_service.copy(order, current_user))), 201


@bp.route("/<int:order_id>/events")
@roles_required("sales", "warehouse", "viewer")
def list_events(order_id):
    order = order_service.get(current_user, g.tenant, order_id)
    events = order_service.events(order, kind=request.args.get("kind"))
    return jsonify([event_to_dict(event) for event in events])


@bp.route("/close-stale", methods=["POST"])
@roles_required("admin")
def close_stale():
    reader = Reader(request.get_json())
    before = reader.date("before")
    reader.done()
    midnight = datetime.combine(before, datetime.min.time())
    ids = order_service.close_stale_drafts(g.tenant, midnight)
    return jsonify(closed=ids, count=len(ids))


@bp.route("/statuses")
@roles_required("sales", "warehouse", "viewer")
def count_by_status():
    rows = (
        db.session.query(Order.status, db.func.count(Order.id).label("orders"))
        .filter(Order.tenant_id == g.tenant.id)
        .group_by(Order.status)
        .order_by(Order.status)
        .all()
    )
    return {row.status: row.orders for row in rows}
