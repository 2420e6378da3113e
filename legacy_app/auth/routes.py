"""/api/auth: log in, log out, tokens, password."""

from flask import Blueprint, current_app, jsonify, request
from flask_login import current_user, fresh_login_required, login_required, login_user, logout_user

from legacy_app.errors import error_body
from legacy_app.serializers.users import token_to_dict, user_to_dict
from legacy_app.services import users as user_service
from legacy_app.validation import Reader

bp = Blueprint("auth", __name__, url_prefix="/api/auth")


@bp.route("/login", methods=["POST"])
def login():
    reader = Reader(request.get_json())
    email = reader.text("email")
    password = reader.text("password")
    remember = reader.boolean("remember", default=False)
    reader.done()
    user = user_service.authenticate(email, password)
    if user is None:
        return jsonify(error_body("bad_credentials", "Email or password is wrong.")), 401
    login_user(user, remember=remember)
    return jsonify(user=user_to_dict(user))


@bp.route("/logout", methods=["POST"])
@login_required
def logout():
    logout_user()
    return "", 204


@bp.route("/me")
@login_required
def me():
    return jsonify(user=user_to_dict(current_user, private=True))


@bp.route("/me", methods=["PATCH"])
@login_required
def update_me():
    reader = Reader(request.get_json())
    name = reader.text("name", max_length=120)
    reader.done()
    user_service.rename(current_user, name)
    return jsonify(user=user_to_dict(current_user, private=True))


@bp.route("/password", methods=["POST"])
@fresh_login_required
def change_password():
    reader = Reader(request.get_json())
    old = reader.text("old_password")
    new = reader.text("new_password")
    reader.done()
    user_service.change_password(
        current_user, old, new, method=current_app.config["PASSWORD_HASH_METHOD"]
    )
    return "", 204


@bp.route("/tokens")
@login_required
def list_tokens():
    tokens = current_user.tokens
    if request.args.get("active"):
        tokens = tokens.filter_by(revoked_at=None)
    return jsonify(tokens=[token_to_dict(token) for token in tokens], count=tokens.count())


@bp.route("/tokens", methods=["POST"])
@login_required
def create_token():
    reader = Reader(request.get_json())
    name = reader.text("name", max_length=80)
    scope = reader.choice("scope", ["read", "write"], default="write")
    expires_on = reader.date("expires_on", default=None)
    reader.done()
    token, raw = user_service.create_token(current_user, name, scope, expires_on)
    body = token_to_dict(token)
    # Shown once; only its hash is kept.
    body["token"] = raw
    return jsonify(body), 201


@bp.route("/tokens/<int:token_id>", methods=["DELETE"])
@login_required
def revoke_token(token_id):
    token = current_user.tokens.filter_by(id=token_id).first_or_404()
    user_service.revoke_token(token)
    return "", 204
