"""/api/invoices: from shipped orders to paid bills."""

import csv
import io

from flask import Blueprint, Response, g, jsonify, make_response, request, url_for

from legacy_app import jobs
from legacy_app.auth.decorators import roles_required
from legacy_app.extensions import db
from legacy_app.models import Invoice, Order
from legacy_app.serializers.customers import customer_ref
from legacy_app.serializers.invoices import invoice_summary, invoice_to_dict
from legacy_app.serializers.orders import order_summary
from legacy_app.services import invoicing, listing
from legacy_app.utils import bool_arg, utcnow
from legacy_app.validation import Reader

bp = Blueprint("invoices", __name__, url_prefix="/api/invoices")


@bp.route("")
@roles_required("accounts", "sales", "viewer")
def list_invoices():
    query = invoicing.find(
        g.tenant,
        status=request.args.get("status"),
        customer_id=request.args.get("customer", type=int),
        overdue=bool_arg("overdue"),
    )
    query = listing.between_dates(query, Invoice.issued_on)
    query = listing.sort(query, Invoice, {"id", "number", "due_on", "net"}, default="-id")
    return jsonify(listing.page_of(query, invoice_summary))


@bp.route("", methods=["POST"])
@roles_required("accounts")
def create_invoice():
    reader = Reader(request.get_json())
    order_id = reader.integer("order_id")
    reader.done()
    order = Order.query.filter_by(id=order_id, tenant_id=g.tenant.id).first_or_404()
    invoice = invoicing.create_from_order(g.tenant, order)
    response = make_response(jsonify(invoice_to_dict(invoice)), 201)
    response.headers["Location"] = url_for("invoices.get_invoice", invoice_id=invoice.id)
    return response


@bp.route("/<int:invoice_id>")
@roles_required("accounts", "sales", "viewer")
def get_invoice(invoice_id):
    return jsonify(invoice_to_dict(invoicing.get(g.tenant, invoice_id)))


@bp.route("/<int:invoice_id>/issue", methods=["POST"])
@roles_required("accounts")
def issue(invoice_id):
    reader = Reader(request.get_json(silent=True))
    day = reader.date("date", default=None) or utcnow().date()
    reader.done()
    invoice = invoicing.issue(invoicing.get(g.tenant, invoice_id, lock=True), day)
    return jsonify(invoice_summary(invoice))


@bp.route("/<int:invoice_id>/void", methods=["POST"])
@roles_required("accounts")
def void(invoice_id):
    reader = Reader(request.get_json(silent=True))
    reason = reader.reason()
    reader.done()
    invoice = invoicing.void(invoicing.get(g.tenant, invoice_id, lock=True), reason)
    return jsonify(invoice_summary(invoice))


@bp.route("/<int:invoice_id>/lines.csv")
@roles_required("accounts", "viewer")
def lines_csv(invoice_id):
    invoice = invoicing.get(g.tenant, invoice_id)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["text", "quantity", "amount"])
    writer.writerows([line.text, line.quantity, line.amount] for line in invoice.lines)
    return Response(
        buffer.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={invoice.number}.csv"},
    )


@bp.route("/to-do")
@roles_required("accounts")
def to_do():
    """Shipped orders without an invoice."""
    orders = invoicing.without_invoice(g.tenant)
    return jsonify(orders=[order_summary(order) for order in orders[:20]], count=orders.count())


@bp.route("/ageing")
@roles_required("accounts", "viewer")
def ageing():
    return jsonify(
        [
            {"age": label, "invoices": count, "balance": balance}
            for label, count, balance in invoicing.ageing(g.tenant)
        ]
    )


@bp.route("/open")
@roles_required("accounts", "viewer")
def open_by_customer():
    return jsonify(
        customers=[
            {**customer_ref(customer), "invoices": invoices, "outstanding": customer.outstanding}
            for customer, invoices in invoicing.open_by_customer(g.tenant)
        ]
    )


@bp.route("/reminders", methods=["POST"])
@roles_required("accounts")
def remind():
    """Queue the job that reminds everyone who is late by `days` or more."""
    reader = Reader(request.get_json(silent=True))
    days = reader.integer("days", default=0, minimum=0)
    reader.done()
    run = jobs.enqueue(g.tenant, "send_reminders", days=days)
    db.session.commit()
    return jsonify(job=run.id, status=run.status), 202
