"""Commands for operators: `flask --app legacy_app seed`, `flask jobs work`, …"""

import click
from migrator.runtime.compat import current_app
from migrator.runtime.compat.cli import AppGroup, with_appcontext

from target_app import jobs
from target_app.extensions import db
from target_app.models import ApiToken, Tenant, User
from target_app.services import users as user_service
from target_app.utils import utcnow
from migrator.runtime.db import bridge, unbridged
from sqlalchemy import select, update

jobs_cli = AppGroup("jobs", help="The background queue.")
users_cli = AppGroup("users", help="Accounts.")


@click.command("seed")
@click.option("--reset", is_flag=True, help="Drop all tables first.")
@with_appcontext
@unbridged
async def seed_command(reset):
    """Create the tables and fill them with the demo data."""
    from target_app.seed import fill

    if reset:
        await bridge(db.drop_all)
    await bridge(db.create_all)
    counts = await fill(db.session)
    await db.session.commit()
    click.echo(f"{sum(counts.values())} rows in {len(counts)} tables")


@jobs_cli.command("work")
@click.option("--limit", default=10, show_default=True)
async def work_command(limit):
    """Run the queued jobs."""
    for run in await jobs.work(limit):
        click.echo(f"{(await run.awaitable_attrs.id)} {(await run.awaitable_attrs.name)} {(await run.awaitable_attrs.status)}")


@jobs_cli.command("enqueue")
@click.argument("tenant")
@click.argument("name")
async def enqueue_command(tenant, name):
    """Queue the job NAME for TENANT."""
    owner = (await db.session.scalars(select(Tenant).filter_by(slug=tenant))).one_or_none()
    if owner is None:
        raise click.ClickException(f"There is no tenant {tenant}.")
    run = await jobs.enqueue(owner, name)
    await db.session.commit()
    click.echo(f"queued {(await run.awaitable_attrs.name)} as {(await run.awaitable_attrs.id)}")


@users_cli.command("create")
@click.argument("tenant")
@click.argument("email")
@click.option("--role", "roles", multiple=True)
@click.password_option()
async def create_user_command(tenant, email, roles, password):
    """Create a user EMAIL of TENANT."""
    owner = (await db.session.scalars(select(Tenant).filter_by(slug=tenant))).one()
    method = current_app.config["PASSWORD_HASH_METHOD"]
    user = await user_service.create_user(owner, email, email, roles, password, method)
    click.echo(f"created {user.email} ({', '.join(user.role_names) or 'no role'})")


@users_cli.command("list")
@click.option("--tenant")
async def list_users_command(tenant):
    """Everyone, with tenant and roles."""
    query = select(User).join(User.tenant).order_by(Tenant.slug, User.email)
    if tenant:
        query = query.where(Tenant.slug == tenant)
    for user in (await db.session.scalars(query)).unique():
        click.echo(f"{(await user.awaitable_attrs.tenant).slug:10} {user.email:30} {', '.join(user.role_names)}")


@users_cli.command("revoke-expired")
async def revoke_expired_command():
    """Revoke the tokens that are past their last day."""
    now = utcnow()
    count = (await db.session.execute(update(ApiToken).where(
        ApiToken.expires_on < now.date(), ApiToken.revoked_at.is_(None)
    ).values({"revoked_at": now}), execution_options={"synchronize_session": False})).rowcount
    await db.session.commit()
    click.echo(f"{count} revoked")


def register(app):
    app.cli.add_command(seed_command)
    app.cli.add_command(jobs_cli)
    app.cli.add_command(users_cli)
