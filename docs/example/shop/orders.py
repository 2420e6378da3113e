from flask import Blueprint, jsonify, message_flashed, request

from shop.models import Order, db

bp = Blueprint("orders", __name__, url_prefix="/orders")


@bp.route("")
def large_orders():
    query = Order.query.filter(Order.total >= request.args.get("min", 0, type=int))
    return jsonify([order.to_dict() for order in query.order_by(Order.total)])


@bp.route("/<int:order_id>")
def show(order_id):
    return Order.query.get_or_404(order_id).to_dict()


@bp.route("/<int:order_id>", methods=["PUT"])
def change(order_id):
    order = Order.query.get_or_404(order_id)
    order.total = request.get_json()["total"]
    db.session.commit()
    return order.to_dict()


@bp.route("/archive")
def archive():
    archived = Order.query.filter(Order.total > 1000).count()
    message_flashed.send(request, message=f"{archived} archived")
    return {"archived": archived}
