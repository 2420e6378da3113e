"""asyncpg made to take the values that psycopg2 takes.

psycopg2 writes values into the statement as literals, which PostgreSQL then reads by their context;
asyncpg sends typed parameters and refuses a string for an integer, a float for a string, an aware
datetime for a timestamp. `User.query.get("5")` is in every Flask-Login application.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import asyncpg as base
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BindParameter

Processor = Callable[[Any], Any]
Zone = Callable[[], tzinfo]

_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_COMPARISONS = frozenset(
    {operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge}
    | {operators.in_op, operators.not_in_op, operators.is_distinct_from}
    | {operators.is_not_distinct_from, operators.between_op, operators.not_between_op}
)


class _Coercing:
    """A type whose values are converted before asyncpg sees them; what can't be, is passed on.

    asyncpg then refuses it, which reaches the code as a DataError as psycopg2's refusal does.
    """

    def bind_processor(self, dialect: Dialect) -> Processor | None:
        inherited: Processor | None = super().bind_processor(dialect)  # type: ignore[misc]
        convert = self.converter(dialect)

        def process(value: Any) -> Any:
            if value is not None:
                value = convert(value)
            return value if inherited is None else inherited(value)

        return process

    def converter(self, dialect: Dialect) -> Processor:
        raise NotImplementedError


def to_integer(value: Any) -> Any:
    """As PostgreSQL assigns it to an integer: a string is read, a fraction rounded half away."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float | Decimal):
        try:
            return int(Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP))
        except ArithmeticError:  # not finite, or too long
            return value
    return value


def to_text(zone: Zone, value: Any) -> Any:
    """As PostgreSQL assigns it to a character type."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        local = value.astimezone(zone()) if value.tzinfo else value
        text, offset = str(local.replace(tzinfo=None)), local.strftime("%z")
        if "." in text:
            text = text.rstrip("0")
        return text + offset[:3] + (f":{offset[3:]}" if offset[3:] not in {"", "00"} else "")
    if isinstance(value, int | float | Decimal | uuid.UUID | date | time):
        return str(value)
    return value


def to_float(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def to_timestamp(zone: Zone, aware: bool, value: Any) -> Any:
    """As PostgreSQL assigns it to a timestamp with or without time zone, in the session's zone."""
    from_text = isinstance(value, str)
    if from_text:
        try:
            value = datetime.fromisoformat(value.strip())
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


def to_date(zone: Zone, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone()) if value.tzinfo else value
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip()).date()
        except ValueError:
            return value
    return value


def to_time(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value.strip())
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


class Float(_Coercing, base.AsyncpgFloat):
    def converter(self, dialect: Dialect) -> Processor:
        return to_float


class DateTime(_Coercing, base.AsyncpgDateTime):
    def converter(self, dialect: Dialect) -> Processor:
        return partial(to_timestamp, partial(session_zone, dialect), bool(self.timezone))


class Date(_Coercing, base.AsyncpgDate):
    def converter(self, dialect: Dialect) -> Processor:
        return partial(to_date, partial(session_zone, dialect))


class Time(_Coercing, base.AsyncpgTime):
    def converter(self, dialect: Dialect) -> Processor:
        return to_time


COLSPECS: dict[Any, Any] = {
    sqltypes.Integer: Integer,
    sqltypes.SmallInteger: SmallInteger,
    sqltypes.BigInteger: BigInteger,
    sqltypes.String: String,
    sqltypes.Float: Float,
    sqltypes.DateTime: DateTime,
    sqltypes.Date: Date,
    sqltypes.Time: Time,
}


class TextLiteral(sqltypes.String):
    """A string compared with something that is no string: PostgreSQL reads it as that type."""

    def __init__(self, target: Any) -> None:
        super().__init__()
        self.target = target


def to_compared_integer(value: Any) -> Any:
    """Beyond 64 bits psycopg2's literal is a numeric, greater or less than any row's value."""
    value = to_integer(value)
    limit = 2**63 - 1
    return max(-limit, min(limit, value)) if type(value) is int else value


class ComparedInteger(BigInteger):
    """An integer in a comparison: `/orders/99999999999` finds nothing, and is no error."""

    def converter(self, dialect: Dialect) -> Processor:
        return to_compared_integer


class Compiler(base.PGCompiler_asyncpg):
    """Reads strings in comparisons by their context, as PostgreSQL reads psycopg2's literals."""

    def visit_binary(self, binary: Any, *args: Any, **kw: Any) -> str:
        if binary.operator in _COMPARISONS:
            left = _read_as(binary.left, binary.right.type)
            right = _read_as(binary.right, binary.left.type)
            if left is not binary.left or right is not binary.right:
                binary = binary._clone()
                binary.left, binary.right = left, right
        sql: str = super().visit_binary(binary, *args, **kw)  # type: ignore[no-untyped-call]
        return sql

    def render_bind_cast(self, type_: Any, dbapi_type: Any, sqltext: str) -> str:
        if isinstance(type_, TextLiteral):
            target = _bare(type_.target).dialect_impl(self.dialect)
            return super().render_bind_cast(  # type: ignore[no-any-return,no-untyped-call]
                target, target, f"{sqltext}::VARCHAR"
            )
        # A cast to NUMERIC(10, 2) rounds, and then 1.005 equals 1.01.
        return super().render_bind_cast(type_, _bare(dbapi_type), sqltext)  # type: ignore[no-any-return,no-untyped-call]


def _read_as(element: Any, type_: Any) -> Any:
    """`element`, as what PostgreSQL takes its literal for beside a `type_`."""
    clauses = getattr(element, "clauses", None)
    if clauses is not None and getattr(element, "operator", None) is operators.and_:
        # BETWEEN's two limits
        read = [_read_as(clause, type_) for clause in clauses]
        if all(new is old for new, old in zip(read, clauses, strict=True)):
            return element
        element = element._clone()
        element.clauses = type(clauses)(read)
        return element
    if not isinstance(element, BindParameter):
        return element
    if isinstance(element.type, sqltypes.Integer):
        return element._with_binary_element_type(ComparedInteger())
    if (
        type(element.type) in {sqltypes.String, sqltypes.Text}
        and not type_._isnull
        and not isinstance(type_, _NO_LITERALS)
        and (not isinstance(type_, sqltypes.TypeDecorator) or isinstance(type_, sqltypes.Interval))
    ):
        return element._with_binary_element_type(TextLiteral(type_))
    return element


_NO_LITERALS = (sqltypes.String, sqltypes.JSON, sqltypes.ARRAY, sqltypes.TupleType)


def _bare(type_: Any) -> Any:
    if isinstance(type_, sqltypes.Numeric) and not isinstance(type_, sqltypes.Float):
        return sqltypes.Numeric()
    return type_


_ZONE = "_migrator_session_zone"


def session_zone(dialect: Dialect) -> tzinfo:
    """The time zone of the sessions of this engine, as its first connection reported it."""
    zone: tzinfo = getattr(dialect, _ZONE)
    return zone


def set_session_zone(dialect: Dialect, zone: tzinfo) -> None:
    setattr(dialect, _ZONE, zone)


def install(engine: Engine) -> None:
    """Give the dialect of `engine` these types and this compiler; before its first statement."""
    dialect: Any = engine.dialect
    dialect.colspecs = {**dialect.colspecs, **COLSPECS}
    dialect.statement_compiler = Compiler
