"""Python values as PostgreSQL literals, by psycopg2's rules.

https://www.psycopg.org/docs/usage.html#adaptation-of-python-values-to-sql-types
"""

from __future__ import annotations

import math
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self


class AsGiven:
    """A value that asyncpg has to refuse, since it would read it otherwise than PostgreSQL does."""

    __slots__ = ("given",)

    def __init__(self, given: Any) -> None:
        self.given = given

    def __str__(self) -> str:
        raise TypeError(f"{self.given!r} is written into the statement")

    def __repr__(self) -> str:
        return repr(self.given)


class Text(str):
    """What a value is as a text, for a column of texts; for another one it is what was given."""

    __slots__ = ("given",)
    given: Any

    def __new__(cls, text: str, given: Any) -> Self:
        made = super().__new__(cls, text)
        made.given = given
        return made


def literal(value: Any, driver: Any) -> str:
    """`value` as SQL text. Raises the driver's ProgrammingError for what psycopg2 can't adapt."""
    if isinstance(value, AsGiven | Text):
        value = value.given
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return f"'{value.isoformat()}'::timestamp{'tz' if value.tzinfo else ''}"
    if isinstance(value, date):
        return f"'{value.isoformat()}'::date"
    if isinstance(value, time):
        return f"'{value.isoformat()}'::time"
    if isinstance(value, timedelta):
        seconds = f"{value.seconds}.{value.microseconds:06d}"
        return f"'{value.days} days {seconds} seconds'::interval"
    if isinstance(value, uuid.UUID):
        return f"'{value}'::uuid"
    if isinstance(value, bytes | bytearray | memoryview):
        return rf"'\x{bytes(value).hex()}'::bytea"
    if isinstance(value, tuple):
        return f"({', '.join(literal(item, driver) for item in value)})"
    if isinstance(value, list):
        return f"ARRAY[{', '.join(literal(item, driver) for item in value)}]" if value else "'{}'"
    raise driver.ProgrammingError(f"can't adapt type {type(value).__name__!r}")


def quoted(value: str) -> str:
    """A string literal that means `value` whatever the server's settings are."""
    if "\x00" in value:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")
    plain = value.replace("'", "''")
    if "\\" not in value and "%" not in value:
        return f"'{plain}'"
    # A percent sign is spelled out: SQLAlchemy looks for %(name)s in what the literal has become
    # part of.
    return " E'" + plain.replace("\\", "\\\\").replace("%", "\\x25") + "'"


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return f"'{name}'::{'float' if isinstance(value, float) else 'numeric'}"
    text = str(value)
    return f" {text}" if text.startswith("-") else text  # "a -:b" must not begin a comment
