"""/api/reports: figures for managers, and the big exports."""

import csv
import io
from decimal import Decimal

from flask import Blueprint, Response, g, jsonify, request, stream_with_context

from legacy_app.auth.decorators import roles_required
from legacy_app.models import Product
from legacy_app.serializers.catalogue import product_ref
from legacy_app.serializers.customers import customer_ref
from legacy_app.serializers.orders import order_summary
from legacy_app.services import reports
from legacy_app.utils import decimal_arg, limit_arg, money

bp = Blueprint("reports", __name__, url_prefix="/api/reports")


@bp.route("/sales")
@roles_required("sales", "accounts", "viewer")
def sales():
    months = reports.sales_by_month(g.tenant, request.args.get("year", type=int))
    return jsonify(months=months, revenue=sum((m["revenue"] for m in months), Decimal("0.00")))


@bp.route("/top-products")
@roles_required("sales", "viewer")
def top_products():
    limit = limit_arg()
    return jsonify(
        products=[
            {**product_ref(product), "pieces": int(pieces), "revenue": money(revenue)}
            for product, pieces, revenue in reports.top_products(g.tenant, limit)
        ]
    )


@bp.route("/sleeping-customers")
@roles_required("sales")
def sleeping_customers():
    return jsonify([customer_ref(customer) for customer in reports.sleeping_customers(g.tenant)])


@bp.route("/big-orders")
@roles_required("sales", "accounts")
def big_orders():
    minimum = decimal_arg("minimum", default=Decimal(10000))
    query = reports.customers_with_big_orders(g.tenant, minimum)
    return jsonify(
        customers=[
            {**customer_ref(customer), "largest": money(largest)} for customer, largest in query
        ]
    )


@bp.route("/buyers/<sku>")
@roles_required("sales", "viewer")
def buyers(sku):
    return jsonify([customer_ref(each) for each in reports.customers_who_bought(g.tenant, sku)])


@bp.route("/bought-together/<sku>")
@roles_required("sales", "viewer")
def bought_together(sku):
    product = Product.for_tenant(g.tenant).filter_by(sku=sku).first_or_404()
    rows = reports.bought_together(g.tenant, product)
    return jsonify([row._asdict() for row in rows])


@bp.route("/categories")
@roles_required("sales", "viewer")
def categories():
    tree, uncategorised = reports.revenue_by_category(g.tenant)
    return jsonify(categories=tree, uncategorised=uncategorised)


@bp.route("/stock-value")
@roles_required("accounts", "warehouse")
def stock_value():
    return jsonify(
        [
            {"warehouse": code, "pieces": pieces, "value": value, "empty": empty}
            for code, pieces, value, empty in reports.stock_value(g.tenant)
        ]
    )


@bp.route("/directory")
@roles_required("sales", "viewer")
def directory():
    rows = reports.directory(g.tenant, request.args.get("q", ""))
    return jsonify([{"kind": kind, "id": id_, "name": name} for kind, id_, name in rows])


@bp.route("/notable-orders")
@roles_required("sales", "viewer")
def notable_orders():
    query = reports.notable_orders(g.tenant)
    return jsonify(orders=[order_summary(order) for order in query], count=query.count())


@bp.route("/activity")
@roles_required("sales", "viewer")
def activity():
    return jsonify(reports.activity(g.tenant, limit_arg(default=20)))


@bp.route("/tags")
@roles_required("sales", "viewer")
def tags():
    return jsonify(reports.tag_cloud(g.tenant))


@bp.route("/managers")
@roles_required("sales")
def managers():
    return jsonify(reports.managers(g.tenant))


@bp.route("/numbers")
@roles_required("sales", "viewer")
def numbers():
    return jsonify(reports.numbers(g.tenant))


@bp.route("/orders.csv")
@roles_required("sales", "accounts")
def orders_csv():
    """All orders as CSV, sent line by line: the file does not fit into memory at year's end."""
    query = reports.export_query(g.tenant, request.args.get("status"))

    def generate():
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(["number", "customer", "status", "placed", "lines", "total"])
        for order in query.yield_per(50):
            placed = order.placed_at.isoformat() if order.placed_at else ""
            writer.writerow(
                [
                    order.number,
                    order.customer.name,
                    order.status,
                    placed,
                    len(order.lines),
                    order.total,
                ]
            )
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
    return Response(stream_with_context(generate()), mimetype="text/csv", headers=headers)
