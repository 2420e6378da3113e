"""/api/reports: figures for managers, and the big exports."""

import csv
import io
from decimal import Decimal

from migrator.runtime.compat import Blueprint, Response, g, jsonify, request, stream_with_context

from target_app.auth.decorators import roles_required
from target_app.models import Product
from target_app.serializers.catalogue import product_ref
from target_app.serializers.customers import customer_ref
from target_app.serializers.orders import order_summary
from target_app.services import reports
from target_app.utils import decimal_arg, limit_arg, money
from migrator.runtime.db import unbridge_iter
from sqlalchemy import func, select
from target_app.extensions import db

bp = Blueprint("reports", __name__, url_prefix="/api/reports")


@bp.get("/sales")
@roles_required("sales", "accounts", "viewer")
async def sales():
    months = await reports.sales_by_month(g.tenant, request.args.get("year", type=int))
    return jsonify(months=months, revenue=sum((m["revenue"] for m in months), Decimal("0.00")))


@bp.get("/top-products")
@roles_required("sales", "viewer")
async def top_products():
    limit = limit_arg()
    return jsonify(
        products=[
            {**product_ref(product), "pieces": int(pieces), "revenue": money(revenue)}
            for product, pieces, revenue in await reports.top_products(g.tenant, limit)
        ]
    )


@bp.get("/sleeping-customers")
@roles_required("sales")
async def sleeping_customers():
    return jsonify([customer_ref(customer) for customer in await reports.sleeping_customers(g.tenant)])


@bp.get("/big-orders")
@roles_required("sales", "accounts")
async def big_orders():
    minimum = decimal_arg("minimum", default=Decimal(10000))
    query = reports.customers_with_big_orders(g.tenant, minimum)
    return jsonify(
        customers=[
            {**customer_ref(customer), "largest": money(largest)} for customer, largest in (await db.session.execute(query)).unique()
        ]
    )


@bp.get("/buyers/{sku}")
@roles_required("sales", "viewer")
async def buyers(sku: str):
    return jsonify([customer_ref(each) for each in await reports.customers_who_bought(g.tenant, sku)])


@bp.get("/bought-together/{sku}")
@roles_required("sales", "viewer")
async def bought_together(sku: str):
    product = await db.first_or_404(Product.for_tenant(g.tenant).filter_by(sku=sku))
    rows = await reports.bought_together(g.tenant, product)
    return jsonify([row._asdict() for row in rows])


@bp.get("/categories")
@roles_required("sales", "viewer")
async def categories():
    tree, uncategorised = await reports.revenue_by_category(g.tenant)
    return jsonify(categories=tree, uncategorised=uncategorised)


@bp.get("/stock-value")
@roles_required("accounts", "warehouse")
async def stock_value():
    return jsonify(
        [
            {"warehouse": code, "pieces": pieces, "value": value, "empty": empty}
            for code, pieces, value, empty in await reports.stock_value(g.tenant)
        ]
    )


@bp.get("/directory")
@roles_required("sales", "viewer")
async def directory():
    rows = await reports.directory(g.tenant, request.args.get("q", ""))
    return jsonify([{"kind": kind, "id": id_, "name": name} for kind, id_, name in rows])


@bp.get("/notable-orders")
@roles_required("sales", "viewer")
async def notable_orders():
    query = reports.notable_orders(g.tenant)
    return jsonify(orders=[await order_summary(order) for order in (await db.session.scalars(query)).unique()], count=await db.session.scalar(select(func.count()).select_from(query.subquery())))


@bp.get("/activity")
@roles_required("sales", "viewer")
async def activity():
    return jsonify(await reports.activity(g.tenant, limit_arg(default=20)))


@bp.get("/tags")
@roles_required("sales", "viewer")
async def tags():
    return jsonify(await reports.tag_cloud(g.tenant))


@bp.get("/managers")
@roles_required("sales")
async def managers():
    return jsonify(await reports.managers(g.tenant))


@bp.get("/numbers")
@roles_required("sales", "viewer")
async def numbers():
    return jsonify(await reports.numbers(g.tenant))


@bp.get("/orders.csv")
@roles_required("sales", "accounts")
async def orders_csv():
    """All orders as CSV, sent line by line: the file does not fit into memory at year's end."""
    query = reports.export_query(g.tenant, request.args.get("status"))

    async def generate():
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(["number", "customer", "status", "placed", "lines", "total"])
        async for order in await db.session.stream_scalars(query.execution_options(yield_per=50)):
            placed = order.placed_at.isoformat() if order.placed_at else ""
            writer.writerow(
                [
                    await order.awaitable_attrs.number,
                    order.customer.name,
                    order.status,
                    placed,
                    len(order.lines),
                    await order.awaitable_attrs.total,
                ]
            )
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
    return Response(stream_with_context(unbridge_iter(generate())), mimetype="text/csv", headers=headers)
