"""The queue of background jobs, for whoever has to look into it."""

from flask import Blueprint, g, jsonify, request

from legacy_app import jobs
from legacy_app.auth.decorators import roles_required
from legacy_app.extensions import db
from legacy_app.models import JobRun, Notification
from legacy_app.utils import limit_arg
from legacy_app.validation import Reader

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


@bp.route("")
@roles_required()
def list_runs():
    runs = JobRun.for_tenant(g.tenant)
    if request.args.get("status"):
        runs = runs.filter_by(status=request.args["status"])
    return jsonify([run_to_dict(run) for run in runs.order_by(JobRun.id.desc())[:50]])


@bp.route("", methods=["POST"])
@roles_required()
def enqueue():
    reader = Reader(request.get_json())
    name = reader.choice("name", sorted(jobs.REGISTRY))
    reader.done()
    run = jobs.enqueue(g.tenant, name)
    db.session.commit()
    return jsonify(run_to_dict(run)), 202


@bp.route("/work", methods=["POST"])
@roles_required()
def work():
    """What cron does every minute, at once."""
    runs = jobs.work(limit=limit_arg(), tenant=g.tenant)
    return jsonify([run_to_dict(run) for run in runs])


@bp.route("/notifications")
@roles_required()
def notifications():
    statement = db.select(Notification).filter_by(tenant_id=g.tenant.id)
    pagination = db.paginate(statement.order_by(Notification.id.desc()), max_per_page=50)
    return jsonify(
        items=[
            {
                "id": each.id,
                "subject": each.subject,
                "recipient": each.recipient,
                "customer": each.customer.name if each.customer else None,
                "sent": each.sent_at is not None,
            }
            for each in pagination
        ],
        total=pagination.total,
        pages=list(pagination.iter_pages()),
    )
