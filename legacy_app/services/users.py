"""Accounts: log in, passwords, tokens, roles."""

import secrets

from legacy_app.errors import Conflict, ValidationError
from legacy_app.extensions import db
from legacy_app.models import ApiToken, Role, User
from legacy_app.services import audit
from legacy_app.utils import utcnow


def authenticate(email, password):
    """The user, with the login noted, or None."""
    user = User.by_email(email)
    if user is None or not user.check_password(password):
        return None
    if not user.is_active:
        return None
    user.last_login_at = utcnow()
    db.session.commit()
    return user


def rename(user, name):
    user.name = name
    audit.record("rename", "user", user.id)
    db.session.commit()


def change_password(user, old, new, method):
    if not user.check_password(old):
        raise ValidationError({"old_password": "is wrong"})
    if len(new) < 8:
        raise ValidationError({"new_password": "shorter than 8 characters"})
    user.set_password(new, method)
    audit.record("change_password", "user", user.id)
    db.session.commit()


def create_token(user, name, scope, expires_on):
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
    db.session.commit()
    return token, raw


def revoke_token(token):
    if token.revoked_at is not None:
        raise Conflict("This token is revoked already.")
    token.revoked_at = utcnow()
    audit.record("revoke", "token", token.id)
    db.session.commit()


def roles_by_name(names):
    """The roles, in the order of their names; complains about unknown ones."""
    names = [str(name) for name in names]
    roles = Role.query.filter(Role.name.in_(names)).order_by(Role.name).all()
    unknown = set(names) - {role.name for role in roles}
    if unknown:
        raise ValidationError({"roles": "unknown: " + ", ".join(sorted(unknown))})
    return roles


def create_user(tenant, email, name, roles=(), password=None, method=None):
    if User.by_email(email) is not None:
        raise Conflict("There is a user with this address already.", email=email)
    user = User(tenant_id=tenant.id, email=email, name=name, roles=roles_by_name(roles))
    if password:
        user.set_password(password, method)
    db.session.add(user)
    db.session.flush()
    audit.record("create", "user", user.id, tenant_id=tenant.id, roles=list(roles))
    db.session.commit()
    return user


def set_roles(user, names):
    before = user.role_names
    user.roles = roles_by_name(names)
    audit.record("roles", "user", user.id, before=before, after=sorted(names))
    db.session.commit()
    return user


def deactivate(user):
    """Close the account and revoke every token with one statement."""
    user.active = False
    revoked = ApiToken.query.filter_by(user_id=user.id, revoked_at=None).update(
        {"revoked_at": utcnow()}, synchronize_session=False
    )
    audit.record("deactivate", "user", user.id, tokens=revoked)
    db.session.commit()
    return revoked
