"""`migrator demo`: the whole road on the sample application: convert, mount, serve, compare."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape

from migrator.errors import InternalError, OutputError, UsageError
from migrator.frozen import frozen

if TYPE_CHECKING:
    from types import FrameType

    from migrator.codemod.result import Outcome
    from migrator.demo.database import Databases
    from migrator.demo.workspace import Workspace
    from migrator.runtime.shadow import Report

_LEGACY = "legacy_app.wsgi:app"
_TARGET = "target_app.asgi:app"
_HEALTH = "/health/db"
_SECRET = "the demo's secret, the same for both sides"
_REPORT = "demo-report.html"


@frozen
class Request:
    """What the command was asked for."""

    url: str | None
    sqlite: bool
    keep: Path | None
    report: Path | None
    port: int | None
    stay: bool


@click.command("demo")
@click.option(
    "--database-url", "url", metavar="URL",
    help="A PostgreSQL server of yours: two databases are made on it for the run, and dropped.",
)  # fmt: skip
@click.option("--sqlite", is_flag=True, help="Use SQLite instead of PostgreSQL.")
@click.option(
    "--keep", type=click.Path(path_type=Path), metavar="DIR",
    help="Work in this new folder and leave it there: both applications, cases and reports.",
)  # fmt: skip
@click.option(
    "--report", type=click.Path(path_type=Path), metavar="FILE.html",
    help=f"The HTML report.  [default: {_REPORT}, in DIR with --keep]",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(1, 65534), metavar="PORT",
    help="Serve the legacy application here and the new one at the next port.  [default: free ports]",
)  # fmt: skip
@click.option("--stay", is_flag=True, help="Keep serving both at the end, until Ctrl-C.")
def command(
    url: str | None,
    sqlite: bool,
    keep: Path | None,
    report: Path | None,
    port: int | None,
    stay: bool,
) -> int:
    """Convert, mount, serve and compare the sample application, on a real PostgreSQL.

    A server is started for the run, unless DATABASE_URL or --database-url names one. Nothing is left
    behind but the report.

    Exit code: 0 nothing differs, 1 differences, 2 wrong usage, 3 our fault.
    """
    if url is not None and sqlite:
        raise UsageError(
            "--database-url and --sqlite are given together.",
            "The demo runs on one database.",
            "Choose one.",
        )
    request = Request(url, sqlite, keep, report, port, stay)
    with _ends_on_sigterm(), ExitStack() as stack:
        return _Demo(request, stack).run()


class _Demo:
    """The run, step by step; what a step starts, `stack` ends."""

    def __init__(self, request: Request, stack: ExitStack) -> None:
        self._request = request
        self._stack = stack
        self._console = Console(emoji=False)
        self._started = perf_counter()

    def run(self) -> int:
        """All steps; returns the exit code."""
        from migrator.demo.database import databases
        from migrator.demo.workspace import checkout, workspace

        root = checkout()
        page = self._page()
        request = self._request
        sockets = self._sockets()
        place = self._stack.enter_context(workspace(root, request.keep))
        with self._step("database") as say:
            made = self._stack.enter_context(
                databases(place.folder, url=request.url, sqlite=request.sqlite)
            )
            say(made.title)
        self._seed(place, made)
        outcome = self._convert(place)
        served = self._serve(place, made, sockets)
        found = self._compare(place, outcome)
        return self._end(found, page, served)

    # ------------------------------------------------------------------ steps

    def _seed(self, place: Workspace, made: Databases) -> None:
        with self._step("seed") as say:
            sides = {"DATABASE_URL": made.url, "SECRET_KEY": _SECRET}
            self._stack.enter_context(_environment(sides))
            sys.path.insert(0, str(place.folder))
            self._legacy = _load(_LEGACY, place)
            from legacy_app.seed import seed

            counts: dict[str, int] = seed(self._legacy)
            with self._legacy.app_context():
                self._legacy.extensions["sqlalchemy"].engine.dispose()
            say(f"{sum(counts.values())} rows in {len(counts)} tables")

    def _convert(self, place: Workspace) -> Outcome:
        from migrator.cli.progress import converting
        from migrator.codemod.convert import convert
        from migrator.codemod.outcome import outcome_of
        from migrator.codemod.output import files, folders
        from migrator.report import codemod_html, codemod_text

        with self._step("codemod") as say:
            with converting() as advance:
                conversion = convert(place.legacy, package=place.target.name, progress=advance)
            made = files.output_files(place.legacy, files.package_of(conversion), place.target)
            written = folders.write_package(place.target, made)
            outcome = outcome_of(conversion)
            say(f"{len(written.created)} files written")
        (place.folder / "codemod.html").write_text(codemod_html.render(outcome), encoding="utf-8")
        self._console.print()
        codemod_text.print_report(outcome, self._console)
        self._console.print()
        return outcome

    def _serve(self, place: Workspace, made: Databases, sockets: list[Any]) -> list[str]:
        from migrator.demo.servers import serve

        with self._step("serve") as say:
            # A database of their own: the compare may copy the other one, which nobody may use then.
            sides = {"DATABASE_URL": made.copy(), "SECRET_KEY": _SECRET}
            servers = [
                self._stack.enter_context(serve(spec, place.folder, listening, sides))
                for spec, listening in zip((_LEGACY, _TARGET), sockets, strict=True)
            ]
            # Importing the application takes as long here as there, so it is done meanwhile.
            self._target = _load(_TARGET, place)
            answers = [server.get(_HEALTH) for server in servers]
            say(f"both answer GET {_HEALTH}")
        for name, server, answer in zip(("legacy", "target"), servers, answers, strict=True):
            self._console.print(
                f"  {name}  {server.url}{_HEALTH}  {answer.status}  {escape(answer.body)}",
                highlight=False, soft_wrap=True,
            )  # fmt: skip
            if answer.status != 200:
                raise InternalError(
                    f"The served {name} application answered {answer.status}.",
                    answer.body[:500],
                    "Run the demo again with --keep DIR and start DIR's application by hand.",
                )
        return [server.url for server in servers]

    def _compare(self, place: Workspace, outcome: Outcome) -> Report:
        from migrator.cli.progress import comparing, quiet_logs
        from migrator.runtime.shadow import load, run_cases

        levels = {found.endpoint.endpoint: found.level for found in outcome.endpoints}
        with self._step("compare") as say, quiet_logs():
            cases = load(place.cases)
            with comparing() as advance:
                found = run_cases(
                    self._legacy, self._target, cases,
                    levels=levels, names=(_LEGACY, _TARGET), progress=advance,
                )  # fmt: skip
            say(f"{len(found.cases)} requests to {len(found.endpoints)} endpoints")
        return found

    def _end(self, found: Report, page: Path, served: list[str]) -> int:
        from migrator.report import shadow_html, shadow_text

        page.write_text(shadow_html.render(found), encoding="utf-8")
        console = self._console
        console.print()
        shadow_text.print_report(found, console, page=str(page))
        console.print(_statements(found), highlight=False)
        if self._request.keep is not None:
            console.print(f"kept: {escape(str(self._request.keep))}", soft_wrap=True)
        console.print(f"{perf_counter() - self._started:.1f} s in all", highlight=False)
        if self._request.stay:
            console.print(f"serving {' and '.join(served)} until Ctrl-C", soft_wrap=True)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
        return found.exit_code

    # ---------------------------------------------------------------- helpers

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[Any]:
        """Show a step's name at once and, when it is done, what it came to and how long it took."""
        started = perf_counter()
        said: list[str] = []
        status = (
            self._console.status(f"{name} …")
            if self._console.is_terminal and name not in ("codemod", "compare")
            else contextlib.nullcontext()
        )
        with status:
            yield said.append
        self._console.print(
            f"[bold]{name:<9}[/] {escape(said[0]):<58} [dim]{perf_counter() - started:5.1f} s[/]",
            highlight=False,
        )

    def _page(self) -> Path:
        request = self._request
        page = request.report or (request.keep or Path()) / _REPORT
        made_later = request.report is None and request.keep is not None
        parent = page.resolve().parent
        if not made_later and (page.is_dir() or not os.access(parent, os.W_OK)):
            raise OutputError(
                f"The report can't be written to {str(page)!r}.",
                "It is a folder, or its folder doesn't exist or is not yours to write.",
                "Give --report the path of a file in a folder that exists.",
            )
        return page

    def _sockets(self) -> list[Any]:
        from migrator.demo.servers import listen

        port = self._request.port
        numbers = (0, 0) if port is None else (port, port + 1)
        return [self._stack.enter_context(listen(number)) for number in numbers]


def _load(spec: str, place: Workspace) -> Any:
    """The application, from the workspace: another package of that name would prove nothing."""
    from migrator.runtime.loading import load_application

    app = load_application(spec, app_dir=place.folder)
    package = sys.modules[spec.partition(".")[0]]
    if not Path(str(package.__file__)).is_relative_to(place.folder.resolve()):
        raise InternalError(
            f"{package.__name__!r} was loaded from {package.__file__}.",
            f"It should have come from {place.folder}.",
            "Run the demo in a Python process of its own.",
        )
    return app


def _statements(found: Report) -> str:
    """The sum over the endpoints: on how many the target sends no more SQL than the legacy side."""
    rows = found.endpoints
    fine = sum(row.target.statements <= row.legacy.statements for row in rows)
    legacy = sum(row.legacy.statements for row in rows)
    target = sum(row.target.statements for row in rows)
    share = f" ({100 * fine / len(rows):.0f} %)" if rows else ""
    return (
        f"SQL statements: {legacy} → {target}; the target sends no more than the legacy side on "
        f"{fine} of {len(rows)} endpoints{share}"
    )


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _ends_on_sigterm() -> Iterator[None]:
    """SIGTERM unwinds as Ctrl-C does, so that nothing is left running and no folder is left."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
