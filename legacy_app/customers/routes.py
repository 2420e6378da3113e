"""The views of the customers blueprint."""

from flask import Blueprint, g, jsonify, request, url_for

from legacy_app.auth.decorators import roles_required
from legacy_app.extensions import db
from legacy_app.models import Address, Customer
from legacy_app.serializers.customers import CustomerSerializer, address_to_dict
from legacy_app.serializers.orders import order_summary
from legacy_app.services import customers as customer_service
from legacy_app.services import listing
from legacy_app.utils import bool_arg, limit_arg
from legacy_app.validation import Reader

bp = Blueprint("customers", __name__, url_prefix="/api/customers")

SORTABLE = {"id", "name", "code", "created_at"}


def read_customer(data, partial):
    """The fields of a customer; with `partial` only those that were sent."""
    reader = Reader(data)
    values = {}
    if not partial or "code" in reader.data:
        values["code"] = reader.text("code", max_length=20)
    if not partial or "name" in reader.data:
        values["name"] = reader.text("name", max_length=200)
    if "email" in reader.data:
        values["email"] = reader.text("email", default=None, max_length=120, blank=True)
    if "vat_number" in reader.data:
        values["vat_number"] = reader.text("vat_number", default=None, max_length=30)
    if "credit_limit" in reader.data:
        values["credit_limit"] = reader.decimal(
            "credit_limit", default=None, minimum="0", maximum="999999999999"
        )
    if "since" in reader.data:
        values["since"] = reader.date("since", default=None)
    if "notes" in reader.data:
        values["notes"] = reader.text("notes", default=None, blank=True)
    if "account_manager_id" in reader.data:
        values["account_manager_id"] = reader.integer("account_manager_id", default=None)
    reader.done()
    return values


def read_address(data):
    reader = Reader(data)
    values = {
        "kind": reader.choice("kind", ["delivery", "billing"], default="delivery"),
        "line1": reader.text("line1", max_length=200),
        "line2": reader.text("line2", default=None, max_length=200, blank=True),
        "city": reader.text("city", max_length=100),
        "postcode": reader.text("postcode", max_length=20),
        "country": reader.text("country", max_length=2),
        "is_default": reader.boolean("is_default", default=False),
    }
    reader.done()
    return values


@bp.route("")
@roles_required("sales", "accounts", "viewer")
def list_customers():
    query = customer_service.find(
        g.tenant,
        term=request.args.get("q"),
        manager_id=request.args.get("manager", type=int),
        with_deleted=bool_arg("deleted"),
    )
    query = listing.sort(query, Customer, SORTABLE)
    return jsonify(listing.page_of(query, CustomerSerializer().dump))


@bp.route("", methods=["POST"])
@roles_required("sales")
def create_customer():
    data = request.get_json()
    values = read_customer(data, partial=False)
    addresses = [read_address(address) for address in Reader(data).items("addresses", default=[])]
    customer = customer_service.create(g.tenant, values, addresses)
    location = url_for("customers.get_customer", customer_id=customer.id)
    body = CustomerSerializer(detail=True).dump(customer)
    return jsonify(body), 201, {"Location": location}


@bp.route("/<int:customer_id>")
@roles_required("sales", "accounts", "viewer")
def get_customer(customer_id):
    customer = customer_service.get(g.tenant, customer_id)
    return jsonify(CustomerSerializer(detail=True).dump(customer))


@bp.route("/<int:customer_id>", methods=["PATCH"])
@roles_required("sales")
def update_customer(customer_id):
    customer = customer_service.get(g.tenant, customer_id)
    values = read_customer(request.get_json(), partial=True)
    customer_service.update(customer, values)
    return jsonify(CustomerSerializer(detail=True).dump(customer))


@bp.route("/<int:customer_id>", methods=["DELETE"])
@roles_required("sales")
def delete_customer(customer_id):
    customer_service.delete(customer_service.get(g.tenant, customer_id))
    return "", 204


@bp.route("/<int:customer_id>/restore", methods=["POST"])
@roles_required("admin")
def restore_customer(customer_id):
    customer = customer_service.restore(g.tenant, customer_id)
    return jsonify(CustomerSerializer().dump(customer))


@bp.route("/<int:customer_id>/addresses")
@roles_required("sales", "viewer")
def list_addresses(customer_id):
    customer = customer_service.get(g.tenant, customer_id)
    return jsonify(addresses=[address_to_dict(address) for address in customer.addresses])


@bp.route("/<int:customer_id>/addresses", methods=["POST"])
@roles_required("sales")
def add_address(customer_id):
    customer = customer_service.get(g.tenant, customer_id)
    address = customer_service.add_address(customer, read_address(request.get_json()))
    return jsonify(address_to_dict(address)), 201


@bp.route("/<int:customer_id>/addresses/<int:address_id>", methods=["DELETE"])
@roles_required("sales")
def remove_address(customer_id, address_id):
    customer = customer_service.get(g.tenant, customer_id)
    address = Address.query.filter_by(id=address_id).with_parent(customer).first_or_404()
    customer.addresses.remove(address)
    db.session.commit()
    return "", 204


@bp.route("/<int:customer_id>/orders")
@roles_required("sales", "viewer")
def list_orders(customer_id):
    customer = customer_service.get(g.tenant, customer_id)
    orders = customer.orders
    status = request.args.get("status")
    if status:
        orders = orders.filter_by(status=status)
    return jsonify(
        orders=[order_summary(order) for order in orders[: limit_arg()]],
        count=orders.count(),
    )


@bp.route("/<int:customer_id>/statement")
@roles_required("accounts", "sales")
def statement(customer_id):
    customer = customer_service.get(g.tenant, customer_id)
    return jsonify(
        customer=customer.label,
        entries=customer_service.statement(customer),
        outstanding=customer.outstanding,
    )


@bp.route("/over-limit")
@roles_required("accounts")
def over_limit():
    late = customer_service.over_limit(g.tenant)
    return jsonify(
        customers=[
            {"code": c.code, "outstanding": c.outstanding, "credit_limit": c.credit_limit}
            for c in late
        ]
    )
