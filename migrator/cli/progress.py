"""Progress on standard error, a bar or lines in a log, and silence for what is in a report anyway."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Iterator

import click

#: Seconds between two lines of a log: who waits sees that it goes on, and what a short run prints is its result.
_BETWEEN_LINES = 30.0


@contextlib.contextmanager
def converting() -> Iterator[Callable[[str, int, int], None]]:
    """For `convert`: called with the file, the number done and the number in all."""
    with _bar("converting", "reading") as update:
        yield lambda name, done, total: update(done, total, name)


@contextlib.contextmanager
def comparing() -> Iterator[Callable[[int, int, str], None]]:
    """For `run_cases`: called with the number done, the number in all and the next case."""
    with _bar("comparing", "") as update:
        yield update


@contextlib.contextmanager
def _bar(verb: str, first: str) -> Iterator[Callable[[int, int, str], None]]:
    if not sys.stderr.isatty():
        yield _Lines(verb)
        return
    # A log needs none of it, and it takes its time to import.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn(verb),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(first, total=None)
        yield lambda done, total, name: bar.update(
            task, completed=done, total=total, description=name
        )


class _Lines:
    """In a log: a line now and then."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._began = self._said = time.monotonic()

    def __call__(self, done: int, total: int, name: str) -> None:
        now = time.monotonic()
        if now - self._said >= _BETWEEN_LINES:
            self._said = now
            spent = f"{now - self._began:.0f} s"
            click.echo(f"{self._verb} {done}/{total} after {spent}: {name}", err=True)


@contextlib.contextmanager
def quiet_logs() -> Iterator[None]:
    """What the applications log about exceptions is in the report; it need not scroll by."""
    root = logging.getLogger()
    handler = logging.NullHandler()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
