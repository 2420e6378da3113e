"""Commands for operators: `flask --app legacy_app seed`, `flask jobs work`, …"""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from legacy_app import jobs
from legacy_app.extensions import db
from legacy_app.models import ApiToken, Tenant, User
from legacy_app.services import users as user_service
from legacy_app.utils import utcnow

jobs_cli = AppGroup("jobs", help="The background queue.")
users_cli = AppGroup("users", help="Accounts.")


@click.command("seed")
@click.option("--reset", is_flag=True, help="Drop all tables first.")
@with_appcontext
def seed_command(reset):
    """Create the tables and fill them with the demo data."""
    from legacy_app.seed import fill

    if reset:
        db.drop_all()
    db.create_all()
    counts = fill(db.session)
    db.session.commit()
    click.echo(f"{sum(counts.values())} rows in {len(counts)} tables")


@jobs_cli.command("work")
@click.option("--limit", default=10, show_default=True)
def work_command(limit):
    """Run the queued jobs."""
    for run in jobs.work(limit):
        click.echo(f"{run.id} {run.name} {run.status}")


@jobs_cli.command("enqueue")
@click.argument("tenant")
@click.argument("name")
def enqueue_command(tenant, name):
    """Queue the job NAME for TENANT."""
    owner = Tenant.query.filter_by(slug=tenant).one_or_none()
    if owner is None:
        raise click.ClickException(f"There is no tenant {tenant}.")
    run = jobs.enqueue(owner, name)
    db.session.commit()
    click.echo(f"queued {run.name} as {run.id}")


@users_cli.command("create")
@click.argument("tenant")
@click.argument("email")
@click.option("--role", "roles", multiple=True)
@click.password_option()
def create_user_command(tenant, email, roles, password):
    """Create a user EMAIL of TENANT."""
    owner = Tenant.query.filter_by(slug=tenant).one()
    method = current_app.config["PASSWORD_HASH_METHOD"]
    user = user_service.create_user(owner, email, email, roles, password, method)
    click.echo(f"created {user.email} ({', '.join(user.role_names) or 'no role'})")


@users_cli.command("list")
@click.option("--tenant")
def list_users_command(tenant):
    """Everyone, with tenant and roles."""
    query = User.query.join(User.tenant).order_by(Tenant.slug, User.email)
    if tenant:
        query = query.filter(Tenant.slug == tenant)
    for user in query:
        click.echo(f"{user.tenant.slug:10} {user.email:30} {', '.join(user.role_names)}")


@users_cli.command("revoke-expired")
def revoke_expired_command():
    """Revoke the tokens that are past their last day."""
    now = utcnow()
    count = ApiToken.query.filter(
        ApiToken.expires_on < now.date(), ApiToken.revoked_at.is_(None)
    ).update({"revoked_at": now}, synchronize_session=False)
    db.session.commit()
    click.echo(f"{count} revoked")


def register(app):
    app.cli.add_command(seed_command)
    app.cli.add_command(jobs_cli)
    app.cli.add_command(users_cli)
