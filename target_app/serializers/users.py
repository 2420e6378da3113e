"""Users, tokens, tenants."""
from migrator.runtime.db import bridge
from sqlalchemy import func, select
from target_app.extensions import db


def tenant_ref(tenant):
    return {"slug": tenant.slug, "name": tenant.name, "currency": tenant.currency}


def user_ref(user):
    """The short form; None for what the system did itself."""
    if user is None:
        return None
    return {"id": user.id, "name": user.name}


async def user_to_dict(user, private=False):
    body = {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "active": user.active,
        "roles": user.role_names,
        "tenant": tenant_ref(await bridge(getattr, user, "tenant")),
    }
    if private:
        body["is_superuser"] = user.is_superuser
        body["tokens"] = [token.name for token in (await db.session.scalars(user.tokens.filter_by(revoked_at=None).statement)).unique()]
    return body


def token_to_dict(token):
    return {
        "id": token.id,
        "name": token.name,
        "scope": token.scope,
        "created_at": token.created_at,
        "expires_on": token.expires_on,
        "revoked": token.revoked_at is not None,
        "expired": token.is_expired,
    }


async def tenant_to_dict(tenant):
    body = tenant_ref(tenant)
    body.update(
        id=tenant.id,
        is_active=tenant.is_active,
        created_at=tenant.created_at,
        users=await db.session.scalar(select(func.count()).select_from(tenant.users.subquery())),
        settings={setting.key: setting.value for setting in await tenant.awaitable_attrs.settings},
    )
    return body
