"""Progress bars on standard error, and silence for what is in a report anyway."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


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
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total, name: None
        return
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
