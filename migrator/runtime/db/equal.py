"""An AsyncSession that equals the Session underneath, as one key of a dict and one member of a list.

What listeners and `object_session()` are given is the Session. Legacy code has one object for both:
`waiting[session]` of a view is what a listener for `after_commit` looks up.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession


class EqualSession(AsyncSession):
    """`==` and `in` don't tell it from its `sync_session`; `is` does."""

    def __eq__(self, other: object) -> bool:
        return other is self or other is self.sync_session

    def __hash__(self) -> int:
        return hash(self.sync_session)
