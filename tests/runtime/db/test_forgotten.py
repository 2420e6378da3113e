"""A coroutine that nobody awaits makes its request fail, in both frames; nothing after it is committed."""

from __future__ import annotations

import asyncio
import gc
import logging
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from migrator.runtime import compat
from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.db import SessionDep, SQLAlchemy, unbridged
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.db.errors import NeverAwaited

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
INSERT = text("INSERT INTO note VALUES (1)")


async def _helper() -> None:
    """A function of the application's."""


helper: Any = _helper
python_own: Any = asyncio.sleep


class Notes:
    """An application with one table, and a `db` that no type checker knows."""

    def __init__(self, app: Any, url: str) -> None:
        self.app = app
        self.db: Any = SQLAlchemy()
        self.kept: Any = types.SimpleNamespace()
        app.config["SQLALCHEMY_DATABASE_URI"] = url
        self.db.init_app(app)
        self.db.Table("note", self.db.metadata, self.db.Column("id", self.db.Integer))
        with app.app_context():
            self.db.create_all()

    def view(self, function: Callable[..., Any]) -> tuple[int, int]:
        """The status that a view answers, and how many rows there are then."""
        self.app.get("/asked")(function)

        def rows() -> str:
            return str(self.db.session.execute(text("SELECT count(*) FROM note")).scalar())

        self.app.get("/rows")(rows)

        client = self.app.test_client()
        return client.get("/asked").status_code, int(client.get("/rows").text)


@pytest.fixture(params=[compat.App, AsyncFlask], ids=["fastapi", "flask"])
def notes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notes]:
    made = Notes(request.param("notes", static_folder=None), f"sqlite:///{tmp_path / 'notes.db'}")
    yield made
    run_blocking(made.app.dispose_database())


def test_an_awaited_statement_answers_as_ever(notes: Notes) -> None:
    async def view() -> str:
        await notes.db.session.execute(INSERT)
        await notes.db.session.commit()
        return "done"

    assert notes.view(view) == (200, 1)


def test_a_lost_statement_is_an_error_with_its_place(
    notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    async def view() -> str:
        notes.db.session.execute(INSERT)
        return "done"

    assert notes.view(view) == (500, 0)
    (told,) = (r for r in caplog.records if r.name == "migrator.runtime.db.forgotten")
    assert told.levelno == logging.ERROR
    line = view.__code__.co_firstlineno + 1
    assert f"AsyncSession.execute() was dropped at {__file__}:{line} (" in told.getMessage()


def test_a_function_of_the_application_counts_and_one_of_python_does_not(notes: Notes) -> None:
    async def python() -> str:
        python_own(0)
        return "done"

    notes.app.get("/python")(python)

    async def lost() -> str:
        helper()
        return "done"

    assert notes.view(lost) == (500, 0)
    assert notes.app.test_client().get("/python").status_code == 200


def test_what_follows_a_lost_statement_is_not_committed(notes: Notes) -> None:
    async def view() -> str:
        await notes.db.session.execute(text("INSERT INTO note VALUES (2)"))
        notes.db.session.execute(INSERT)
        await notes.db.session.commit()
        return "done"

    assert notes.view(view) == (500, 0)


def test_an_error_that_the_view_swallows_is_told_at_its_end(notes: Notes) -> None:
    async def view() -> str:
        try:
            notes.db.session.execute(INSERT).fetchall()
        except AttributeError:
            return "no rows"
        return "done"

    assert notes.view(view) == (500, 0)


def test_a_teardown_function_and_one_after_the_request(notes: Notes) -> None:
    async def torn(error: object) -> None:
        if "in teardown" in notes.kept.__dict__:
            helper()

    notes.app.teardown_request(torn)

    async def after(response: Any) -> Any:
        if "after" in notes.kept.__dict__:
            helper()
        return response

    notes.app.after_request(after)

    def view() -> str:
        return "done"

    assert notes.view(view) == (200, 0)
    vars(notes.kept)["after"] = True
    assert notes.app.test_client().get("/asked").status_code == 500
    notes.kept = types.SimpleNamespace(**{"in teardown": True})
    with pytest.raises(NeverAwaited):
        notes.app.test_client().get("/asked")


def test_what_the_garbage_collector_finds_is_logged_and_no_requests_doing(
    notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    async def view() -> str:
        cycle: list[Any] = [notes.db.session.execute(INSERT)]
        cycle.append(cycle)
        del cycle
        gc.collect()
        return "done"

    assert notes.view(view) == (200, 0)
    assert "AsyncSession.execute() was dropped at an unknown place" in caplog.text


@pytest.mark.parametrize("notes", [compat.App], indirect=True, ids=["fastapi"])
def test_a_path_operation_of_fastapis_own(notes: Notes) -> None:
    async def view(session: SessionDep) -> str:
        untyped: Any = session
        untyped.execute(INSERT)
        return "done"

    assert notes.view(view) == (500, 0)


def test_a_librarys_wrapper_counts_where_it_is_around_a_function_of_the_application(
    notes: Notes,
) -> None:
    library: dict[str, Any] = {"__name__": "library"}
    source = "def retried(f):\n    async def again():\n        return await f()\n    return again\n"
    exec(compile(source, "/python/site-packages/library.py", "exec"), library)
    own = library["retried"](helper)
    foreign = library["retried"](len)

    async def other() -> str:
        foreign()
        return "done"

    async def view() -> str:
        own()
        return "done"

    notes.app.get("/other")(other)
    assert notes.view(view) == (500, 0)
    assert notes.app.test_client().get("/other").status_code == 200


def test_a_job_and_a_command_fail_as_well(notes: Notes) -> None:
    @unbridged
    async def job() -> str:
        with notes.app.app_context():
            await notes.db.session.execute(text("INSERT INTO note VALUES (3)"))
            notes.db.session.execute(INSERT)
            await notes.db.session.commit()
        return "done"

    @unbridged
    async def late() -> str:
        helper()
        return "done"

    async def command() -> None:
        helper()

    for forgetful in (job, late):
        with ThreadPoolExecutor(1) as thread, pytest.raises(NeverAwaited):
            thread.submit(forgetful).result()
    notes.app.cli.command("forget")(command)
    found = notes.app.test_cli_runner().invoke(args=["forget"])
    assert isinstance(found.exception, NeverAwaited)
    assert notes.view(lambda: "done") == (200, 0)
