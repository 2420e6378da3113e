"""An AsyncSession that is one with the Session underneath: as a key, in a list, and in what code puts on it.

What listeners and `object_session()` are given is the Session. Legacy code has one object for both: `waiting[session]`
of a view is what a listener for `after_commit` looks up, and `session.actor = user` is what another one reads.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession


class SharedSession(AsyncSession):
    """`==` and `in` don't tell it from its `sync_session`; `is` does.

    What AsyncSession has itself is its own; everything else that is set is its Session's.
    """

    def __eq__(self, other: object) -> bool:
        return other is self or other is self.sync_session

    def __hash__(self) -> int:
        return hash(self.sync_session)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._is_own(name):
            super().__setattr__(name, value)
        else:
            setattr(self.sync_session, name, value)

    def __getattr__(self, name: str) -> Any:
        # Its methods are not meant: they would be called outside of the bridge.
        underneath = vars(self).get("sync_session")
        if underneath is None or name not in vars(underneath):
            raise AttributeError(f"'AsyncSession' object has no attribute {name!r}")
        return vars(underneath)[name]

    def __delattr__(self, name: str) -> None:
        if self._is_own(name):
            super().__delattr__(name)
        else:
            delattr(self.sync_session, name)

    def _is_own(self, name: str) -> bool:
        own = vars(self)
        return "sync_session" not in own or name in own or hasattr(type(self), name)
