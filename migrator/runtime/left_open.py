"""Contexts of Flask's that set-up code has pushed for good, which every task and thread would inherit.

Served by a thread of its own, a request has a context of its own, with its own `g` and its own session.
"""

from __future__ import annotations

import sys
from contextvars import Context, ContextVar, copy_context
from typing import Any


def _of_flask() -> tuple[ContextVar[Any], ...]:
    """The variables of Flask's contexts; none where nobody has loaded Flask."""
    loaded = sys.modules.get("flask.globals")
    found = (getattr(loaded, name, None) for name in ("_cv_app", "_cv_request"))
    return tuple(variable for variable in found if isinstance(variable, ContextVar))


def is_open() -> bool:
    """Whether a context of Flask's is open here."""
    return any(variable.get(None) is not None for variable in _of_flask())


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
