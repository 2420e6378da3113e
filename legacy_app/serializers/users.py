"""Users, tokens, tenants."""


def tenant_ref(tenant):
    return {"slug": tenant.slug, "name": tenant.name, "currency": tenant.currency}


def user_ref(user):
    """The short form; None for what the system did itself."""
    if user is None:
        return None
    return {"id": user.id, "name": user.name}


def user_to_dict(user, private=False):
    body = {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "active": user.active,
        "roles": user.role_names,
        "tenant": tenant_ref(user.tenant),
    }
    if private:
        body["is_superuser"] = user.is_superuser
        body["tokens"] = [token.name for token in user.tokens.filter_by(revoked_at=None)]
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


def tenant_to_dict(tenant):
    body = tenant_ref(tenant)
    body.update(
        id=tenant.id,
        is_active=tenant.is_active,
        created_at=tenant.created_at,
        users=tenant.users.count(),
        settings={setting.key: setting.value for setting in tenant.settings},
    )
    return body
