"""Tenants (for operators) and the settings of one's own tenant."""

from migrator.runtime.compat import Blueprint, abort, g, jsonify, request

from target_app.auth.decorators import roles_required, superuser_required
from target_app.extensions import db
from target_app.models import Order, Tenant, TenantSetting, User
from target_app.serializers.users import tenant_to_dict
from target_app.services import audit
from target_app.validation import Reader
from migrator.runtime.db import bridge, reload
from sqlalchemy import func, select

bp = Blueprint("tenants", __name__)


@bp.get("/tenants")
@superuser_required
async def list_tenants():
    users = select(func.count(User.id)).where(User.tenant_id == Tenant.id)
    orders = select(func.count(Order.id)).where(Order.tenant_id == Tenant.id)
    rows = (
        (await db.session.execute(
            select(
                Tenant,
                users.correlate(Tenant).scalar_subquery().label("users"),
                orders.correlate(Tenant).scalar_subquery().label("orders"),
            )
            .order_by(Tenant.slug)
        )).unique().all()
    )
    return jsonify(
        [{"slug": tenant.slug, "users": users, "orders": orders} for tenant, users, orders in rows]
    )


@bp.get("/tenants/{slug}")
@superuser_required
async def get_tenant(slug: str):
    return await tenant_to_dict(await db.first_or_404(select(Tenant).filter_by(slug=slug)))


@bp.post("/tenants")
@superuser_required
async def create_tenant():
    reader = Reader(request.get_json())
    slug = reader.text("slug", max_length=40)
    name = reader.text("name", max_length=120)
    currency = reader.choice("currency", ["CHF", "EUR", "GBP", "USD"], default="EUR")
    reader.done()
    tenant = Tenant(slug=slug, name=name, currency=currency)
    tenant.settings.append(TenantSetting(key="invoice.prefix", value="INV"))
    db.session.add(tenant)
    await db.session.commit()
    return await tenant_to_dict(await reload(tenant)), 201


@bp.get("/settings")
@roles_required()
async def list_settings():
    return {setting.key: setting.value for setting in await bridge(getattr, g.tenant, "settings")}


@bp.api_route("/settings/{key}", methods=["GET", "PUT", "DELETE"])
@roles_required()
async def setting(key: str):
    row = await db.session.get(TenantSetting, (g.tenant.id, key))
    if request.method == "PUT":
        reader = Reader(request.get_json())
        value = reader.text("value", default=None, blank=True)
        reader.done()
        if row is None:
            row = TenantSetting(tenant_id=g.tenant.id, key=key)
            db.session.add(row)
        row.value = value
        await audit.record("set", "setting", key=key)
        await db.session.commit()
    elif row is None:
        abort(404)
    elif request.method == "DELETE":
        await db.session.delete(row)
        await db.session.commit()
        return "", 204
    return {"key": await row.awaitable_attrs.key, "value": await row.awaitable_attrs.value}
