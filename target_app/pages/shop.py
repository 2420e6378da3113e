"""The storefront of one tenant, `/s/<tenant_slug>/`: browse, fill the cart, order."""

from migrator.runtime.compat import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from migrator.runtime.compat.login import current_user, login_required, get_current_user

from target_app.errors import ServiceError
from target_app.extensions import db
from target_app.models import Category, Customer, Product, Tag, Tenant
from target_app.services import listing, pricing
from target_app.services import orders as order_service
from migrator.runtime.db import bridge, reload, reload_first, unbridge_iter
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from target_app.models.stock import StockLevel

bp = Blueprint("shop", __name__, url_prefix="/s/<tenant_slug>")

MOST_PIECES = 1_000_000


@bp.url_value_preprocessor
def pull_tenant(endpoint, values):
    g.shop_slug = values.pop("tenant_slug") if values else None


@bp.url_defaults
def add_tenant(endpoint, values):
    if "tenant_slug" not in values and g.get("shop_slug"):
        values["tenant_slug"] = g.shop_slug


@bp.before_request
async def open_shop():
    g.tenant = await db.first_or_404(select(Tenant).filter_by(slug=g.shop_slug, is_active=True), description="This shop is closed.")


@bp.context_processor
def inject_cart():
    # A closed shop has no cart, and its error page comes by here as well.
    return {"cart_count": sum(cart().values()) if g.tenant is not None else 0}


def cart():
    """Product ids (as strings: JSON has no other keys) to quantities, of this shop alone."""
    return session.get("cart", {}).get(g.tenant.slug, {})


def save_cart(items):
    carts = dict(session.get("cart", {}))
    carts[g.tenant.slug] = items
    session["cart"] = carts


async def on_sale():
    return (await bridge(Product.alive)).statement.where(Product.tenant_id == g.tenant.id, Product.is_active.is_(True))


@bp.get("/")
async def home():
    newest = (await on_sale()).order_by(Product.created_at.desc(), Product.id.desc()).limit(8)
    tags = select(Tag).filter_by(tenant_id=g.tenant.id).where(Tag.products.any()).order_by(Tag.name)
    return await bridge(
        render_template, "shop/home.html",
        newest=list((await db.session.scalars(newest.options(selectinload(Product.category)))).unique()),
        tags=(await db.session.scalars(tags)).all(),
        welcome=await bridge(g.tenant.setting, "shop.welcome"),
        motto=await bridge(g.tenant.setting, "shop.motto", default="We have it."),
    )


@bp.get("/c/{slug}")
async def category(slug: str):
    chosen = await db.first_or_404(select(Category).filter_by(tenant_id=g.tenant.id, slug=slug))
    below = [each.id async for each in chosen.walk()]
    products = (await on_sale()).where(Product.category_id.in_(below)).order_by(Product.name, Product.id)
    pagination = await db.paginate(products, per_page=12)
    return await bridge(render_template, "shop/category.html", category=chosen, pagination=pagination)


@bp.get("/p/{sku}")
async def product(sku: str):
    chosen = await db.first_or_404((await on_sale()).filter_by(sku=sku).options(selectinload(Product.stock_levels).selectinload(StockLevel.warehouse)))
    quantity = max(request.args.get("quantity", 1, type=int), 1)
    return await bridge(
        render_template, "shop/product.html",
        product=chosen,
        quantity=quantity,
        unit_price=await pricing.unit_price(chosen, quantity),
    )


@bp.get("/search")
async def search():
    term = request.args.get("q", "").strip()
    found = []
    if term:
        query = listing.search(await on_sale(), term, Product.name, Product.sku, Product.description)
        found = (await db.session.scalars(query.order_by(Product.sku).limit(20).options(selectinload(Product.category)))).unique().all()
    return await bridge(render_template, "shop/search.html", term=term, found=found)


async def cart_lines():
    """(product, quantity, unit price, amount) in the order of the SKUs."""
    items = cart()
    products = (await on_sale()).where(Product.id.in_([int(key) for key in items]))
    for each in (await db.session.scalars(products.order_by(Product.sku))).unique():
        quantity = items[str(each.id)]
        price = await pricing.unit_price(each, quantity)
        yield each, quantity, price, price * quantity


@bp.get("/cart")
def show_cart():
    lines = list(unbridge_iter(cart_lines()))
    customers = []
    if current_user.is_authenticated and current_user.tenant_id == g.tenant.id:
        customers = Customer.alive().filter_by(tenant_id=g.tenant.id).order_by(Customer.label)
    return render_template(
        "shop/cart.html",
        lines=lines,
        total=sum(amount for _, _, _, amount in lines),
        customers=customers,
    )


@bp.post("/cart/{product_id:int}")
async def put_in_cart(product_id: int):
    chosen = (await db.session.scalars((await on_sale()).where(Product.id == product_id))).unique().one_or_none()
    if chosen is None:
        abort(404, description="This product is not on sale.")
    quantity = min(request.form.get("quantity", 1, type=int), MOST_PIECES)
    items = dict(cart())
    if quantity > 0:
        items[str(product_id)] = quantity
        flash(f"{quantity} × {chosen.name} in the cart.", "success")
    else:
        items.pop(str(product_id), None)
        flash(f"{chosen.name} removed.")
    save_cart(items)
    return redirect(url_for(".show_cart"))


@bp.post("/checkout")
@login_required
async def checkout():
    if (await get_current_user()).tenant_id != g.tenant.id or not (await get_current_user()).has_role("sales"):
        abort(403)
    lines = [{"product_id": each.id, "quantity": count} async for each, count, _, _ in cart_lines()]
    if not lines:
        flash("The cart is empty.", "warning")
        return redirect(url_for(".show_cart"))
    values = {"customer_id": request.form.get("customer", type=int)}
    try:
        order = await order_service.create(g.tenant, await get_current_user(), values, lines)
        await reload_first(g, order_service.submit(order, await reload(await get_current_user())))
    except ServiceError as error:
        await db.session.rollback()
        flash(error.message, "error")
        return redirect(url_for(".show_cart"))
    await bridge(save_cart, {})
    flash(f"Order {(await order.awaitable_attrs.number)} is placed: {(await order.awaitable_attrs.total)} {(await reload(g.tenant)).currency}.", "success")
    return redirect(url_for("backoffice.order", order_id=await order.awaitable_attrs.id))
