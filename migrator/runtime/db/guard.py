"""A sync engine on the event loop's thread stops every other request: this notices.

One process measured: with a sync pool of 1 used in `async def`, /health took 1.92 s.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from sqlalchemy import Engine, event

from migrator.errors import UsageError
from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.errors import BlockingEngine
from migrator.runtime.told import get_logger

Mode = Literal["off", "warn", "raise"]

logger = get_logger("migrator.runtime.db.guard")


class SyncEngineGuard:
    """Watches sync engines; `mode` says whether a use on the loop's thread is logged or refused."""

    def __init__(self) -> None:
        self.mode = "warn"

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, value: Mode) -> None:
        if value not in get_args(Mode):
            raise UsageError(
                f"The mode of the sync engine's guard is {value!r}.",
                "There are off, warn and raise.",
                "Set it to one of them.",
            )
        self._mode = value

    def watch(self, engine: Engine) -> None:
        """Notice each connection that `engine` gives out on a thread that runs an event loop."""
        event.listen(engine, "do_connect", self._do_connect)
        event.listen(engine, "checkout", self._checkout)

    def _do_connect(self, dialect: Any, record: Any, args: Any, kwargs: Any) -> None:
        # Before a connection is opened: in the mode "raise" not even that may block.
        if self.mode == "raise":
            self._check()

    def _checkout(self, connection: Any, record: Any, proxy: Any) -> None:
        self._check()

    def _check(self) -> None:
        if self.mode == "off" or not on_loop():
            return
        what = "The sync engine was used on the event loop's thread."
        why = "Its driver blocks: no other request is served until the statement is done."
        hint = (
            "Use db.session with `await`, or bridge(); legacy code belongs in a worker thread,"
            " as the mount runs it."
        )
        if self.mode == "raise":
            raise BlockingEngine(what, why, hint)
        logger.warning("%s %s %s", what, why, hint, stack_info=True)
