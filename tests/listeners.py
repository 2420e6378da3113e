"""The sample application's listener, which its import puts on every engine of the process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def without_the_sample_applications_listener() -> Iterator[None]:
    """legacy_app turns foreign keys on for sqlite3 connections, also of tests that run after its own."""
    module = sys.modules.get("legacy_app.extensions")
    if module is None:
        yield
        return
    listener = module.enforce_sqlite_foreign_keys
    event.remove(Engine, "connect", listener)
    try:
        yield
    finally:
        event.listen(Engine, "connect", listener)
