"""Tenants (for operators) and the settings of one's own tenant."""

from flask import Blueprint, abort, g, jsonify, request

from legacy_app.auth.decorators import roles_required, superuser_required
from legacy_app.extensions import db
from legacy_app.models import Order, Tenant, TenantSetting, User
from legacy_app.serializers.users import tenant_to_dict
from legacy_app.services import audit
from legacy_app.validation import Reader

bp = Blueprint("tenants", __name__)


@bp.route("/tenants")
@superuser_required
def list_tenants():
    users = db.session.query(db.func.count(User.id)).filter(User.tenant_id == Tenant.id)
    orders = db.session.query(db.func.count(Order.id)).filter(Order.tenant_id == Tenant.id)
    rows = (
        db.session.query(
            Tenant,
            users.correlate(Tenant).scalar_subquery().label("users"),
            orders.correlate(Tenant).scalar_subquery().label("orders"),
        )
        .order_by(Tenant.slug)
        .all()
    )
    return jsonify(
        [{"slug": tenant.slug, "users": users, "orders": orders} for tenant, users, orders in rows]
    )


@bp.route("/tenants/<slug>")
@superuser_required
def get_tenant(slug):
    return tenant_to_dict(Tenant.query.filter_by(slug=slug).first_or_404())


@bp.route("/tenants", methods=["POST"])
@superuser_required
def create_tenant():
    reader = Reader(request.get_json())
    slug = reader.text("slug", max_length=40)
    name = reader.text("name", max_length=120)
    currency = reader.choice("currency", ["CHF", "EUR", "GBP", "USD"], default="EUR")
    reader.done()
    tenant = Tenant(slug=slug, name=name, currency=currency)
    tenant.settings.append(TenantSetting(key="invoice.prefix", value="INV"))
    db.session.add(tenant)
    db.session.commit()
    return tenant_to_dict(tenant), 201


@bp.route("/settings")
@roles_required()
def list_settings():
    return {setting.key: setting.value for setting in g.tenant.settings}


@bp.route("/settings/<key>", methods=["GET", "PUT", "DELETE"])
@roles_required()
def setting(key):
    row = TenantSetting.query.get((g.tenant.id, key))
    if request.method == "PUT":
        reader = Reader(request.get_json())
        value = reader.text("value", default=None, blank=True)
        reader.done()
        if row is None:
            row = TenantSetting(tenant_id=g.tenant.id, key=key)
            db.session.add(row)
        row.value = value
        audit.record("set", "setting", key=key)
        db.session.commit()
    elif row is None:
        abort(404)
    elif request.method == "DELETE":
        db.session.delete(row)
        db.session.commit()
        return "", 204
    return {"key": row.key, "value": row.value}
