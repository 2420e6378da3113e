"""Tenants with their settings, roles, users and tokens."""

import hashlib
from datetime import date

from target_app.seed.rows import EPOCH, moment
from target_app.seed.values import PASSWORD_HASH, ROLES, SETTINGS, TENANTS


def build(rows):
    for slug, name, currency, is_active in TENANTS:
        tenant_id = rows.add(
            "tenant",
            slug=slug,
            name=name,
            currency=currency,
            is_active=is_active,
            created_at=EPOCH,
            updated_at=EPOCH,
        )
        for key, value in SETTINGS:
            rows.link("tenant_setting", tenant_id=tenant_id, key=key, value=value)
    for name, description in ROLES:
        rows.add("role", name=name, description=description)
    for tenant in list(rows["tenant"]):
        users_of(rows, tenant)
    root = user(rows, rows["tenant"][0], "root", "Ops 🛠", ["admin"], is_superuser=True)
    token(rows, root, "root-token", "operations")


def users_of(rows, tenant):
    """One user for each role, one with two, one without any, one that is closed, one robot."""
    slug = tenant["slug"]
    for role, _ in ROLES:
        user_id = user(rows, tenant, role, f"{role.title()} of {slug.title()}", [role])
        token(rows, user_id, f"{slug}-{role}-token", "default")
    user(rows, tenant, "both", "Zoë Doppel-Rolle", ["sales", "warehouse"])
    user(rows, tenant, "nobody", "", [])
    user(rows, tenant, "former", "Former Employee", ["sales"], active=False)
    robot = user(rows, tenant, "robot", "Robot", ["sales", "warehouse"], password_hash=None)
    token(rows, robot, f"{slug}-robot-token", "ERP")
    token(rows, robot, f"{slug}-readonly-token", "reports", scope="read")
    token(rows, robot, f"{slug}-expired-token", "old", expires_on=date(2020, 2, 29))
    token(rows, robot, f"{slug}-revoked-token", "lost", revoked_at=moment(40))
    token(rows, robot, f"{slug}-eternal-token", "eternal", expires_on=date(9999, 12, 31))


def user(rows, tenant, local_part, name, roles, **values):
    defaults = {
        "password_hash": PASSWORD_HASH,
        "active": True,
        "is_superuser": False,
        "last_login_at": None,
        "created_at": moment(len(rows["users"])),
        "updated_at": moment(len(rows["users"])),
    }
    user_id = rows.add(
        "users",
        tenant_id=tenant["id"],
        email=f"{local_part}@{tenant['slug']}.example",
        name=name,
        **{**defaults, **values},
    )
    for role in rows["role"]:
        if role["name"] in roles:
            rows.link("user_roles", user_id=user_id, role_id=role["id"])
    return user_id


def token(rows, user_id, raw, name, scope="write", expires_on=None, revoked_at=None):
    rows.add(
        "api_token",
        user_id=user_id,
        name=name,
        token_hash=hashlib.sha256(raw.encode("utf-8")).hexdigest(),
        scope=scope,
        created_at=moment(len(rows["api_token"])),
        expires_on=expires_on,
        revoked_at=revoked_at,
    )
