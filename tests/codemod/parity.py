"""A small application and what becomes of it: both sides on disk, importable, asked the same."""

from __future__ import annotations

import importlib
import sys
import textwrap
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import blinker
import flask
import flask.signals
from werkzeug.test import Client

from migrator.codemod.convert import Conversion, convert
from migrator.codemod.outcome import outcome_of
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.mount.receivers import package_of
from migrator.surface import FrameChoice

Request = tuple[str, str] | tuple[str, str, dict[str, Any]]
#: Method, path, status, body, headers and cookies.
Answer = tuple[Any, ...]
Make = Callable[..., "Sides"]
FRAMES: tuple[FrameChoice, ...] = ("fastapi", "flask")


class Sides:
    """The legacy application and `asgi.py` of the converted one."""

    def __init__(
        self,
        root: Path,
        name: str,
        files: dict[str, str],
        frame: FrameChoice = "auto",
        application: str = "",
        waiting: Sequence[str] = (),
    ) -> None:
        self.root = root
        self.legacy, self.target = f"legacy_{name}", f"target_{name}"
        for path, text in files.items():
            place = root / self.legacy / path
            place.parent.mkdir(parents=True, exist_ok=True)
            filled = textwrap.dedent(text).lstrip("\n").format(name=self.legacy)
            place.write_text(filled, encoding="utf-8")
        self.conversion: Conversion = convert(
            root / self.legacy,
            application=application and f"{self.legacy}.{application}",
            package=self.target,
            frame=frame,
            waiting=waiting,
        )
        for path, text in self.conversion.texts.items():
            place = root / self.target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        for path in self.conversion.copies:
            place = root / self.target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((root / self.legacy / path).read_bytes())

    def answers(self, app: Any, requests: list[Request]) -> Iterator[Answer]:
        """What `app` answers to one client, which keeps its cookies."""
        wsgi = app if isinstance(app, flask.Flask) else as_wsgi(app, run_blocking)
        client = Client(wsgi)
        for method, path, *rest in requests:
            response = client.open(path, method=method, **(rest[0] if rest else {}))
            headers = sorted(
                (k.lower(), v)
                for k, v in response.headers
                if k.lower() not in {"date", "set-cookie"}
            )
            cookies = sorted(c.partition("=")[0] for c in response.headers.getlist("Set-Cookie"))
            yield method, path, response.status_code, response.data, headers, cookies

    def both(
        self, legacy: flask.Flask, requests: list[Request], fresh: Callable[[], object]
    ) -> list[tuple[Answer, Answer]]:
        """Each request's answer on either side; before each side, `fresh` makes the database anew."""
        with legacy.app_context():
            fresh()
        expected = list(self.answers(legacy, requests))
        with legacy.app_context():
            fresh()
        with self.converted() as asgi:
            return list(zip(expected, self.answers(asgi.app, requests), strict=True))

    @contextmanager
    def converted(self, entry: str = "asgi") -> Iterator[Any]:
        """The module `asgi.py`, or another one like it, whose connections are closed at the end."""
        asgi = importlib.import_module(f"{self.target}.{entry}")
        try:
            yield asgi
        finally:
            run_blocking(asgi.converted.dispose_database())

    def forget(self) -> None:
        """Take both sides' modules away, and what they have connected to Flask's own signals."""
        for signal in vars(flask.signals).values():
            if isinstance(signal, blinker.Signal):
                for kept in list(signal.receivers.values()):
                    receiver = kept() if isinstance(kept, weakref.ref) else kept
                    if receiver is not None and package_of(receiver) in (self.legacy, self.target):
                        signal.disconnect(receiver)
        for module in [m for m in sys.modules if m.partition(".")[0] in (self.legacy, self.target)]:
            del sys.modules[module]


def asked(sides: Sides, requests: list[Request]) -> None:
    """Both sides answer alike, each request on fresh rows of the package's own `fresh()`."""
    legacy = importlib.import_module(sides.legacy)
    for before, after in sides.both(legacy.create_app(), requests, legacy.fresh):
        assert before[2] != 500, before
        assert after == before, f"{sides.conversion.texts['views.py']}\n{before}\n{after}"


def all_native(sides: Sides) -> None:
    """Every site is native, and nothing is left to do."""
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen, outcome_of(sides.conversion).bridged
    assert not outcome_of(sides.conversion).findings
