"""asyncpg's errors under the class, code, text and diagnostics that psycopg2 gives them.

Code that answers 409 on `except IntegrityError` and reads `error.orig.diag.constraint_name` or
`error.params["name"]`, or retries on OperationalError, finds the same; a lost connection is one, and
`isinstance(error.orig, psycopg2.errors.UniqueViolation)` holds. psycopg2 chooses the class by the SQLSTATE's class:
https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Engine, event, exc

from migrator.runtime.db.abandoned import holding_nothing
from migrator.runtime.db.poolers import Pooler
from migrator.runtime.db.psycopg2_alike import as_psycopg2

_BY_CLASS: dict[str, type[exc.DBAPIError]] = {
    "0A": exc.NotSupportedError,
    **dict.fromkeys(("20", "21", "3D", "3F", "42", "44"), exc.ProgrammingError),
    "22": exc.DataError,
    "23": exc.IntegrityError,
    **dict.fromkeys(
        ("08", "28", "34", "40", "53", "54", "55", "57", "58", "HV"), exc.OperationalError
    ),
    **dict.fromkeys(
        ("24", "25", "26", "27", "2B", "2D", "2F", "38", "39", "3B"), exc.InternalError
    ),
    **dict.fromkeys(("XX", "F0", "P0"), exc.InternalError),
}

# The fields of psycopg2's Diagnostics, by asyncpg's names.
_DIAGNOSTICS = {
    "severity": "severity",
    "sqlstate": "sqlstate",
    "message_primary": "message",
    "message_detail": "detail",
    "message_hint": "hint",
    "schema_name": "schema_name",
    "table_name": "table_name",
    "column_name": "column_name",
    "datatype_name": "data_type_name",
    "constraint_name": "constraint_name",
    "context": "context",
    "statement_position": "position",
}


# What libpq says of a connection that is gone, without a word of the server's.
_LOST = (
    "server closed the connection unexpectedly\n"
    "\tThis probably means the server terminated abnormally\n"
    "\tbefore or while processing the request.\n"
)
# A value that asyncpg refuses before it is sent, by its own words: the server's code and words.
_REFUSED = {
    "value out of int16 range": ("22003", "smallint out of range"),
    "value out of int32 range": ("22003", "integer out of range"),
    "value out of int64 range": ("22003", "bigint out of range"),
}


def install(engine: Engine) -> None:
    """Translate the errors of `engine`; it is an async engine's `sync_engine` over asyncpg."""
    event.listen(engine, "do_connect", partial(_connect, Pooler()))
    event.listen(engine, "handle_error", _translate, retval=True)


def _connect(pooler: Pooler, dialect: Any, record: Any, args: Any, kwargs: Any) -> Any:
    """Connect; a refusal is an OperationalError, which asyncpg's and the system's errors are not."""
    import asyncpg

    try:
        return pooler.connect(dialect, args, holding_nothing(kwargs))
    except (
        OSError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        dialect.loaded_dbapi.Error,
    ) as e:
        refused = dialect.loaded_dbapi.OperationalError(
            f"connection failed: {e or type(e).__name__}"
        )
        refused.pgcode = refused.sqlstate = getattr(e, "sqlstate", None)
        raise refused from None


def _translate(context: Any) -> BaseException | None:
    import asyncpg

    found: exc.StatementError | None = context.sqlalchemy_exception
    original: Any = context.original_exception
    cause = getattr(original, "__cause__", None)
    if not isinstance(found, exc.DBAPIError):
        return None
    fields = {ours: getattr(cause, theirs, None) for ours, theirs in _DIAGNOSTICS.items()}
    if isinstance(cause, asyncpg.PostgresError) and fields["message_primary"] is not None:
        code, said = cause.sqlstate, _text(fields)
        # It is gone in a moment; the pool must not give it to the next one.
        lost = context.is_disconnect or said.startswith("terminating connection")
    elif context.is_disconnect:
        code, said, lost = None, _LOST, True
    elif isinstance(cause, asyncpg.DataError):
        (code, primary), lost = _refused(str(cause)), False
        fields |= {"severity": "ERROR", "sqlstate": code, "message_primary": primary}
        said = _text(fields)
    elif isinstance(original, context.dialect.loaded_dbapi.OperationalError):
        code, said, lost = None, str(original), False  # a refused connection
    else:
        return None
    context.is_disconnect = lost
    wanted = _BY_CLASS.get(code[:2], exc.DatabaseError) if code else exc.OperationalError
    translated = wanted(
        found.statement,
        _named(found.params, context.execution_context),
        as_psycopg2(original, wanted.__name__, code, said, fields),
        hide_parameters=found.hide_parameters,
        connection_invalidated=lost,
        ismulti=found.ismulti,
    )
    translated.detail = found.detail
    return translated


def _refused(said: str) -> tuple[str, str]:
    """What the server would have answered to a value that asyncpg has not sent."""
    for ours, theirs in _REFUSED.items():
        if ours in said:
            return theirs
    return "22P02", said


def _named(params: Any, execution: Any) -> Any:
    """The parameters by their names, where the statement gives them some; asyncpg's have numbers."""
    names = getattr(getattr(execution, "compiled", None), "positiontup", None)
    many = isinstance(params, list)
    rows = params if many else [params]
    if not names or not all(isinstance(r, tuple) and len(r) == len(names) for r in rows):
        return params
    named = [dict(zip(names, row, strict=True)) for row in rows]
    return named if many else named[0]


def _text(fields: dict[str, Any]) -> str:
    """The message as libpq writes it."""
    lines = [str(fields["message_primary"])]
    for label, name in (("DETAIL", "message_detail"), ("HINT", "message_hint")):
        if fields[name]:
            lines.append(f"{label}:  {fields[name]}")
    if fields["context"]:
        lines.append(f"CONTEXT:  {fields['context']}")
    return "\n".join(lines) + "\n"
