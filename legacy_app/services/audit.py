"""Writes the audit log, in the transaction of whatever it reports."""

from flask import g, has_request_context
from flask_login import current_user

from legacy_app.extensions import db
from legacy_app.models import AuditEntry


def record(action, entity, entity_id=None, tenant_id=None, **payload):
    """Add an entry; the caller commits."""
    entry = AuditEntry(action=action, entity=entity, entity_id=entity_id, payload=payload or None)
    if has_request_context():
        entry.request_id = g.get("request_id")
        if current_user.is_authenticated:
            entry.user_id = current_user.id
        if tenant_id is None and g.get("tenant") is not None:
            tenant_id = g.tenant.id
    entry.tenant_id = tenant_id
    db.session.add(entry)
    return entry
