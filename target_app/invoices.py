"""/api/invoices: from shipped orders to paid bills."""

import csv
import io

from migrator.runtime.compat import Blueprint, Response, g, jsonify, make_response, request, url_for

from target_app import jobs
from target_app.auth.decorators import roles_required
from target_app.extensions import db
from target_app.models import Invoice, Order
from target_app.serializers.customers import customer_ref
from target_app.serializers.invoices import invoice_summary, invoice_to_dict
from target_app.serializers.orders import order_summary
from target_app.services import invoicing, listing
from target_app.utils import bool_arg, utcnow
from target_app.validation import Reader
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

bp = Blueprint("invoices", __name__, url_prefix="/api/invoices")


@bp.get("")
@roles_required("accounts", "sales", "viewer")
async def list_invoices():
    query = invoicing.find(
        g.tenant,
        status=request.args.get("status"),
        customer_id=request.args.get("customer", type=int),
        overdue=bool_arg("overdue"),
    )
    query = listing.between_dates(query, Invoice.issued_on)
    query = listing.sort(query, Invoice, {"id", "number", "due_on", "net"}, default="-id")
    return jsonify(await listing.page_of(query, invoice_summary))


@bp.post("")
@roles_required("accounts")
async def create_invoice():
    reader = Reader(request.get_json())
    order_id = reader.integer("order_id")
    reader.done()
    order = await db.first_or_404(select(Order).filter_by(id=order_id, tenant_id=g.tenant.id))
    invoice = await invoicing.create_from_order(g.tenant, order)
    response = make_response(jsonify(await invoice_to_dict(invoice)), 201)
    response.headers["Location"] = url_for("invoices.get_invoice", invoice_id=invoice.id)
    return response


@bp.get("/{invoice_id:int}")
@roles_required("accounts", "sales", "viewer")
async def get_invoice(invoice_id: int):
    return jsonify(await invoice_to_dict(await invoicing.get(g.tenant, invoice_id)))


@bp.post("/{invoice_id:int}/issue")
@roles_required("accounts")
async def issue(invoice_id: int):
    reader = Reader(request.get_json(silent=True))
    day = reader.date("date", default=None) or utcnow().date()
    reader.done()
    invoice = await invoicing.issue(await invoicing.get(g.tenant, invoice_id, lock=True), day)
    return jsonify(await invoice_summary(invoice))


@bp.post("/{invoice_id:int}/void")
@roles_required("accounts")
async def void(invoice_id: int):
    reader = Reader(request.get_json(silent=True))
    reason = reader.reason()
    reader.done()
    invoice = await invoicing.void(await invoicing.get(g.tenant, invoice_id, lock=True), reason)
    return jsonify(await invoice_summary(invoice))


@bp.get("/{invoice_id:int}/lines.csv")
@roles_required("accounts", "viewer")
async def lines_csv(invoice_id: int):
    invoice = await invoicing.get(g.tenant, invoice_id)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["text", "quantity", "amount"])
    writer.writerows([line.text, line.quantity, line.amount] for line in await invoice.awaitable_attrs.lines)
    return Response(
        buffer.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={invoice.number}.csv"},
    )


@bp.get("/to-do")
@roles_required("accounts")
async def to_do():
    """Shipped orders without an invoice."""
    orders = invoicing.without_invoice(g.tenant)
    return jsonify(orders=[await order_summary(order) for order in (await db.session.scalars(orders.options(selectinload(Order.customer)).slice(None, 20))).all()], count=await db.session.scalar(select(func.count()).select_from(orders.subquery())))


@bp.get("/ageing")
@roles_required("accounts", "viewer")
async def ageing():
    return jsonify(
        [
            {"age": label, "invoices": count, "balance": balance}
            for label, count, balance in await invoicing.ageing(g.tenant)
        ]
    )


@bp.get("/open")
@roles_required("accounts", "viewer")
async def open_by_customer():
    return jsonify(
        customers=[
            {**customer_ref(customer), "invoices": invoices, "outstanding": await customer.awaitable_attrs.outstanding}
            for customer, invoices in await invoicing.open_by_customer(g.tenant)
        ]
    )


@bp.post("/reminders")
@roles_required("accounts")
async def remind():
    """Queue the job that reminds everyone who is late by `days` or more."""
    reader = Reader(request.get_json(silent=True))
    days = reader.integer("days", default=0, minimum=0)
    reader.done()
    run = await jobs.enqueue(g.tenant, "send_reminders", days=days)
    await db.session.commit()
    return jsonify(job=await run.awaitable_attrs.id, status=await run.awaitable_attrs.status), 202
