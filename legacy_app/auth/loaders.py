"""Flask-Login's callbacks: from a session or a token to a user."""

from flask import flash, g, jsonify, redirect, request, url_for

from legacy_app.errors import error_body, wants_json
from legacy_app.extensions import login_manager
from legacy_app.models import ApiToken, User


@login_manager.user_loader
def load_user(user_id):
    return User.query.get(int(user_id))


@login_manager.request_loader
def load_user_from_token(req):
    """Programs send `Authorization: Bearer <token>`; the token's scope goes to `g`."""
    header = req.headers.get("Authorization", "")
    scheme, _, raw = header.partition(" ")
    if scheme.lower() != "bearer" or not raw:
        return None
    token = ApiToken.lookup(raw.strip())
    if token is None or not token.user.is_active:
        return None
    g.token_scope = token.scope
    return token.user


@login_manager.unauthorized_handler
def unauthorized():
    if wants_json():
        response = jsonify(error_body("unauthorized", "Log in or send a token."))
        response.headers["WWW-Authenticate"] = 'Bearer realm="storefront"'
        return response, 401
    flash("Please log in first.", "warning")
    return redirect(url_for("pages.login", next=request.path))
