"""The backoffice: what sales, warehouse and accounts see in the browser."""

from migrator.runtime.compat import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from migrator.runtime.compat.login import current_user, login_required, get_current_user
from sqlalchemy import func, select

from target_app.errors import ServiceError
from target_app.extensions import db
from target_app.models import (
    AuditEntry,
    Category,
    Customer,
    Invoice,
    Order,
    OrderEvent,
    Product,
    Warehouse,
)
from target_app.services import customers as customer_service
from target_app.services import listing
from target_app.services import orders as order_service
from target_app.validation import Reader
from migrator.runtime.db import bridge, by_key
from sqlalchemy.orm import joinedload, selectinload

bp = Blueprint("backoffice", __name__, url_prefix="/backoffice")


@bp.before_request
@login_required
async def staff_only():
    if not (await get_current_user()).roles:
        abort(403, description="Ask your administrator for a role.")


@bp.errorhandler(403)
async def forbidden(error):
    return await bridge(render_template, "backoffice/forbidden.html", error=error), 403


@bp.get("/")
async def dashboard():
    orders = Order.for_tenant(g.tenant)
    counts = (
        orders.with_only_columns(Order.status, func.count(Order.id))
        .group_by(Order.status)
        .order_by(Order.status)
    )
    latest = (
        select(OrderEvent).join(OrderEvent.order)
        .where(Order.tenant_id == g.tenant.id)
        .order_by(OrderEvent.created_at.desc(), OrderEvent.id.desc())
        .limit(10)
    )
    overdue = Invoice.for_tenant(g.tenant).where(Invoice.is_overdue)
    return await bridge(
        render_template, "backoffice/dashboard.html",
        counts=dict(list(await db.session.execute(counts))),
        latest=list((await db.session.scalars(latest.options(selectinload(OrderEvent.order).selectinload(Order.customer), selectinload(OrderEvent.user)))).unique()),
        overdue=await db.session.scalar(select(func.count()).select_from(overdue.subquery())),
        customers=await db.session.scalar(select(func.count()).select_from((await bridge(Customer.alive)).statement.filter_by(tenant_id=g.tenant.id).subquery())),
    )


@bp.get("/orders")
async def orders():
    query = order_service.visible_to(await get_current_user(), g.tenant)
    query = order_service.apply_filters(query, request.args)
    pagination = await db.paginate(query.order_by(Order.id.desc()).options(selectinload(Order.customer).selectinload(Customer.account_manager)), per_page=15, max_per_page=50)
    return await bridge(render_template, "backoffice/orders.html", pagination=pagination)


@bp.get("/orders/{order_id:int}")
async def order(order_id: int):
    chosen = await order_service.get(await get_current_user(), g.tenant, order_id)
    warehouses = (await db.session.execute(
        select(Warehouse).filter_by(tenant_id=g.tenant.id, is_active=True).order_by(Warehouse.code)
    )).scalars()
    return await bridge(render_template, "backoffice/order.html", order=chosen, warehouses=warehouses)


@bp.post("/orders/{order_id:int}/note")
async def add_note(order_id: int):
    chosen = await order_service.get(await get_current_user(), g.tenant, order_id)
    text = request.form.get("text", "").strip()
    if text:
        chosen.log("note", text, (await get_current_user()).id)
        await db.session.commit()
        flash("Noted.", "success")
    else:
        flash("An empty note is no note.", "warning")
    return redirect(url_for(".order", order_id=await chosen.awaitable_attrs.id, _anchor="events"))


@bp.post("/orders/<int:order_id>/<any(submit, cancel, ship):action>")
async def advance(order_id: int, action: str):
    chosen = await order_service.lock(g.tenant, order_id)
    try:
        if action == "submit":
            await order_service.submit(chosen, await get_current_user())
        elif action == "cancel":
            await order_service.cancel(chosen, await get_current_user(), request.form.get("reason", ""))
        else:
            place = Warehouse.for_tenant(g.tenant).filter_by(code=request.form.get("warehouse"))
            await order_service.ship(chosen, await get_current_user(), await db.first_or_404(place))
    except ServiceError as error:
        await db.session.rollback()
        flash(error.message, "error")
    else:
        flash(f"Order {(await chosen.awaitable_attrs.number)} is now {(await chosen.awaitable_attrs.status)}.", "success")
    return redirect(url_for(".order", order_id=order_id))


@bp.get("/customers")
async def customers():
    term = request.args.get("q", "")
    query = customer_service.find(g.tenant, term=term)
    query = listing.sort(query, Customer, {"id", "name", "code"}, default="name")
    return await bridge(
        render_template, "backoffice/customers.html", pagination=await db.paginate(query.options(selectinload(Customer.addresses)), per_page=25), term=term
    )


@bp.get("/customers/{customer_id:int}")
async def customer(customer_id: int):
    chosen = await customer_service.get(g.tenant, customer_id)
    return await bridge(render_template, "backoffice/customer.html", customer=chosen)


@bp.api_route("/customers/{customer_id:int}/edit", methods=["GET", "POST"])
async def edit_customer(customer_id: int):
    chosen = await customer_service.get(g.tenant, customer_id)
    problems = {}
    if request.method == "POST":
        reader = Reader(request.form)
        values = {
            "name": reader.text("name", max_length=200),
            "email": reader.text("email", default=None, max_length=120, blank=True),
            "notes": reader.text("notes", default=None, blank=True),
        }
        problems = reader.problems
        if not problems:
            await customer_service.update(chosen, values)
            flash("Saved.", "success")
            return redirect(url_for(".customer", customer_id=await chosen.awaitable_attrs.id))
    status = 422 if problems else 200
    page = await bridge(render_template, "backoffice/edit_customer.html", customer=chosen, problems=problems)
    return page, status


@bp.get("/categories")
async def categories():
    roots = select(Category).filter_by(tenant_id=g.tenant.id, parent_id=None)
    return await bridge(
        render_template, "backoffice/categories.html",
        roots=(await db.session.scalars(roots.order_by(Category.position, Category.id))).all(),
    )


@bp.get("/stock")
async def stock():
    warehouses = (await db.session.scalars(Warehouse.for_tenant(g.tenant).order_by(Warehouse.code))).unique().all()
    chosen = request.args.get("warehouse") or (warehouses[0].code if warehouses else "")
    warehouse = next((each for each in warehouses if each.code == chosen), None)
    if warehouse is None:
        abort(404)
    levels = warehouse.levels.join(Product).filter(Product.deleted_at.is_(None))
    return await bridge(
        render_template, "backoffice/stock.html",
        warehouses=warehouses,
        warehouse=warehouse,
        levels=by_key(sorted, [((level.available, (await level.awaitable_attrs.product).sku), level) for level in (await db.session.scalars(levels.statement)).unique()])[:50],
    )


@bp.get("/invoices/{invoice_id:int}")
async def invoice(invoice_id: int):
    chosen = await db.get_or_404(Invoice, invoice_id, options=[joinedload(Invoice.customer), joinedload(Invoice.order)])
    if chosen.tenant_id != g.tenant.id:
        abort(404)
    return await bridge(render_template, "backoffice/invoice.html", invoice=chosen)


@bp.get("/audit")
async def audit():
    entries = await db.paginate(AuditEntry.for_tenant(g.tenant).order_by(AuditEntry.id.desc()).options(selectinload(AuditEntry.user)), per_page=30)
    return await bridge(render_template, "backoffice/audit.html", pagination=entries)
