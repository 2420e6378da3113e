"""An error of asyncpg as an instance of psycopg2's class for it.

Code asks `isinstance(error.orig, psycopg2.errors.DeadlockDetected)`, and shows `str(error)`, which names
the class. https://www.psycopg.org/docs/errors.html
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any


def as_psycopg2(
    original: Any, kind: str, code: str | None, said: str, diag: Mapping[str, Any]
) -> Any:
    """`original`, an error of SQLAlchemy's asyncpg dialect, as psycopg2 raises it.

    `kind` is the DBAPI's class for it, `code` its SQLSTATE, None where no server gave one, `diag` what
    its diagnostics have. Where psycopg2 is not installed it is `original` with these attributes.
    """
    found = original
    shown = f"{diag['severity']}:  {said}" if diag["severity"] else said
    try:
        cls = _class_of(code, kind)
    except ModuleNotFoundError:
        original.args = (said,)
        original.pgcode, original.pgerror = code, shown
    else:
        found = cls(said)
        # As pickle does it: they can't be assigned.
        found.__setstate__({"pgcode": code, "pgerror": shown, "cursor": None})
        found.__cause__ = original.__cause__
    found.sqlstate, found.diag = code, SimpleNamespace(**diag)
    return found


@functools.cache
def _class_of(code: str | None, kind: str) -> type[Any]:
    """A class below psycopg2's, under its name, whose `diag` can be set. What is pickled is psycopg2's own."""
    import psycopg2
    from psycopg2 import errors

    try:
        base = errors.lookup(code or "")
    except KeyError:
        base = getattr(psycopg2, kind)

    def reduced(self: Any) -> tuple[Any, ...]:
        # A task's error goes to whoever waits for it: what can't be pickled is another class there.
        return base, self.args, {"pgcode": self.pgcode, "pgerror": self.pgerror, "cursor": None}

    members = {"__module__": base.__module__, "__reduce__": reduced, "diag": None}
    return type(base.__name__, (base,), members)


__all__ = ["as_psycopg2"]
