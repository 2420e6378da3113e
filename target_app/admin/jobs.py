"""The queue of background jobs, for whoever has to look into it."""

from migrator.runtime.compat import Blueprint, g, jsonify, request

from target_app import jobs
from target_app.auth.decorators import roles_required
from target_app.extensions import db
from target_app.models import JobRun, Notification
from target_app.utils import limit_arg
from target_app.validation import Reader
from migrator.runtime.db import reload
from sqlalchemy import select
from sqlalchemy.orm import selectinload

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


def run_to_dict(run):
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "payload": run.payload,
        "result": run.result,
        "error": run.error,
        "created_at": run.created_at,
        "finished": run.finished_at is not None,
    }


@bp.get("")
@roles_required()
async def list_runs():
    runs = JobRun.for_tenant(g.tenant)
    if request.args.get("status"):
        runs = runs.filter_by(status=request.args["status"])
    return jsonify([run_to_dict(run) for run in (await db.session.scalars(runs.order_by(JobRun.id.desc()).slice(None, 50))).unique().all()])


@bp.post("")
@roles_required()
async def enqueue():
    reader = Reader(request.get_json())
    name = reader.choice("name", sorted(jobs.REGISTRY))
    reader.done()
    run = await jobs.enqueue(g.tenant, name)
    await db.session.commit()
    return jsonify(run_to_dict(await reload(run))), 202


@bp.post("/work")
@roles_required()
async def work():
    """What cron does every minute, at once."""
    runs = await jobs.work(limit=limit_arg(), tenant=g.tenant)
    return jsonify([run_to_dict(run) for run in runs])


@bp.get("/notifications")
@roles_required()
async def notifications():
    statement = select(Notification).filter_by(tenant_id=g.tenant.id)
    pagination = await db.paginate(statement.order_by(Notification.id.desc()).options(selectinload(Notification.customer)), max_per_page=50, first_column=True)
    return jsonify(
        items=[
            {
                "id": each.id,
                "subject": each.subject,
                "recipient": each.recipient,
                "customer": (await each.awaitable_attrs.customer).name if (await each.awaitable_attrs.customer) else None,
                "sent": each.sent_at is not None,
            }
            for each in pagination
        ],
        total=pagination.total,
        pages=list(pagination.iter_pages()),
    )
