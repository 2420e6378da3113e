"""/api/auth: log in, log out, tokens, password."""

from migrator.runtime.compat import Blueprint, current_app, jsonify, request
from migrator.runtime.compat.login import (
    current_user,
    fresh_login_required,
    login_required,
    login_user,
    logout_user,
    get_current_user,
)

from target_app.errors import error_body
from target_app.serializers.users import token_to_dict, user_to_dict
from target_app.services import users as user_service
from target_app.validation import Reader
from migrator.runtime.db import bridge, reload
from sqlalchemy import func, select
from target_app.extensions import db

bp = Blueprint("auth", __name__, url_prefix="/api/auth")


@bp.post("/login")
async def login():
    reader = Reader(request.get_json())
    email = reader.text("email")
    password = reader.text("password")
    remember = reader.boolean("remember", default=False)
    reader.done()
    user = await user_service.authenticate(email, password)
    if user is None:
        return jsonify(error_body("bad_credentials", "Email or password is wrong.")), 401
    await bridge(login_user, user, remember=remember)
    return jsonify(user=await user_to_dict(user))


@bp.post("/logout")
@login_required
def logout():
    logout_user()
    return "", 204


@bp.get("/me")
@login_required
async def me():
    return jsonify(user=await user_to_dict(await get_current_user(), private=True))


@bp.patch("/me")
@login_required
async def update_me():
    reader = Reader(request.get_json())
    name = reader.text("name", max_length=120)
    reader.done()
    await user_service.rename(await get_current_user(), name)
    return jsonify(user=await user_to_dict(await reload(await get_current_user()), private=True))


@bp.post("/password")
@fresh_login_required
async def change_password():
    reader = Reader(request.get_json())
    old = reader.text("old_password")
    new = reader.text("new_password")
    reader.done()
    await user_service.change_password(
        await get_current_user(), old, new, method=current_app.config["PASSWORD_HASH_METHOD"]
    )
    return "", 204


@bp.get("/tokens")
@login_required
async def list_tokens():
    tokens = (await get_current_user()).tokens
    if request.args.get("active"):
        tokens = tokens.filter_by(revoked_at=None)
    return jsonify(tokens=[token_to_dict(token) for token in (await db.session.scalars(tokens.statement)).unique()], count=await db.session.scalar(select(func.count()).select_from(tokens.subquery())))


@bp.post("/tokens")
@login_required
async def create_token():
    reader = Reader(request.get_json())
    name = reader.text("name", max_length=80)
    scope = reader.choice("scope", ["read", "write"], default="write")
    expires_on = reader.date("expires_on", default=None)
    reader.done()
    token, raw = await user_service.create_token(await get_current_user(), name, scope, expires_on)
    body = token_to_dict(token)
    # Shown once; only its hash is kept.
    body["token"] = raw
    return jsonify(body), 201


@bp.delete("/tokens/{token_id:int}")
@login_required
async def revoke_token(token_id: int):
    token = await db.first_or_404((await get_current_user()).tokens.filter_by(id=token_id).statement)
    await user_service.revoke_token(token)
    return "", 204
