"""Contexts of Flask's that set-up code has pushed for good, which every task and thread would inherit.

Served by a thread of its own, a request has a context of its own, with its own `g` and its own session.
A test's client that calls in the test's own context hands that on, as Flask's does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any

_HANDED_ON: ContextVar[bool] = ContextVar("_HANDED_ON", default=False)


@contextmanager
def handed_on() -> Iterator[None]:
    """Requests that begin inside this block share what is open here: a context, a session."""
    token = _HANDED_ON.set(True)
    try:
        yield
    finally:
        _HANDED_ON.reset(token)


@contextmanager
def apart() -> Iterator[None]:
    """Inside this block no session is open, unless it is handed on."""
    if _HANDED_ON.get():
        yield
        return
    # The compare asks for contexts alone, without a database.
    from migrator.runtime.db.scope import detached

    with detached():
        yield


def _of_flask() -> tuple[ContextVar[Any], ...]:
    """The variables of Flask's contexts; none where nobody has loaded Flask."""
    loaded = sys.modules.get("flask.globals")
    found = (getattr(loaded, name, None) for name in ("_cv_app", "_cv_request"))
    return tuple(variable for variable in found if isinstance(variable, ContextVar))


def is_open() -> bool:
    """Whether a context of Flask's is open here that a request has nothing to do with."""
    return not _HANDED_ON.get() and any(variable.get(None) is not None for variable in _of_flask())


def context_of_a_request() -> Context:
    """A copy of the current context in which no context of Flask's was ever open.

    Nothing can be unset, and what is set to None isn't what Flask takes for "outside of a request".
    """
    if not is_open():
        return copy_context()
    variables = _of_flask()
    context = Context()
    for variable, value in copy_context().items():
        if variable not in variables:
            context.run(variable.set, value)
    return context
