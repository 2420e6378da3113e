"""Sessions whose classes are bound to engines by name: `session_options={"binds": {Base: "other"}}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.binds import Find, asked
from migrator.runtime.db.engines import Engines, SessionClass


def bound(kind: type[Session], names: Mapping[Any, str | None], *, default: bool) -> SessionClass:
    """Makes the session class whose `binds` are the engines of these names.

    Without a `default` a session has no engine for what they don't say.
    """
    base = asked(kind)

    def made(find: Find) -> type[Session]:
        class Bound(base):  # type: ignore[misc, valid-type]  # the user's own class may be it
            def __init__(self, bind: Any = None, binds: Any = None, **options: Any) -> None:
                super().__init__(
                    bind=bind if default else None,
                    binds=binds or {what: find(name) for what, name in names.items()},
                    **options,
                )

        Bound.__name__ = Bound.__qualname__ = kind.__name__
        return Bound

    return made


class SyncSessions:
    """In the place of a `sessionmaker`: sync sessions for sync code, in the bridge or where no loop runs."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def __call__(self, **options: Any) -> Session:
        return self._here()(**options)

    def begin(self) -> Any:
        """A session that commits at the end of a `with`."""
        return self._here().begin()

    def configure(self, **options: Any) -> None:
        """Change what sessions are made with, on both sides."""
        self._engines.sync_sessionmaker.configure(**options)
        self._engines.async_sessionmaker.configure(**options)

    def _here(self) -> sessionmaker[Session]:
        if not on_loop():
            return self._engines.sync_sessionmaker
        made = {**self._engines.async_sessionmaker.kw}
        kind = made.pop("sync_session_class")
        return sessionmaker(**{**made, "bind": self._engines.async_.sync_engine}, class_=kind)
