"""asyncpg made to take the values that psycopg2 takes.

psycopg2 writes values into the statement as literals, which PostgreSQL then reads by their context;
asyncpg sends typed parameters and refuses a string for an integer, a float for a string, an aware
datetime for a timestamp. `User.query.get("5")` is in every Flask-Login application. What asyncpg
takes otherwise than PostgreSQL takes psycopg2's literal is handed to it so that it refuses it:
`asyncpg_cursors` writes a statement with such a value as psycopg2 does.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import asyncpg as base

from migrator.runtime.db.asyncpg_literals import AsGiven, Text

Processor = Callable[[Any], Any]
Zone = Callable[[], tzinfo]

_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
# A digit that is alone where ISO 8601 wants two; a fraction of a second is of any length.
_LONE = re.compile(r"(?<![\d.])(\d)(?!\d)")
# asyncpg makes a number of them where it can: `int(1.5)`, `float(True)`.
_NO_INTEGERS = (bool, float, Decimal, uuid.UUID, date, time, timedelta)
_NO_NUMBERS = (bool, uuid.UUID, date, time, timedelta)


class _Coercing:
    """A type whose values are converted before asyncpg sees them; what can't be, is passed on.

    asyncpg then refuses it, which reaches the code as a DataError as psycopg2's refusal does.
    """

    def bind_processor(self, dialect: Dialect) -> Processor | None:
        inherited: Processor | None = super().bind_processor(dialect)  # type: ignore[misc]
        convert = self.converter(dialect)

        def process(value: Any) -> Any:
            if isinstance(value, tuple) and len(value) == 1:
                value = value[0]  # by a comma too many; psycopg2 writes it in parentheses
            if value is not None:
                value = convert(value)
            return value if inherited is None else inherited(value)

        return process

    def converter(self, dialect: Dialect) -> Processor:
        raise NotImplementedError


def to_integer(value: Any) -> Any:
    """As PostgreSQL assigns it to an integer: a string is read. What is no integer, it is to judge."""
    if type(value) is int:
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return int(value)
    return AsGiven(value) if isinstance(value, _NO_INTEGERS) else value


def to_number(value: Any) -> Any:
    infinite = isinstance(value, float) and not math.isfinite(value)
    return AsGiven(value) if infinite or isinstance(value, _NO_NUMBERS) else value


def to_text(zone: Zone, value: Any) -> Any:
    """As PostgreSQL assigns it to a character type."""
    if isinstance(value, str):
        return value
    text: str
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, datetime):
        local = value.astimezone(zone()) if value.tzinfo else value
        text, offset = str(local.replace(tzinfo=None)), local.strftime("%z")
        if "." in text:
            text = text.rstrip("0")
        text += offset[:3] + (f":{offset[3:]}" if offset[3:] not in {"", "00"} else "")
    elif isinstance(value, int | float | Decimal | uuid.UUID | date | time):
        text = str(value)
    else:
        return value
    return Text(text, value)


def to_float(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return AsGiven(value) if isinstance(value, _NO_NUMBERS) else value


def _padded(text: str) -> str:
    """`2018-7-1 9:05` as `2018-07-01 09:05`, which PostgreSQL reads alike."""
    return _LONE.sub(r"0\1", text.strip())


def to_timestamp(zone: Zone, aware: bool, value: Any) -> Any:
    """As PostgreSQL assigns it to a timestamp with or without time zone, in the session's zone."""
    from_text = isinstance(value, str)
    if from_text:
        try:
            value = datetime.fromisoformat(_padded(value))
        except ValueError:
            return value
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        return value
    if aware:
        return value if value.tzinfo else value.replace(tzinfo=zone())
    if value.tzinfo is None:
        return value
    # In a literal for a timestamp without time zone, PostgreSQL ignores the zone.
    return (value if from_text else value.astimezone(zone())).replace(tzinfo=None)


def to_date(value: Any) -> Any:
    if isinstance(value, datetime):
        return AsGiven(value)  # asyncpg would drop the time, also where it is compared
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(_padded(value)).date()
        except ValueError:
            return value
    return value


def to_time(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return time.fromisoformat(_padded(value))
        except ValueError:
            return value
    return value


class Integer(_Coercing, base.AsyncpgInteger):
    def converter(self, dialect: Dialect) -> Processor:
        return to_integer


class SmallInteger(_Coercing, base.AsyncpgSmallInteger):
    def converter(self, dialect: Dialect) -> Processor:
        return to_integer


class BigInteger(_Coercing, base.AsyncpgBigInteger):
    def converter(self, dialect: Dialect) -> Processor:
        return to_integer


class String(_Coercing, base.AsyncpgString):
    def converter(self, dialect: Dialect) -> Processor:
        return partial(to_text, partial(session_zone, dialect))


class Char(_Coercing, base.AsyncpgCHAR):
    def converter(self, dialect: Dialect) -> Processor:
        return partial(to_text, partial(session_zone, dialect))


class Numeric(_Coercing, base.AsyncpgNumeric):
    def converter(self, dialect: Dialect) -> Processor:
        return to_number


class Float(_Coercing, base.AsyncpgFloat):
    def converter(self, dialect: Dialect) -> Processor:
        return to_float


class DateTime(_Coercing, base.AsyncpgDateTime):
    def converter(self, dialect: Dialect) -> Processor:
        return partial(to_timestamp, partial(session_zone, dialect), bool(self.timezone))


class Date(_Coercing, base.AsyncpgDate):
    def converter(self, dialect: Dialect) -> Processor:
        return to_date


class Time(_Coercing, base.AsyncpgTime):
    def converter(self, dialect: Dialect) -> Processor:
        return to_time


COLSPECS: dict[Any, Any] = {
    sqltypes.Integer: Integer,
    sqltypes.SmallInteger: SmallInteger,
    sqltypes.BigInteger: BigInteger,
    sqltypes.String: String,
    sqltypes.CHAR: Char,
    sqltypes.Numeric: Numeric,
    sqltypes.Float: Float,
    sqltypes.DateTime: DateTime,
    sqltypes.Date: Date,
    sqltypes.Time: Time,
}


_ZONE = "_migrator_session_zone"


def session_zone(dialect: Dialect) -> tzinfo:
    """The time zone of the sessions of this engine, as its first connection reported it."""
    zone: tzinfo = getattr(dialect, _ZONE)
    return zone


def set_session_zone(dialect: Dialect, zone: tzinfo) -> None:
    setattr(dialect, _ZONE, zone)


def install(engine: Engine) -> None:
    """Give the dialect of `engine` these types; before its first statement."""
    dialect: Any = engine.dialect
    dialect.colspecs = {**dialect.colspecs, **COLSPECS}
