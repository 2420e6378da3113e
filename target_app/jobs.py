"""The background queue: a table of runs, worked off by `flask jobs work` (cron, every minute)."""

from sqlalchemy import func, select

from target_app.extensions import db
from target_app.models import Invoice, JobRun, Notification, StockLevel, StockMovement, Warehouse
from target_app.utils import money, utcnow
from migrator.runtime.db import reload

REGISTRY = {}


def job(function):
    """Register a function `(tenant_id, **payload) -> result` under its name."""
    REGISTRY[function.__name__] = function
    return function


async def enqueue(tenant, name, **payload):
    """Add a run to the queue; the caller commits."""
    run = JobRun(tenant_id=tenant.id, name=name, payload=payload or None)
    db.session.add(run)
    await db.session.flush()
    return run


async def work(limit=10, tenant=None):
    """Run what is queued, oldest first, each run in a savepoint; returns the runs."""
    queue = select(JobRun).filter_by(status="queued")
    if tenant is not None:
        queue = queue.filter_by(tenant_id=tenant.id)
    # Two workers never take the same run.
    runs = (await db.session.scalars(queue.order_by(JobRun.id).limit(limit).with_for_update(skip_locked=True))).all()
    for run in runs:
        await execute(run)
    await db.session.commit()
    return await reload(runs)


async def execute(run):
    function = REGISTRY.get(run.name)
    run.finished_at = utcnow()
    if function is None:
        run.status, run.error = "failed", f"There is no job {run.name}."
        return
    await db.session.flush()
    try:
        async with db.session.begin_nested():
            run.result = await function(run.tenant_id, **(run.payload or {}))
    except Exception as error:  # a job may fail in any way; the worker goes on
        run.status, run.error = "failed", f"{type(error).__name__}: {error}"
    else:
        run.status = "done"


@job
async def send_reminders(tenant_id, days=0):
    """One notification for each overdue invoice that was not reminded three times."""
    overdue = (
        select(Invoice).where(Invoice.tenant_id == tenant_id, Invoice.is_overdue)
        .where(Invoice.reminders < 3)
        .order_by(Invoice.id)
    )
    sent = 0
    for invoice in await db.session.scalars(overdue):
        if (utcnow().date() - invoice.due_on).days < days:
            continue
        invoice.reminders += 1
        db.session.add(
            Notification(
                tenant_id=tenant_id,
                customer=await invoice.awaitable_attrs.customer,
                recipient=(await invoice.awaitable_attrs.customer).email,
                subject=f"Reminder {invoice.reminders}: invoice {invoice.number}",
                body=f"{(await invoice.awaitable_attrs.customer).name}: {money(await invoice.awaitable_attrs.balance)} due {invoice.due_on}",
            )
        )
        sent += 1
    return {"sent": sent}


@job
async def recount_stock(tenant_id):
    """Compare the stock with the sum of its movements; reports, mends nothing."""
    moved = (
        select(
            StockMovement.warehouse_id,
            StockMovement.product_id,
            func.sum(StockMovement.quantity).label("total"),
        )
        .group_by(StockMovement.warehouse_id, StockMovement.product_id)
        .subquery()
    )
    wrong = (
        select(StockLevel.id)
        .join(Warehouse, StockLevel.warehouse_id == Warehouse.id)
        .outerjoin(
            moved,
            (moved.c.warehouse_id == StockLevel.warehouse_id)
            & (moved.c.product_id == StockLevel.product_id),
        )
        .where(Warehouse.tenant_id == tenant_id)
        .where(StockLevel.quantity != func.coalesce(moved.c.total, 0))
    )
    return {"differences": await db.session.scalar(select(func.count()).select_from(wrong.subquery()))}
