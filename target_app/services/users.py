"""Accounts: log in, passwords, tokens, roles."""

import secrets

from target_app.errors import Conflict, ValidationError
from target_app.extensions import db
from target_app.models import ApiToken, Role, User
from target_app.services import audit
from target_app.utils import utcnow
from migrator.runtime.compat import g
from migrator.runtime.db import bridge, reload, reload_first
from sqlalchemy import select, update


async def authenticate(email, password):
    """The user, with the login noted, or None."""
    user = await User.by_email(email)
    if user is None or not user.check_password(password):
        return None
    if not (await user.awaitable_attrs.is_active):
        return None
    user.last_login_at = utcnow()
    await db.session.commit()
    return await reload(user)


async def rename(user, name):
    user.name = name
    await audit.record("rename", "user", user.id)
    await db.session.commit()


async def change_password(user, old, new, method):
    if not user.check_password(old):
        raise ValidationError({"old_password": "is wrong"})
    if len(new) < 8:
        raise ValidationError({"new_password": "shorter than 8 characters"})
    user.set_password(new, method)
    await audit.record("change_password", "user", user.id)
    await db.session.commit()


async def create_token(user, name, scope, expires_on):
    """The new token and its raw value."""
    raw = secrets.token_hex(20)
    token = ApiToken(
        user_id=user.id,
        name=name,
        scope=scope,
        expires_on=expires_on,
        token_hash=ApiToken.hash(raw),
    )
    db.session.add(token)
    await db.session.commit()
    return await reload(token), raw


async def revoke_token(token):
    if token.revoked_at is not None:
        raise Conflict("This token is revoked already.")
    token.revoked_at = utcnow()
    await audit.record("revoke", "token", token.id)
    await db.session.commit()


async def roles_by_name(names):
    """The roles, in the order of their names; complains about unknown ones."""
    names = [str(name) for name in names]
    roles = (await db.session.scalars(select(Role).where(Role.name.in_(names)).order_by(Role.name))).all()
    unknown = set(names) - {role.name for role in roles}
    if unknown:
        raise ValidationError({"roles": "unknown: " + ", ".join(sorted(unknown))})
    return roles


async def create_user(tenant, email, name, roles=(), password=None, method=None):
    if (await User.by_email(email)) is not None:
        raise Conflict("There is a user with this address already.", email=email)
    user = User(tenant_id=tenant.id, email=email, name=name, roles=await roles_by_name(roles))
    if password:
        user.set_password(password, method)
    db.session.add(user)
    await db.session.flush()
    await audit.record("create", "user", user.id, tenant_id=tenant.id, roles=list(roles))
    await db.session.commit()
    return await reload(user)


async def set_roles(user, names):
    before = user.role_names
    await bridge(setattr, user, "roles", await roles_by_name(names))
    await audit.record("roles", "user", user.id, before=before, after=sorted(names))
    await db.session.commit()
    return await reload(user)


async def deactivate(user):
    """Close the account and revoke every token with one statement."""
    user.active = False
    revoked = (await db.session.execute(update(ApiToken).filter_by(user_id=user.id, revoked_at=None).values({"revoked_at": utcnow()}), execution_options={"synchronize_session": False})).rowcount
    await reload_first(g, audit.record("deactivate", "user", await user.awaitable_attrs.id, tokens=revoked))
    await db.session.commit()
    return revoked
