"""Commands and the background queue."""

import pytest

from legacy_app import jobs
from legacy_app.extensions import db
from legacy_app.models import ApiToken, JobRun, Tenant, User


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def invoke(*arguments, **options):
        return runner.invoke(args=list(arguments), **options)

    return invoke


def test_jobs_work(run, database):
    result = run("jobs", "work", "--limit", "3")
    assert result.exit_code == 0, result.output
    assert [line.split()[1:] for line in result.output.splitlines()] == [
        ["send_reminders", "done"],
        ["recount_stock", "done"],
        ["send_reminders", "done"],
    ]
    assert database.query(JobRun).filter_by(status="queued").count() == 3


def test_enqueue_and_work(run, database):
    assert "queued no_such as" in run("jobs", "enqueue", "acme", "no_such").output
    assert run("jobs", "work", "--limit", "100").exit_code == 0
    failed = database.query(JobRun).filter_by(name="no_such").one()
    assert (failed.status, failed.error) == ("failed", "There is no job no_such.")
    assert run("jobs", "enqueue", "nobody", "x").exit_code == 1


def test_a_job_that_fails_is_undone_alone(app, monkeypatch):
    def spoil(tenant_id):
        db.session.get(Tenant, tenant_id).name = "Spoilt"
        db.session.flush()
        raise RuntimeError("halfway")

    monkeypatch.setitem(jobs.REGISTRY, "recount_stock", spoil)
    with app.app_context():
        runs = jobs.work(limit=2, tenant=db.session.get(Tenant, 1))
        assert [run.status for run in runs] == ["done", "failed"]
        assert runs[1].error == "RuntimeError: halfway"
        assert db.session.get(Tenant, 1).name == "ACME Industrial Supplies"


def test_users_list(run):
    lines = run("users", "list", "--tenant", "globex").output.splitlines()
    assert len(lines) == 9
    assert lines[0].split()[1] == "accounts@globex.example"


def test_users_create(run, database):
    result = run(
        *("users", "create", "acme", "cli@acme.example", "--role", "sales"),
        *("--password", "secret"),
    )
    assert result.output == "created cli@acme.example (sales)\n"
    assert database.query(User).filter_by(email="cli@acme.example").one().check_password("secret")


def test_revoke_expired(run, database):
    assert run("users", "revoke-expired").output == "3 revoked\n"
    assert run("users", "revoke-expired").output == "0 revoked\n"
    assert database.query(ApiToken).filter(ApiToken.revoked_at.isnot(None)).count() == 6


def test_seed_command(empty_app):
    runner = empty_app.test_cli_runner()
    first = runner.invoke(args=["seed"])
    assert first.exit_code == 0, first.output
    again = runner.invoke(args=["seed", "--reset"])
    assert again.output == first.output
    assert again.output.endswith("in 28 tables\n")
