"""Watches one application while it answers: response, exceptions, SQL, implicit loads, who served."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util.concurrency import greenlet_spawn

from migrator.errors import LoadError
from migrator.runtime.left_open import context_of_a_request

from . import among, engines, wire
from .freeze import Determinism
from .model import Failure, Observation, Request, Response
from .raw import Runner, direct

T = TypeVar("T")
_MARK = "migrator.shadow"


def _within(owner: Any, run: Runner) -> Runner:
    """The runner, in an application context where the owner has such a thing."""
    if not hasattr(owner, "app_context"):
        return run

    def runner(function: Callable[[], T], /) -> T:
        def inside() -> T:
            with owner.app_context():
                return function()

        return run(inside)

    return runner


class Application:
    """One application, called in process; its engines are those of `engines.find_engines`."""

    def __init__(self, app: Any, name: str, loop: asyncio.Runner) -> None:
        self.app = app
        self.name = name
        self.engines: dict[Engine, Runner] = {}
        #: As `engines`, for what connects: the application's listeners may ask for `current_app`.
        self.connecting: dict[Engine, Runner] = {}
        #: The bind key of each engine; None for the main database's.
        self.keys: dict[Engine, str | None] = {}
        self.statements: list[tuple[Engine, str]] = []
        self._loop = loop
        self._asgi = wire.is_asgi(app)
        self._lifespan: wire.Lifespan | None = None
        self._loads: list[Any] = []
        self._mount: Any = None

    # ---- start and stop

    def start(self) -> None:
        """Run the application's start, find its engines and watch them."""
        if self._asgi:
            lifespan = wire.Lifespan(self.app)
            try:
                self._loop.run(lifespan.start())
            except Exception as error:
                raise LoadError(
                    f"The application {self.name!r} did not start.",
                    # Starlette puts the whole traceback into its message.
                    f"Its lifespan said: {(str(error).strip().splitlines() or ['nothing'])[-1]}",
                    "Start it with uvicorn in the same environment to see the whole traceback.",
                ) from error
            self._lifespan = lifespan
        for found in engines.owned_engines(self.app):
            engine, run = found.engine, direct
            if isinstance(engine, AsyncEngine):
                engine, run = engine.sync_engine, self._in_greenlet
            self.engines[engine] = run
            self.connecting[engine] = _within(found.owner, run)
            self.keys[engine] = found.key
        for sync_engine in self.engines:
            event.listen(sync_engine, "before_cursor_execute", self._statement)
        self._loads = engines.implicit_loads(self.app)
        self._mount = next((p for p in engines.parts(self.app) if hasattr(p, "flask_app")), None)
        if self._mount is not None and hasattr(self._mount, "legacy"):
            self._mount.legacy = _Marked(self._mount.legacy)

    def stop(self) -> None:
        """Stop watching and run the application's shutdown."""
        for sync_engine in self.engines:
            event.remove(sync_engine, "before_cursor_execute", self._statement)
        if self._mount is not None and isinstance(self._mount.legacy, _Marked):
            self._mount.legacy = self._mount.legacy.wrapped
        if self._lifespan is not None:
            self._loop.run(self._lifespan.stop())

    def _in_greenlet(self, function: Callable[[], T], /) -> T:
        async def spawn() -> T:
            return await greenlet_spawn(function)

        return self._loop.run(spawn())

    def _statement(
        self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        self.statements.append((conn.engine, statement))

    # ---- one request

    def ask(self, request: Request) -> Observation:
        """Send one request; rows written are for the caller to add."""
        self.statements.clear()
        for log in self._loads:
            log.clear()
        mark: dict[str, str] = {}
        with _Failures() as failures:
            before = time.perf_counter()
            if self._asgi:
                response, raised = self._loop.run(self._ask_asgi(request, mark))
            else:
                response, raised = context_of_a_request().run(wire.call_wsgi, self.app, request)
            seconds = time.perf_counter() - before
        if raised is not None:
            failures.add(raised)
        return Observation(
            response,
            tuple(failures.found),
            (),
            tuple(statement for _, statement in self.statements),
            seconds,
            self._served_by(mark),
            tuple(f"{load.place} {load.statement}" for log in self._loads for load in log.recent),
        )

    def ask_at_once(
        self, requests: Sequence[tuple[Request, str, int]], together: int, frozen: Determinism
    ) -> list[Observation]:
        """Send requests, `together` at a time: each with the flow's name and the step's number of its chance.

        What the database is asked is not told apart, and not observed.
        """

        def observed(
            answer: tuple[Response | None, BaseException | None], failures: _Failures, since: float
        ) -> Observation:
            response, raised = answer
            if raised is not None:
                failures.add(raised)
            seconds = time.perf_counter() - since
            return Observation(response, tuple(failures.found), seconds=seconds)

        def on_thread(asked: tuple[Request, str, int]) -> Observation:
            failures, since = self._begin(router, frozen, asked), time.perf_counter()
            return observed(wire.call_wsgi(self.app, asked[0], threads=True), failures, since)

        async def on_loop(asked: tuple[Request, str, int], watch: among.Watch) -> Observation:
            failures, since = self._begin(router, frozen, asked), time.perf_counter()
            asking = wire.call_asgi(self.app, asked[0], self._scope(asked[0], {}))
            return observed(await watch.answered(asking), failures, since)

        async def all_on_loop() -> list[Observation]:
            running = asyncio.all_tasks()
            found = await among.on_the_loop(on_loop, requests, together)
            await self._left_running(running)
            return found

        with among.Router() as router:
            if self._asgi:
                return self._loop.run(all_on_loop())
            return among.on_threads(on_thread, requests, together)

    @staticmethod
    def _begin(
        router: among.Router, frozen: Determinism, asked: tuple[Request, str, int]
    ) -> _Failures:
        """What this context, a task's or a thread's, fails of; and its chance."""
        failures = _Failures()
        router.of_request.set(failures)
        frozen.among_others(*asked[1:])
        return failures

    def _served_by(self, mark: dict[str, str]) -> str:
        if self._mount is None:
            return ""
        return mark.get("served_by", "migrated")

    async def _ask_asgi(
        self, request: Request, mark: dict[str, str]
    ) -> tuple[Response | None, BaseException | None]:
        running = asyncio.all_tasks()
        answer = await wire.call_asgi(self.app, request, self._scope(request, mark))
        await self._left_running(running)
        return answer

    def _scope(self, request: Request, mark: dict[str, str]) -> wire.Scope:
        scope = wire.asgi_scope(request)
        scope[_MARK] = mark
        if self._lifespan is not None:
            scope["state"] = dict(self._lifespan.state)
        return scope

    @staticmethod
    async def _left_running(running: set[asyncio.Task[Any]]) -> None:
        # What the application left running gets a moment; a connection it holds is noticed elsewhere.
        left = asyncio.all_tasks() - running
        if left:
            await asyncio.wait(left, timeout=0.5)


class _Marked:
    """The mount's legacy side, noting in the scope that it was the one to answer."""

    def __init__(self, wrapped: Any) -> None:
        self.wrapped = wrapped

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if _MARK in scope:
            scope[_MARK]["served_by"] = "mount"
        await self.wrapped(scope, receive, send)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


class _Failures(logging.Handler):
    """Collects the exceptions that are logged while a request runs: each once."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[Failure] = []
        self._seen: list[BaseException] = []
        self._guard = threading.Lock()

    def __enter__(self) -> _Failures:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("sqlalchemy.pool"):
            # A connection that nobody closed, collected now: any code may have left it behind.
            return
        if record.exc_info and record.exc_info[1] is not None:
            self.add(record.exc_info[1])

    def add(self, error: BaseException) -> None:
        """Note one exception; the group that anyio may have put around it is taken off."""
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        with self._guard:
            if not any(error is seen for seen in self._seen):
                self._seen.append(error)
                self.found.append(Failure(type(error).__name__, str(error).strip()[:2000]))
