"""Where no engine of either application is known, none is let ask its database: nothing would be undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from migrator.errors import CompareError


@contextmanager
def no_database() -> Iterator[None]:
    """Refuse every statement meanwhile; raises CompareError at the end if there was one."""
    refused: list[CompareError] = []

    def refuse(connection: Any, *_: Any) -> None:
        refused.append(
            CompareError(
                f"A database was asked by an engine that is not known: {connection.engine.url!r}.",
                "What is written there could be neither compared nor undone, so it was refused.",
                "Set `app.shadow_engines` (or `app.state.shadow_engines`) to the engines, on both sides.",
            )
        )
        raise refused[0]

    event.listen(Engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", refuse)
    if refused:
        raise refused[0]
