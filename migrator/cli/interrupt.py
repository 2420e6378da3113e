"""Ctrl-C as a request to stop: what was done until then is worth a report."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import click


@contextlib.contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; the second time it interrupts, as it does elsewhere.

    A KeyboardInterrupt would come up in the middle of a view, and be what the view answers.
    """
    if threading.current_thread() is not threading.main_thread():
        yield bool
        return
    asked = False
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo(
            "Stopping after this request. Ctrl-C again stops at once, without a report.", err=True
        )

    signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
