"""Tier A: an engine on one connection whose commits stay inside one transaction that is undone.

While an engine is pinned, its commit is RELEASE and a new SAVEPOINT and its rollback is ROLLBACK TO.
The application runs unchanged and sees what it committed; `end` rolls the whole flow back. What
this can't imitate is noticed and raised as a reason to use tier B instead.
"""

from __future__ import annotations

import gc
import re
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from . import postgresql, sqlite
from .model import RowChange
from .raw import Runner, execute

_NAME = "migrator_shadow"
#: Only one side runs at a time, so who waits for a lock waits for another engine of its own side.
_LOCK_TIMEOUT = 0.3
_CONTROL = re.compile(
    r"\s*(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK(?!\s+TO))\b", re.IGNORECASE
)
#: How a statement begins that may write.
WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|REPLACE|TRUNCATE|CREATE|ALTER|DROP|WITH)\b", re.I
)
_OPEN_ENDED = re.compile(r"\s*(LISTEN|VACUUM|REINDEX|CREATE\s+DATABASE|DROP\s+DATABASE)\b", re.I)


class Pin:
    """One engine on one connection. `begin` and `end` enclose one side's run of a flow."""

    def __init__(self, engine: Engine, run: Runner, layout: postgresql.Layout | None) -> None:
        self.engine = engine
        self.unfaithful: list[str] = []
        self.statements = 0
        self.wrote = False
        self._run = run
        self._layout = layout
        self._dialect = engine.dialect
        self._postgresql = engine.dialect.name == "postgresql"
        self._functions = sqlite.Functions()
        self._keys: dict[str, tuple[str, ...]] = {} if layout is None else layout.primary_keys
        self._deferred_keys = False
        self._out = 0
        self._seen = 0
        self._connection: Any = None
        self._pool: Any = None
        self._originals: dict[str, Any] = {}
        self._active = False

    # ---- once a run

    def open(self, connecting: Runner) -> None:
        """Take one connection and put the engine on it."""
        connecting(self._open)

    def _open(self) -> None:
        fairy = self.engine.raw_connection()
        self._connection = fairy.dbapi_connection
        fairy.detach()
        if not self._postgresql:
            self._connection.isolation_level = None
            self._functions.register(self._connection)
            self._keys = sqlite.install(self._connection, temporary=True)
            self._deferred_keys = self._has_deferred_keys()
        self._pool = self.engine.pool
        pool = StaticPool(
            lambda: self._connection,
            dialect=self._dialect,
            _dispatch=self._pool.dispatch,
            reset_on_return=True,
        )
        self.engine.pool = pool
        pool.connect().close()  # the application's connect listeners run outside our transaction
        self._patch()
        event.listen(pool, "checkout", self._checkout)
        event.listen(pool, "checkin", self._checkin)
        event.listen(pool, "invalidate", self._invalidated)
        event.listen(self.engine, "before_cursor_execute", self._statement, retval=True)

    def _has_deferred_keys(self) -> bool:
        found = execute(
            self._connection,
            "SELECT count(*) FROM main.sqlite_master WHERE type = 'table' AND sql LIKE '%DEFERRABLE%'",
        )
        enforced = execute(self._connection, "PRAGMA foreign_keys")
        return bool(found[0][0]) and bool(enforced and enforced[0][0])

    def _patch(self) -> None:
        for name, function in (
            ("do_begin", self._do_begin),
            ("do_commit", self._do_commit),
            ("do_rollback", self._do_rollback),
            ("set_isolation_level", self._set_isolation_level),
            ("reset_isolation_level", self._reset_isolation_level),
        ):
            self._originals[name] = getattr(self._dialect, name)
            setattr(self._dialect, name, function)

    def close(self) -> None:
        """Give the engine its own pool back and close the connection."""
        if self._pool is None:
            return
        event.remove(self.engine, "before_cursor_execute", self._statement)
        for name in self._originals:
            delattr(self._dialect, name)
        self.engine.pool = self._pool
        self._pool = None
        self._run(self._connection.close)
        self._functions.close()

    # ---- once a flow and side

    def begin(self) -> None:
        """Open the transaction that `end` undoes."""
        self.unfaithful = []
        self.statements, self.wrote, self._out, self._seen = 0, False, 0, 0
        self._run(self._begin)

    def _begin(self) -> None:
        if self._postgresql:
            postgresql.begin_flow(self._connection, _LOCK_TIMEOUT)
        else:
            execute(self._connection, f"DELETE FROM {sqlite.EFFECTS}")
            execute(self._connection, f"PRAGMA busy_timeout = {int(_LOCK_TIMEOUT * 1000)}")
            execute(self._connection, "BEGIN")
        execute(self._connection, f"SAVEPOINT {_NAME}")
        self._active = True

    def step(self, now: datetime, fraction: float) -> None:
        """The clock and chance of the next request."""
        self._run(lambda: self._step(now, fraction))

    def _step(self, now: datetime, fraction: float) -> None:
        if self._postgresql:
            postgresql.begin_step(self._connection, now, fraction)
            execute(self._connection, f"RELEASE SAVEPOINT {_NAME}")
            execute(self._connection, f"SAVEPOINT {_NAME}")
        else:
            self._functions.step(now, fraction)

    def writes(self) -> list[RowChange]:
        """The rows written and committed since the last call."""
        return self._run(self._writes)

    def _writes(self) -> list[RowChange]:
        kind = postgresql if self._postgresql else sqlite
        rows = kind.read_effects(self._connection, self._seen)
        if rows:
            self._seen = rows[-1][0]
        return [kind.row_change(row, self._keys) for row in rows]

    def end(self) -> None:
        """Undo everything; notes where the application ended our transaction behind our back."""
        self._run(self._end)

    def _end(self) -> None:
        self._active = False
        if self._out:
            # A session that nobody closed (a streamed response's) holds its connection until it is
            # collected: now, and not in the middle of another request, which would get the blame.
            gc.collect()
        if self._postgresql:
            alive = postgresql.is_alive(self._connection)
        else:
            alive = bool(getattr(self._connection, "in_transaction", True))
        if not alive:
            self.unfaithful.append("it committed on the driver's own connection")
        self._connection.rollback()

    # ---- in place of the dialect's own

    def _do_begin(self, connection: Any) -> None:
        """The transaction is open already."""

    def _do_commit(self, connection: Any) -> None:
        if not self._active:
            self._originals["do_commit"](connection)
            return
        try:
            self._check_deferred(connection)
            execute(connection, f"RELEASE SAVEPOINT {_NAME}")
        except Exception as error:
            execute(connection, f"ROLLBACK TO SAVEPOINT {_NAME}")
            if _code(error) == "25P02":  # COMMIT of a failed transaction is a rollback
                return
            raise
        execute(connection, f"SAVEPOINT {_NAME}")

    def _check_deferred(self, connection: Any) -> None:
        """What waits for the commit is checked now, as the commit would."""
        if self._layout is not None and self._layout.deferrable:
            execute(connection, "SET CONSTRAINTS ALL IMMEDIATE")
            if self._layout.initially_deferred:
                names = ", ".join(self._layout.initially_deferred)
                execute(connection, f"SET CONSTRAINTS {names} DEFERRED")
        elif self._deferred_keys and execute(connection, "PRAGMA foreign_key_check"):
            raise self._dialect.loaded_dbapi.IntegrityError("FOREIGN KEY constraint failed")

    def _do_rollback(self, connection: Any) -> None:
        if self._active:
            execute(connection, f"ROLLBACK TO SAVEPOINT {_NAME}")
        else:
            self._originals["do_rollback"](connection)

    def _set_isolation_level(self, connection: Any, level: str) -> None:
        self.unfaithful.append(f"it sets the isolation level {level}")

    def _reset_isolation_level(self, connection: Any) -> None:
        """Nothing was set."""

    # ---- what shows that one connection is not enough

    def _checkout(self, connection: Any, record: Any, proxy: Any) -> None:
        self._out += 1
        if self._out > 1:
            self.unfaithful.append("it uses two connections at once")

    def _checkin(self, connection: Any, record: Any) -> None:
        self._out -= 1

    def _invalidated(self, connection: Any, record: Any, error: Any) -> None:
        self.unfaithful.append("it gave up its connection")

    def _statement(
        self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        self.statements += 1
        self.wrote = self.wrote or WRITES.match(statement) is not None
        control = _CONTROL.match(statement)
        if control is not None:
            if control[1].upper() in ("COMMIT", "END", "ROLLBACK"):
                self.unfaithful.append(f"it sends {control[1].upper()} as a statement")
            return "SELECT 1 WHERE 1 = 0", ()
        if _OPEN_ENDED.match(statement):
            self.unfaithful.append(f"it sends {statement.split(None, 1)[0].upper()}")
        return statement, parameters


def _code(error: BaseException) -> str | None:
    """The SQLSTATE of a driver's error, through SQLAlchemy's and its adapter's wrapping."""
    inner: Any = (
        error.orig if isinstance(error, SQLAlchemyError) and hasattr(error, "orig") else error
    )
    code = getattr(inner, "pgcode", None) or getattr(inner, "sqlstate", None)
    return str(code) if code else None
