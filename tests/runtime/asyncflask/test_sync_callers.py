"""What sync code does with the application: contexts, commands, the test client, threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import click
import pytest
from flask import Blueprint, Flask, Response, request, stream_with_context
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.db import OutsideScope, SQLAlchemy, bridge, unbridge
from migrator.runtime.db.blocking import run_blocking


class Notes:
    """An application with one table and whatever the tests need of it."""

    def __init__(self, url: str) -> None:
        self.app = app = AsyncFlask(__name__)
        app.config.update(SECRET_KEY="k", SQLALCHEMY_DATABASE_URI=url, TESTING=True)
        # After this, as factories do: the context is there before the database is.
        db: Any = SQLAlchemy()
        self.db = db
        db.init_app(app)

        class Note(db.Model):  # type: ignore[misc]
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(80))

        self.Note: Any = Note

        async def count() -> int:
            assert isinstance(db.session(), AsyncSession)
            counted: int = await db.session.scalar(select(func.count()).select_from(Note))
            return counted

        self.count = count

        @app.get("/count")
        async def counted() -> str:
            return str(await count())

        @app.get("/rename/<int:ident>")
        def rename(ident: int) -> str:
            note = db.get_or_404(Note, ident)
            note.text = "renamed"
            return str(unbridge(count()))

        @app.cli.command("count")
        def count_command() -> None:
            click.echo(f"{Note.query.count()} {unbridge(count())}")

        @app.cli.command("count-async")
        @click.option("--more", type=int)
        async def async_command(more: int) -> None:
            click.echo(str(await count() + more))

        blueprint = Blueprint("notes", __name__)

        @blueprint.cli.command("add")
        @click.argument("text")
        async def add(text: str) -> None:
            db.session.add(Note(text=text))
            await db.session.commit()

        app.register_blueprint(blueprint)


@pytest.fixture
def notes(sqlite_url: str) -> Iterator[Notes]:
    made = Notes(sqlite_url)
    with made.app.app_context():
        made.db.create_all()
        made.db.session.add(made.Note(text="one"))
        made.db.session.commit()
    yield made
    run_blocking(made.app.dispose_database())


def test_a_context_has_the_sync_session(notes: Notes) -> None:
    with notes.app.app_context():
        assert isinstance(notes.db.session(), Session)
        assert notes.Note.query.count() == 1
        assert notes.db.get_or_404(notes.Note, 1).text == "one"
        assert notes.db.paginate(select(notes.Note)).total == 1
        assert unbridge(notes.count()) == 1
    with pytest.raises(OutsideScope):
        notes.db.session()


def test_what_a_context_did_not_commit_is_rolled_back(notes: Notes) -> None:
    with notes.app.app_context():
        notes.db.session.add(notes.Note(text="two"))
        notes.db.session.flush()
        assert unbridge(notes.count()) == 2
    with notes.app.app_context():
        assert unbridge(notes.count()) == 1


def test_nested_contexts_have_a_session_each(notes: Notes) -> None:
    with notes.app.app_context():
        outer: Any = notes.db.session()
        with notes.app.app_context():
            assert notes.db.session() is not outer
        assert notes.db.session() is outer


def test_a_request_inside_a_context_shares_its_session(notes: Notes) -> None:
    with notes.app.app_context():
        note = notes.db.session.get(notes.Note, 1)
        notes.db.session.add(notes.Note(text="uncommitted"))
        client = notes.app.test_client()
        assert client.get("/count").text == "2"
        assert client.get("/rename/1").text == "2"
        assert note.text == "renamed"


def test_requests_outside_a_context_have_their_own(notes: Notes) -> None:
    client = notes.app.test_client()
    assert client.get("/rename/1").text == "1"
    with notes.app.app_context():
        assert notes.db.session.get(notes.Note, 1).text == "one"


def test_a_stream_leaves_its_request_when_nobody_has_it_any_more(notes: Notes) -> None:
    """The request that comes next awaits: it has contexts of its own then."""

    @notes.app.get("/stream")
    async def stream() -> Response:
        return Response(stream_with_context(word for word in ("read", "not read")))

    def ask() -> tuple[int, str]:
        client = notes.app.test_client()
        return client.get("/stream").status_code, client.get("/count").text

    assert run_blocking(bridge(ask)) == (200, "1")


def test_the_client_keeps_the_request_for_the_test(notes: Notes) -> None:
    with notes.app.test_client() as client:
        client.get("/count?a=1")
        assert request.args["a"] == "1"
        assert notes.Note.query.count() == 1
    with notes.app.test_request_context("/count"):
        assert request.path == "/count"
        assert unbridge(notes.count()) == 1


def test_commands(notes: Notes) -> None:
    runner = notes.app.test_cli_runner()
    assert runner.invoke(args=["count"]).output == "1 1\n"
    assert runner.invoke(args=["notes", "add", "two"]).exit_code == 0
    assert runner.invoke(args=["count-async", "--more", "40"]).output == "42\n"
    with notes.app.app_context():
        assert runner.invoke(args=["count"]).output == "2 2\n"


class OfOthers(Flask):
    """A class of another distribution, whose applications have a command from the beginning."""

    def __init__(self, import_name: str, **options: Any) -> None:
        super().__init__(import_name, **options)
        self.cli.command("named")(self.print_name)

    async def print_name(self) -> None:
        click.echo(f"I am {self.name}")


class AsyncOfOthers(AsyncFlask, OfOthers):
    """As `AsyncAPIFlask` is made."""


def test_commands_of_a_class_below_flask() -> None:
    app = AsyncOfOthers("shop", root_path=".")
    assert app.test_cli_runner().invoke(args=["named"]).output == "I am shop\n"


def test_threads_may_call_it(notes: Notes) -> None:
    answers: list[str] = []

    def ask() -> None:
        answers.append(notes.app.test_client().get("/count").text)
        with notes.app.app_context():
            answers.append(str(notes.Note.query.count()))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["1"] * 6


def test_the_shell_knows_the_models(notes: Notes) -> None:
    with notes.app.app_context():
        context = notes.app.make_shell_context()
    assert context["Note"] is notes.Note
    assert context["db"] is notes.db
