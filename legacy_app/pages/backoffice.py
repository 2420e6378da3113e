"""The backoffice: what sales, warehouse and accounts see in the browser."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from sqlalchemy import func, select

from legacy_app.errors import ServiceError
from legacy_app.extensions import db
from legacy_app.models import (
    AuditEntry,
    Category,
    Customer,
    Invoice,
    Order,
    OrderEvent,
    Product,
    Warehouse,
)
from legacy_app.services import customers as customer_service
from legacy_app.services import listing
from legacy_app.services import orders as order_service
from legacy_app.validation import Reader

bp = Blueprint("backoffice", __name__, url_prefix="/backoffice")


@bp.before_request
@login_required
def staff_only():
    if not current_user.roles:
        abort(403, description="Ask your administrator for a role.")


@bp.errorhandler(403)
def forbidden(error):
    return render_template("backoffice/forbidden.html", error=error), 403


@bp.route("/")
def dashboard():
    orders = Order.for_tenant(g.tenant)
    counts = (
        orders.with_entities(Order.status, func.count(Order.id))
        .group_by(Order.status)
        .order_by(Order.status)
    )
    latest = (
        OrderEvent.query.join(OrderEvent.order)
        .filter(Order.tenant_id == g.tenant.id)
        .order_by(OrderEvent.created_at.desc(), OrderEvent.id.desc())
        .limit(10)
    )
    overdue = Invoice.for_tenant(g.tenant).filter(Invoice.is_overdue)
    return render_template(
        "backoffice/dashboard.html",
        counts=dict(counts),
        latest=latest,
        overdue=overdue.count(),
        customers=Customer.alive().filter_by(tenant_id=g.tenant.id).count(),
    )


@bp.route("/orders")
def orders():
    query = order_service.visible_to(current_user, g.tenant)
    query = order_service.apply_filters(query, request.args)
    pagination = query.order_by(Order.id.desc()).paginate(per_page=15, max_per_page=50)
    return render_template("backoffice/orders.html", pagination=pagination)


@bp.route("/orders/<int:order_id>")
def order(order_id):
    chosen = order_service.get(current_user, g.tenant, order_id)
    warehouses = db.session.execute(
        select(Warehouse).filter_by(tenant_id=g.tenant.id, is_active=True).order_by(Warehouse.code)
    ).scalars()
    return render_template("backoffice/order.html", order=chosen, warehouses=warehouses)


@bp.route("/orders/<int:order_id>/note", methods=["POST"])
def add_note(order_id):
    chosen = order_service.get(current_user, g.tenant, order_id)
    text = request.form.get("text", "").strip()
    if text:
        chosen.log("note", text, current_user.id)
        db.session.commit()
        flash("Noted.", "success")
    else:
        flash("An empty note is no note.", "warning")
    return redirect(url_for(".order", order_id=chosen.id, _anchor="events"))


@bp.route("/orders/<int:order_id>/<any(submit, cancel, ship):action>", methods=["POST"])
def advance(order_id, action):
    chosen = order_service.lock(g.tenant, order_id)
    try:
        if action == "submit":
            order_service.submit(chosen, current_user)
        elif action == "cancel":
            order_service.cancel(chosen, current_user, request.form.get("reason", ""))
        else:
            place = Warehouse.for_tenant(g.tenant).filter_by(code=request.form.get("warehouse"))
            order_service.ship(chosen, current_user, place.first_or_404())
    except ServiceError as error:
        db.session.rollback()
        flash(error.message, "error")
    else:
        flash(f"Order {chosen.number} is now {chosen.status}.", "success")
    return redirect(url_for(".order", order_id=order_id))


@bp.route("/customers")
def customers():
    term = request.args.get("q", "")
    query = customer_service.find(g.tenant, term=term)
    query = listing.sort(query, Customer, {"id", "name", "code"}, default="name")
    return render_template(
        "backoffice/customers.html", pagination=query.paginate(per_page=25), term=term
    )


@bp.route("/customers/<int:customer_id>")
def customer(customer_id):
    chosen = customer_service.get(g.tenant, customer_id)
    return render_template("backoffice/customer.html", customer=chosen)


@bp.route("/customers/<int:customer_id>/edit", methods=["GET", "POST"])
def edit_customer(customer_id):
    chosen = customer_service.get(g.tenant, customer_id)
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
            customer_service.update(chosen, values)
            flash("Saved.", "success")
            return redirect(url_for(".customer", customer_id=chosen.id))
    status = 422 if problems else 200
    page = render_template("backoffice/edit_customer.html", customer=chosen, problems=problems)
    return page, status


@bp.route("/categories")
def categories():
    roots = Category.query.filter_by(tenant_id=g.tenant.id, parent_id=None)
    return render_template(
        "backoffice/categories.html",
        roots=roots.order_by(Category.position, Category.id).all(),
    )


@bp.route("/stock")
def stock():
    warehouses = Warehouse.for_tenant(g.tenant).order_by(Warehouse.code).all()
    chosen = request.args.get("warehouse") or (warehouses[0].code if warehouses else "")
    warehouse = next((each for each in warehouses if each.code == chosen), None)
    if warehouse is None:
        abort(404)
    levels = warehouse.levels.join(Product).filter(Product.deleted_at.is_(None))
    return render_template(
        "backoffice/stock.html",
        warehouses=warehouses,
        warehouse=warehouse,
        levels=sorted(levels, key=lambda level: (level.available, level.product.sku))[:50],
    )


@bp.route("/invoices/<int:invoice_id>")
def invoice(invoice_id):
    chosen = Invoice.query.get_or_404(invoice_id)
    if chosen.tenant_id != g.tenant.id:
        abort(404)
    return render_template("backoffice/invoice.html", invoice=chosen)


@bp.route("/audit")
def audit():
    entries = AuditEntry.for_tenant(g.tenant).order_by(AuditEntry.id.desc()).paginate(per_page=30)
    return render_template("backoffice/audit.html", pagination=entries)
