"""Asks one side of an application of programs: by requests, as commands and as scripts."""

from __future__ import annotations

import contextlib
import gc
import io
import runpy
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from werkzeug.test import Client

from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from tests.codemod.programs.databases import Database, Rows

#: The status of what has raised an error that is no HTTP one.
RAISED = 599


@dataclass(frozen=True)
class Answer:
    """What a request came to."""

    status: int
    body: str
    rows: Rows
    #: What was raised, with its place; coroutines that nobody has awaited.
    raised: str
    forgotten: tuple[str, ...]

    def differs(self, converted: Answer) -> str:
        """How the converted side answers another way, or ""."""
        if converted.forgotten:
            return "nobody awaits"
        if (self.status, self.body) != (converted.status, converted.body):
            if converted.status >= 500:
                return "raises" if self.status < 500 else "raises something else"
            return "answers another way"
        return "" if self.rows == converted.rows else "leaves other rows"


def answers(
    app: Any, served: Any, package: str, database: Database, asked: Sequence[str]
) -> Iterator[Answer]:
    """What each of these comes to: a path (`/p1/0`), a command (`cli p1 0`) or a script (`run p1_script0`)."""
    wsgi = served if isinstance(served, flask.Flask) else as_wsgi(served, run_blocking)
    for one in asked:
        database.fresh()
        with warnings.catch_warnings(record=True) as caught, _quiet_threads():
            warnings.simplefilter("always")
            how, *words = one.split()
            if how == "cli":
                status, body, error = _command(app, words)
            elif how == "run":
                status, body, error = _script(f"{package}.{words[0]}")
            else:
                status, body, error = _request(wsgi, one)
                error = app.config.pop("RAISED", error)
            shown = _shown(error) if error is not None else ""
            # Its frames hold sessions.
            error = None
            gc.collect(0)
        said = [str(w.message) for w in caught]
        yield Answer(
            status,
            body,
            database.rows(),
            shown,
            tuple(words for words in said if "never awaited" in words),
        )


@contextlib.contextmanager
def _quiet_threads() -> Iterator[None]:
    """A thread that fails says nothing: what it has not done shows."""
    usual, threading.excepthook = threading.excepthook, lambda _: None
    try:
        yield
    finally:
        threading.excepthook = usual


def _request(wsgi: Any, path: str) -> tuple[int, str, BaseException | None]:
    """A stream may fail when it has begun."""
    try:
        response = Client(wsgi).get(path)
        return response.status_code, response.text, None
    except Exception as error:
        return RAISED, type(error).__name__, error


def _command(app: Any, words: list[str]) -> tuple[int, str, BaseException | None]:
    result = app.test_cli_runner().invoke(args=words)
    if result.exception is None:
        return 200, result.stdout, None
    return RAISED, type(result.exception).__name__, result.exception


def _script(module: str) -> tuple[int, str, BaseException | None]:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_module(module, run_name="__main__")
    except Exception as error:
        return RAISED, type(error).__name__, error
    return 200, printed.getvalue(), None


def _shown(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f"{place} {error!r}"
