"""Receivers of signals hear the side of the mount that they are of.

A signal of an extension (`user_registered` of Flask-Security, those of Flask, a named one of the default
namespace) is one object of the process, and both packages connect their receivers to it. Whatever
either side sends would be heard by both: written twice, or by the other application's session.
https://blinker.readthedocs.io/en/stable/
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import blinker
import flask

from migrator.runtime.compat.context import current_app, has_app_context

#: The package of each application that is mounted, by the package of the other one.
_others: dict[str, set[str]] = {}


def keep_apart(legacy: str, target: str) -> None:
    """`legacy` and `target` are the import names of the two applications."""
    old, new = (name.partition(".")[0] for name in (legacy, target))
    if old == new or "__main__" in (old, new):
        return
    _others.setdefault(old, set()).add(new)
    _others.setdefault(new, set()).add(old)
    found: Any = blinker.Signal.receivers_for
    if not hasattr(found, "keeps_sides_apart"):
        blinker.Signal.receivers_for = _of_one_side(found)  # type: ignore[method-assign]


def _of_one_side(receivers_for: Any) -> Any:
    @functools.wraps(receivers_for)
    def of_one_side(signal: blinker.Signal, sender: Any) -> Iterator[Any]:
        hidden = _others.get(_package(_application(sender)), ())
        for receiver in receivers_for(signal, sender):
            if not hidden or package_of(receiver) not in hidden:
                yield receiver

    of_one_side.keeps_sides_apart = True  # type: ignore[attr-defined]
    return of_one_side


def _application(sender: Any) -> Any:
    """The application that sends: the sender itself, or the one whose context this is."""
    if isinstance(sender, flask.Flask):
        return sender
    # First what a view with Flask's context has besides it: that is the legacy application's.
    if has_app_context():
        return current_app
    return flask.current_app if flask.has_app_context() else None


def _package(application: Any) -> str:
    return str(getattr(application, "import_name", "")).partition(".")[0]


def package_of(receiver: Any) -> str:
    """The top-level package that a receiver was written in."""
    while isinstance(receiver, functools.partial):
        receiver = receiver.func
    return str(getattr(receiver, "__module__", "")).partition(".")[0]
