"""/api/audit: who did what, for administrators."""

import json

from migrator.runtime.compat import Blueprint, Response, g, jsonify, request, stream_with_context
from migrator.runtime.compat.login import current_user, get_current_user

from target_app.errors import Forbidden
from target_app.extensions import db, login_manager
from target_app.models import AuditEntry, User
from target_app.serializers.users import user_ref
from target_app.services import listing
from migrator.runtime.db import bridge, unbridge_iter
from sqlalchemy import func, select

bp = Blueprint("audit", __name__, url_prefix="/api/audit")


@bp.before_request
async def administrators_only():
    if not (await bridge(getattr, await get_current_user(), "is_authenticated")):
        return login_manager.unauthorized()
    if not (await get_current_user()).has_role("admin"):
        raise Forbidden("The audit log is for administrators.")
    return None


@bp.after_request
def never_cache(response):
    response.headers["Cache-Control"] = "no-store"
    return response


async def entry_to_dict(entry):
    return {
        "id": entry.id,
        "action": entry.action,
        "entity": entry.entity,
        "entity_id": entry.entity_id,
        "payload": entry.payload,
        "request_id": entry.request_id,
        "user": user_ref(await entry.awaitable_attrs.user),
        "created_at": entry.created_at,
    }


def entries():
    """The query that the list and the export share."""
    query = AuditEntry.for_tenant(g.tenant)
    if request.args.get("action"):
        query = query.where(AuditEntry.action == request.args["action"])
    if request.args.get("user"):
        query = query.outerjoin(AuditEntry.user).where(User.email == request.args["user"])
    return query


@bp.get("")
async def list_entries():
    query = entries().order_by(AuditEntry.id.desc())
    return jsonify(await listing.page_of(query, entry_to_dict))


@bp.get("/{entry_id:int}")
async def get_entry(entry_id: int):
    entry = await db.one_or_404(select(AuditEntry).filter_by(id=entry_id, tenant_id=g.tenant.id), first_column=True)
    return jsonify(await entry_to_dict(entry))


@bp.get("/actions")
async def count_actions():
    rows = (
        select(AuditEntry.action, AuditEntry.entity, func.count())
        .where(AuditEntry.tenant_id == g.tenant.id)
        .group_by(AuditEntry.action, AuditEntry.entity)
        .order_by(AuditEntry.action, AuditEntry.entity)
    )
    return jsonify([{"action": a, "entity": e, "count": n} for a, e, n in await db.session.execute(rows)])


@bp.get("/export")
async def export():
    """One JSON object a line, fetched in portions while it is being sent."""
    query = entries().order_by(AuditEntry.id).execution_options(yield_per=100)

    async def lines():
        async for entry in await db.session.stream_scalars(query):
            body = {"id": entry.id, "action": entry.action, "payload": entry.payload}
            yield json.dumps(body, sort_keys=True) + "\n"

    return Response(stream_with_context(unbridge_iter(lines())), mimetype="application/x-ndjson")
