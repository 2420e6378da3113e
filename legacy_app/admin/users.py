"""The users of the tenant and their roles."""

from flask import Blueprint, current_app, g, jsonify, request, url_for
from flask_login import current_user

from legacy_app.auth.decorators import roles_required
from legacy_app.errors import Conflict
from legacy_app.extensions import db
from legacy_app.models import ApiToken, Role, User
from legacy_app.serializers.users import user_to_dict
from legacy_app.services import listing
from legacy_app.services import users as user_service
from legacy_app.validation import Reader

bp = Blueprint("users", __name__, url_prefix="/users")


def find(user_id):
    return User.query.filter_by(id=user_id, tenant_id=g.tenant.id).first_or_404(
        description="There is no such user."
    )


@bp.route("")
@roles_required()
def list_users():
    query = User.query.filter_by(tenant_id=g.tenant.id)
    query = listing.search(query, request.args.get("q"), User.name, User.email)
    if request.args.get("role"):
        query = query.join(User.roles).filter(Role.name == request.args["role"])
    return jsonify(listing.page_of(query.order_by(User.email), user_to_dict))


@bp.route("", methods=["POST"])
@roles_required()
def create_user():
    reader = Reader(request.get_json())
    email = reader.text("email", max_length=120)
    name = reader.text("name", max_length=120)
    roles = reader.items("roles", default=[])
    password = reader.text("password", default=None)
    reader.done()
    user = user_service.create_user(
        g.tenant, email, name, roles, password, current_app.config["PASSWORD_HASH_METHOD"]
    )
    headers = {"Location": url_for(".get_user", user_id=user.id)}
    return jsonify(user_to_dict(user)), 201, headers


@bp.route("/<int:user_id>")
@roles_required()
def get_user(user_id):
    body = user_to_dict(find(user_id), private=True)
    body["last_login_at"] = find(user_id).last_login_at
    return jsonify(body)


@bp.route("/<int:user_id>/roles", methods=["PUT"])
@roles_required()
def set_roles(user_id):
    user = find(user_id)
    reader = Reader(request.get_json())
    names = reader.items("roles")
    reader.done()
    return jsonify(user_to_dict(user_service.set_roles(user, names)))


@bp.route("/<int:user_id>/deactivate", methods=["POST"])
@roles_required()
def deactivate(user_id):
    user = find(user_id)
    if user == current_user:
        raise Conflict("You can't close your own account.")
    revoked = user_service.deactivate(user)
    return jsonify(user=user_to_dict(user), revoked=revoked)


@bp.route("/<int:user_id>/tokens", methods=["DELETE"])
@roles_required()
def delete_tokens(user_id):
    deleted = ApiToken.query.filter(ApiToken.user_id == find(user_id).id).delete()
    db.session.commit()
    return jsonify(deleted=deleted)


@bp.route("/roles")
@roles_required()
def list_roles():
    roles = Role.query.order_by(Role.name).all()
    return jsonify(
        [
            {
                "name": role.name,
                "description": role.description,
                "users": role.users.filter_by(tenant_id=g.tenant.id).count(),
            }
            for role in roles
        ]
    )
