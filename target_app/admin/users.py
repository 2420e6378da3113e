"""The users of the tenant and their roles."""

from migrator.runtime.compat import Blueprint, current_app, g, jsonify, request, url_for
from migrator.runtime.compat.login import current_user, get_current_user

from target_app.auth.decorators import roles_required
from target_app.errors import Conflict
from target_app.extensions import db
from target_app.models import ApiToken, Role, User
from target_app.serializers.users import user_to_dict
from target_app.services import listing
from target_app.services import users as user_service
from target_app.validation import Reader
from migrator.runtime.db import reload
from sqlalchemy import delete, func, select

bp = Blueprint("users", __name__, url_prefix="/users")


async def find(user_id):
    return await db.first_or_404(select(User).filter_by(id=user_id, tenant_id=g.tenant.id), description="There is no such user.")


@bp.get("")
@roles_required()
async def list_users():
    query = select(User).filter_by(tenant_id=g.tenant.id)
    query = listing.search(query, request.args.get("q"), User.name, User.email)
    if request.args.get("role"):
        query = query.join(User.roles).where(Role.name == request.args["role"])
    return jsonify(await listing.page_of(query.order_by(User.email), user_to_dict))


@bp.post("")
@roles_required()
async def create_user():
    reader = Reader(request.get_json())
    email = reader.text("email", max_length=120)
    name = reader.text("name", max_length=120)
    roles = reader.items("roles", default=[])
    password = reader.text("password", default=None)
    reader.done()
    user = await user_service.create_user(
        g.tenant, email, name, roles, password, current_app.config["PASSWORD_HASH_METHOD"]
    )
    headers = {"Location": url_for(".get_user", user_id=user.id)}
    return jsonify(await user_to_dict(user)), 201, headers


@bp.get("/{user_id:int}")
@roles_required()
async def get_user(user_id: int):
    body = await user_to_dict(await find(user_id), private=True)
    body["last_login_at"] = (await find(user_id)).last_login_at
    return jsonify(body)


@bp.put("/{user_id:int}/roles")
@roles_required()
async def set_roles(user_id: int):
    user = await find(user_id)
    reader = Reader(request.get_json())
    names = reader.items("roles")
    reader.done()
    return jsonify(await user_to_dict(await user_service.set_roles(user, names)))


@bp.post("/{user_id:int}/deactivate")
@roles_required()
async def deactivate(user_id: int):
    user = await find(user_id)
    if user == (await get_current_user()):
        raise Conflict("You can't close your own account.")
    revoked = await user_service.deactivate(user)
    return jsonify(user=await user_to_dict(await reload(user)), revoked=revoked)


@bp.delete("/{user_id:int}/tokens")
@roles_required()
async def delete_tokens(user_id: int):
    deleted = (await db.session.execute(delete(ApiToken).where(ApiToken.user_id == (await find(user_id)).id))).rowcount
    await db.session.commit()
    return jsonify(deleted=deleted)


@bp.get("/roles")
@roles_required()
async def list_roles():
    roles = (await db.session.scalars(select(Role).order_by(Role.name))).all()
    return jsonify(
        [
            {
                "name": role.name,
                "description": role.description,
                "users": await db.session.scalar(select(func.count()).select_from(role.users.filter_by(tenant_id=g.tenant.id).subquery())),
            }
            for role in roles
        ]
    )
