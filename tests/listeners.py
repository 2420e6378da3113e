"""The sample applications' listener, which their import puts on every engine of the process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

_HOMES = ("legacy_app.extensions", "target_app.extensions")


@contextmanager
def without_the_sample_applications_listener() -> Iterator[None]:
    """They turn foreign keys on for sqlite3 connections, also of tests that run after their own."""
    modules = [sys.modules[name] for name in _HOMES if name in sys.modules]
    listeners = [module.enforce_sqlite_foreign_keys for module in modules]
    for listener in listeners:
        event.remove(Engine, "connect", listener)
    try:
        yield
    finally:
        for listener in listeners:
            event.listen(Engine, "connect", listener)
