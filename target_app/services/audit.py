"""Writes the audit log, in the transaction of whatever it reports."""

from migrator.runtime.compat import g, has_request_context
from migrator.runtime.compat.login import current_user, get_current_user

from target_app.extensions import db
from target_app.models import AuditEntry
from migrator.runtime.db import bridge


async def record(action, entity, entity_id=None, tenant_id=None, **payload):
    """Add an entry; the caller commits."""
    entry = AuditEntry(action=action, entity=entity, entity_id=entity_id, payload=payload or None)
    if has_request_context():
        entry.request_id = g.get("request_id")
        if await bridge(getattr, await get_current_user(), "is_authenticated"):
            entry.user_id = (await get_current_user()).id
        if tenant_id is None and g.get("tenant") is not None:
            tenant_id = g.tenant.id
    entry.tenant_id = tenant_id
    db.session.add(entry)
    return entry
