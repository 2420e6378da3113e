"""Flask-Login's callbacks: from a session or a token to a user."""

from migrator.runtime.compat import flash, g, jsonify, redirect, request, url_for

from target_app.errors import error_body, wants_json
from target_app.extensions import login_manager, db
from target_app.models import ApiToken, User
from sqlalchemy import select


@login_manager.user_loader
async def load_user(user_id):
    return await db.session.get(User, int(user_id))


@login_manager.request_loader
async def load_user_from_token(req):
    """Programs send `Authorization: Bearer <token>`; the token's scope goes to `g`."""
    header = req.headers.get("Authorization", "")
    scheme, _, raw = header.partition(" ")
    if scheme.lower() != "bearer" or not raw:
        return None
    token = await ApiToken.lookup(raw.strip())
    if token is None or not (await (await token.awaitable_attrs.user).awaitable_attrs.is_active):
        return None
    g.token_scope = token.scope
    return await token.awaitable_attrs.user


@login_manager.unauthorized_handler
def unauthorized():
    if wants_json():
        response = jsonify(error_body("unauthorized", "Log in or send a token."))
        response.headers["WWW-Authenticate"] = 'Bearer realm="storefront"'
        return response, 401
    flash("Please log in first.", "warning")
    return redirect(url_for("pages.login", next=request.path))
