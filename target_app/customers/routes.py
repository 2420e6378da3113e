"""The views of the customers blueprint."""

from migrator.runtime.compat import Blueprint, g, jsonify, request, url_for

from target_app.auth.decorators import roles_required
from target_app.extensions import db
from target_app.models import Address, Customer
from target_app.serializers.customers import CustomerSerializer, address_to_dict
from target_app.serializers.orders import order_summary
from target_app.services import customers as customer_service
from target_app.services import listing
from target_app.utils import bool_arg, limit_arg
from target_app.validation import Reader
from migrator.runtime.db import bounds, parent_of, reload
from sqlalchemy import func, select

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


@bp.get("")
@roles_required("sales", "accounts", "viewer")
async def list_customers():
    query = customer_service.find(
        g.tenant,
        term=request.args.get("q"),
        manager_id=request.args.get("manager", type=int),
        with_deleted=bool_arg("deleted"),
    )
    query = listing.sort(query, Customer, SORTABLE)
    return jsonify(await listing.page_of(query, CustomerSerializer().dump))


@bp.post("")
@roles_required("sales")
async def create_customer():
    data = request.get_json()
    values = read_customer(data, partial=False)
    addresses = [read_address(address) for address in Reader(data).items("addresses", default=[])]
    customer = await customer_service.create(g.tenant, values, addresses)
    location = url_for("customers.get_customer", customer_id=customer.id)
    body = await CustomerSerializer(detail=True).dump(customer)
    return jsonify(body), 201, {"Location": location}


@bp.get("/{customer_id:int}")
@roles_required("sales", "accounts", "viewer")
async def get_customer(customer_id: int):
    customer = await customer_service.get(g.tenant, customer_id)
    return jsonify(await CustomerSerializer(detail=True).dump(customer))


@bp.patch("/{customer_id:int}")
@roles_required("sales")
async def update_customer(customer_id: int):
    customer = await customer_service.get(g.tenant, customer_id)
    values = read_customer(request.get_json(), partial=True)
    await customer_service.update(customer, values)
    return jsonify(await CustomerSerializer(detail=True).dump(await reload(customer)))


@bp.delete("/{customer_id:int}")
@roles_required("sales")
async def delete_customer(customer_id: int):
    await customer_service.delete(await customer_service.get(g.tenant, customer_id))
    return "", 204


@bp.post("/{customer_id:int}/restore")
@roles_required("admin")
async def restore_customer(customer_id: int):
    customer = await customer_service.restore(g.tenant, customer_id)
    return jsonify(await CustomerSerializer().dump(customer))


@bp.get("/{customer_id:int}/addresses")
@roles_required("sales", "viewer")
async def list_addresses(customer_id: int):
    customer = await customer_service.get(g.tenant, customer_id)
    return jsonify(addresses=[address_to_dict(address) for address in await customer.awaitable_attrs.addresses])


@bp.post("/{customer_id:int}/addresses")
@roles_required("sales")
async def add_address(customer_id: int):
    customer = await customer_service.get(g.tenant, customer_id)
    address = await customer_service.add_address(customer, read_address(request.get_json()))
    return jsonify(address_to_dict(address)), 201


@bp.delete("/{customer_id:int}/addresses/{address_id:int}")
@roles_required("sales")
async def remove_address(customer_id: int, address_id: int):
    customer = await customer_service.get(g.tenant, customer_id)
    address = await db.first_or_404(select(Address).filter_by(id=address_id).where(parent_of(Address, customer)))
    (await customer.awaitable_attrs.addresses).remove(address)
    await db.session.commit()
    return "", 204


@bp.get("/{customer_id:int}/orders")
@roles_required("sales", "viewer")
async def list_orders(customer_id: int):
    customer = await customer_service.get(g.tenant, customer_id)
    orders = customer.orders
    status = request.args.get("status")
    if status:
        orders = orders.filter_by(status=status)
    return jsonify(
        orders=[await order_summary(order) for order in (await db.session.scalars(orders.slice(*bounds(None, limit_arg())).statement)).unique().all()],
        count=await db.session.scalar(select(func.count()).select_from(orders.subquery())),
    )


@bp.get("/{customer_id:int}/statement")
@roles_required("accounts", "sales")
async def statement(customer_id: int):
    customer = await customer_service.get(g.tenant, customer_id)
    return jsonify(
        customer=customer.label,
        entries=await customer_service.statement(customer),
        outstanding=await customer.awaitable_attrs.outstanding,
    )


@bp.get("/over-limit")
@roles_required("accounts")
async def over_limit():
    late = await customer_service.over_limit(g.tenant)
    return jsonify(
        customers=[
            {"code": c.code, "outstanding": await c.awaitable_attrs.outstanding, "credit_limit": c.credit_limit}
            for c in late
        ]
    )
