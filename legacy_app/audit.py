"""/api/audit: who did what, for administrators."""

import json

from flask import Blueprint, Response, g, jsonify, request, stream_with_context
from flask_login import current_user

from legacy_app.errors import Forbidden
from legacy_app.extensions import db, login_manager
from legacy_app.models import AuditEntry, User
from legacy_app.serializers.users import user_ref
from legacy_app.services import listing

bp = Blueprint("audit", __name__, url_prefix="/api/audit")


@bp.before_request
def administrators_only():
    if not current_user.is_authenticated:
        return login_manager.unauthorized()
    if not current_user.has_role("admin"):
        raise Forbidden("The audit log is for administrators.")
    return None


@bp.after_request
def never_cache(response):
    response.headers["Cache-Control"] = "no-store"
    return response


def entry_to_dict(entry):
    return {
        "id": entry.id,
        "action": entry.action,
        "entity": entry.entity,
        "entity_id": entry.entity_id,
        "payload": entry.payload,
        "request_id": entry.request_id,
        "user": user_ref(entry.user),
        "created_at": entry.created_at,
    }


def entries():
    """The query that the list and the export share."""
    query = AuditEntry.for_tenant(g.tenant)
    if request.args.get("action"):
        query = query.filter(AuditEntry.action == request.args["action"])
    if request.args.get("user"):
        query = query.outerjoin(AuditEntry.user).filter(User.email == request.args["user"])
    return query


@bp.route("")
def list_entries():
    query = entries().order_by(AuditEntry.id.desc())
    return jsonify(listing.page_of(query, entry_to_dict))


@bp.route("/<int:entry_id>")
def get_entry(entry_id):
    entry = db.one_or_404(db.select(AuditEntry).filter_by(id=entry_id, tenant_id=g.tenant.id))
    return jsonify(entry_to_dict(entry))


@bp.route("/actions")
def count_actions():
    rows = (
        db.session.query(AuditEntry.action, AuditEntry.entity, db.func.count())
        .filter_by(tenant_id=g.tenant.id)
        .group_by(AuditEntry.action, AuditEntry.entity)
        .order_by(AuditEntry.action, AuditEntry.entity)
    )
    return jsonify([{"action": a, "entity": e, "count": n} for a, e, n in rows])


@bp.route("/export")
def export():
    """One JSON object a line, fetched in portions while it is being sent."""
    query = entries().order_by(AuditEntry.id).yield_per(100)

    def lines():
        for entry in query:
            body = {"id": entry.id, "action": entry.action, "payload": entry.payload}
            yield json.dumps(body, sort_keys=True) + "\n"

    return Response(stream_with_context(lines()), mimetype="application/x-ndjson")
