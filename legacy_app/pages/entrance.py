"""The way in: start page, login, logout, the user's own account."""

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_required, login_user, logout_user

from legacy_app.extensions import db
from legacy_app.models import Order, Tenant
from legacy_app.services import users as user_service
from legacy_app.validation import Reader

bp = Blueprint("pages", __name__)


def safe_target(target):
    """Only paths of our own; anything else goes to the start page."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        return target
    return url_for("pages.index")


@bp.route("/")
def index():
    tenants = Tenant.query.filter_by(is_active=True).order_by(Tenant.name).all()
    return render_template("pages/index.html", tenants=tenants)


@bp.route("/login", methods=["GET", "POST"])
def login():
    if current_user.is_authenticated:
        return redirect(url_for("pages.index"))
    if request.method == "POST":
        user = user_service.authenticate(
            request.form.get("email", ""), request.form.get("password", "")
        )
        if user is not None:
            session.permanent = bool(request.form.get("remember"))
            login_user(user, remember=session.permanent)
            flash(f"Welcome back, {user.name}.", "success")
            return redirect(safe_target(request.args.get("next")))
        flash("Email or password is wrong.", "error")
    return render_template("pages/login.html", email=request.form.get("email", ""))


@bp.route("/logout")
def logout():
    logout_user()
    session.pop("cart", None)
    flash("You are logged out.")
    return redirect(url_for("pages.index"))


@bp.route("/account", methods=["GET", "POST"])
@login_required
def account():
    if request.method == "POST":
        reader = Reader(request.form)
        name = reader.text("name", max_length=120)
        if reader.problems:
            flash(f"The name {reader.problems['name']}.", "error")
        else:
            user_service.rename(current_user, name)
            flash("Saved.", "success")
            return redirect(url_for(".account"))
    mine = Order.query.filter_by(created_by_id=current_user.id).order_by(Order.id.desc())
    return render_template(
        "pages/account.html",
        orders=mine[:5],
        order_count=mine.count(),
        tokens=current_user.tokens.filter_by(revoked_at=None),
        password_method=current_app.config["PASSWORD_HASH_METHOD"],
    )


@bp.route("/account/delete-drafts", methods=["POST"])
@login_required
def delete_drafts():
    drafts = Order.query.filter_by(created_by_id=current_user.id, status="draft")
    count = drafts.count()
    for order in drafts.order_by(Order.id):
        db.session.delete(order)
    db.session.commit()
    flash(f"{count} drafts deleted.", "success" if count else "warning")
    return redirect(url_for(".account"))
