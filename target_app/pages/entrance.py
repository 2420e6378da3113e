"""The way in: start page, login, logout, the user's own account."""

from migrator.runtime.compat import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from migrator.runtime.compat.login import (
    current_user,
    login_required,
    login_user,
    logout_user,
    get_current_user,
)

from target_app.extensions import db
from target_app.models import Order, Tenant
from target_app.services import users as user_service
from target_app.validation import Reader
from migrator.runtime.db import bridge
from sqlalchemy import func, select

bp = Blueprint("pages", __name__)


def safe_target(target):
    """Only paths of our own; anything else goes to the start page."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        return target
    return url_for("pages.index")


@bp.get("/")
async def index():
    tenants = (await db.session.scalars(select(Tenant).filter_by(is_active=True).order_by(Tenant.name))).all()
    return await bridge(render_template, "pages/index.html", tenants=tenants)


@bp.api_route("/login", methods=["GET", "POST"])
async def login():
    if await bridge(getattr, await get_current_user(), "is_authenticated"):
        return redirect(url_for("pages.index"))
    if request.method == "POST":
        user = await user_service.authenticate(
            request.form.get("email", ""), request.form.get("password", "")
        )
        if user is not None:
            session.permanent = bool(request.form.get("remember"))
            await bridge(login_user, user, remember=session.permanent)
            flash(f"Welcome back, {user.name}.", "success")
            return redirect(safe_target(request.args.get("next")))
        flash("Email or password is wrong.", "error")
    return await bridge(render_template, "pages/login.html", email=request.form.get("email", ""))


@bp.get("/logout")
def logout():
    logout_user()
    session.pop("cart", None)
    flash("You are logged out.")
    return redirect(url_for("pages.index"))


@bp.api_route("/account", methods=["GET", "POST"])
@login_required
async def account():
    if request.method == "POST":
        reader = Reader(request.form)
        name = reader.text("name", max_length=120)
        if reader.problems:
            flash(f"The name {reader.problems['name']}.", "error")
        else:
            await user_service.rename(await get_current_user(), name)
            flash("Saved.", "success")
            return redirect(url_for(".account"))
    mine = select(Order).filter_by(created_by_id=(await get_current_user()).id).order_by(Order.id.desc())
    return await bridge(
        render_template, "pages/account.html",
        orders=(await db.session.scalars(mine.slice(None, 5))).all(),
        order_count=await db.session.scalar(select(func.count()).select_from(mine.subquery())),
        tokens=list((await db.session.scalars((await get_current_user()).tokens.filter_by(revoked_at=None).statement)).unique()),
        password_method=current_app.config["PASSWORD_HASH_METHOD"],
    )


@bp.post("/account/delete-drafts")
@login_required
async def delete_drafts():
    drafts = select(Order).filter_by(created_by_id=(await get_current_user()).id, status="draft")
    count = await db.session.scalar(select(func.count()).select_from(drafts.subquery()))
    for order in await db.session.scalars(drafts.order_by(Order.id)):
        await db.session.delete(order)
    await db.session.commit()
    flash(f"{count} drafts deleted.", "success" if count else "warning")
    return redirect(url_for(".account"))
