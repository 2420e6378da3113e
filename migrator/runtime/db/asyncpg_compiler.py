"""Statements for asyncpg that PostgreSQL reads as it reads psycopg2's.

psycopg2 writes values into the statement as literals. PostgreSQL takes a literal's type from what
stands beside it, and two equal expressions with literals are the same expression. A parameter has a
type of its own, and two parameters are never the same.
"""

from __future__ import annotations

import re
from copy import copy
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Dialect, Engine
from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import asyncpg as base
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BindParameter, CollectionAggregate, ColumnClause

from migrator.runtime.db.asyncpg_literals import literal
from migrator.runtime.db.asyncpg_types import BigInteger, Processor, to_integer

# A column of the subquery that SQLAlchemy makes of the rows of one INSERT.
_OF_VALUES = re.compile(r"p\d+")
_COMPARISONS = frozenset(
    {operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge}
    | {operators.in_op, operators.not_in_op, operators.is_distinct_from}
    | {operators.is_not_distinct_from, operators.between_op, operators.not_between_op}
)
# Where a literal is sound whatever the value: these have one in PostgreSQL.
_PLAIN = frozenset(
    {sqltypes.String, sqltypes.Integer, sqltypes.Numeric, sqltypes.Boolean, sqltypes.Date}
    | {sqltypes.DateTime, sqltypes.Time, sqltypes.Interval, sqltypes.Uuid, sqltypes.Enum}
)


def _is_plain(type_: Any) -> bool:
    return type_._type_affinity in _PLAIN or isinstance(type_, sqltypes.JSON.JSONElementType)


def _is_misread(value: Any, type_: Any) -> bool:
    """A day, say, beside a number: of a class derived from `date`, SQLAlchemy takes it for one too."""
    return isinstance(value, date | time | timedelta) and isinstance(
        type_, sqltypes.Integer | sqltypes.Numeric
    )


class Inline(sqltypes.TypeEngine[Any]):
    """A value that is written into the statement, after its own type has converted it."""

    cache_ok = True
    __visit_name__ = "null"

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    if not TYPE_CHECKING:  # SQLAlchemy's own is an attribute of the class

        @property
        def operator_classes(self) -> Any:
            """A cached statement is told its operators again, with the types that it was given."""
            return self.inner.operator_classes

    def render(self, value: Any, dialect: Dialect) -> str:
        processor = self.inner.dialect_impl(dialect)._cached_bind_processor(dialect)
        driver: Any = dialect.loaded_dbapi
        return literal(value if processor is None else processor(value), driver)


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

    # Whether the SELECT being written compares expressions with each other.
    _comparing = False

    def visit_select(self, select_stmt: Any, *args: Any, **kw: Any) -> str:
        outer = self._comparing
        # PostgreSQL wants what GROUP BY names, or DISTINCT sorts by, to be the same expression.
        self._comparing = outer or bool(select_stmt._group_by_clauses or select_stmt._distinct)
        try:
            return super().visit_select(select_stmt, *args, **kw)  # type: ignore[no-any-return,no-untyped-call]
        finally:
            self._comparing = outer

    def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> str:
        if bindparam._is_crud and not self._wrapped(bindparam.type):
            bindparam = _of_its_column(bindparam, _TEXTS if self._in_subquery() else _FOLLOWING)
            if type(bindparam.type) in _FLOATS:
                # psycopg2's `0.1` is a numeric; as a FLOAT a NUMERIC column has 15 digits of it.
                bindparam = bindparam._with_binary_element_type(sqltypes.Numeric())
        type_ = bindparam.type
        marked = isinstance(type_, Inline)
        if marked:
            type_ = type_.inner
            bindparam = bindparam._with_binary_element_type(type_)
        # text() gives its parameters no type; then the value alone says what the literal is.
        inline = marked or type_._isnull or (self._comparing and _is_plain(type_))
        inline = inline or _is_misread(bindparam.value, type_)
        # asyncpg takes no text for one, and what PostgreSQL reads there has no end: "1 mon -2 days".
        inline = inline or type_._type_affinity is sqltypes.Interval
        # A statement for many rows at once can't have the values of one of them written into it.
        if inline and not (self.for_executemany or kw.get("literal_binds") or self._wrapped(type_)):
            bindparam = bindparam._with_binary_element_type(Inline(type_))
            kw["literal_execute"] = True
        return super().visit_bindparam(bindparam, *args, **kw)  # type: ignore[no-any-return,no-untyped-call]

    def _in_subquery(self) -> bool:
        """Whether SQLAlchemy may make a subquery of the rows to insert: parameters have no column there."""
        made: Any = self.statement
        several = self.for_executemany and self.isinsert
        return several and bool(made._returning or made._return_defaults)

    def _wrapped(self, type_: Any) -> bool:
        return bool(type_.dialect_impl(self.dialect)._has_bind_expression)

    def render_literal_value(self, value: Any, type_: Any) -> str:
        if isinstance(type_, Inline):
            return type_.render(value, self.dialect)
        return super().render_literal_value(value, type_)  # type: ignore[no-any-return,no-untyped-call]

    def visit_empty_set_expr(self, element_types: Any, **kw: Any) -> str:
        types = [
            type_.inner
            if isinstance(type_, Inline)
            else type_.target
            if isinstance(type_, TextLiteral)
            else type_
            for type_ in element_types
        ]
        return super().visit_empty_set_expr(types, **kw)  # type: ignore[no-any-return,no-untyped-call]

    def visit_binary(self, binary: Any, *args: Any, **kw: Any) -> str:
        if binary.operator in _COMPARISONS:
            left = _read_as(binary.left, binary.right)
            right = _read_as(binary.right, binary.left)
        else:
            left = _written(binary.left, binary.right.type)
            right = _written(binary.right, binary.left.type)
        if left is not binary.left or right is not binary.right:
            binary = binary._clone()
            binary.left, binary.right = left, right
        sql: str = super().visit_binary(binary, *args, **kw)  # type: ignore[no-untyped-call]
        return sql

    def function_argspec(self, func: Any, **kw: Any) -> str:
        """What a function's arguments are is for the function to say: setweight(v, 'A') takes no text."""
        arguments = func.clause_expr._clone()
        arguments.element = _with_literals(func.clauses)
        return arguments._compiler_dispatch(self, **kw)  # type: ignore[no-any-return]

    def visit_array(self, element: Any, **kw: Any) -> str:
        """ARRAY['a'] is one of text, an array of VARCHARs is not: `tags && ARRAY['a']`."""
        return super().visit_array(_with_literals(element), **kw)  # type: ignore[no-any-return,no-untyped-call]

    def visit_case(self, clause: Any, **kw: Any) -> str:
        """All that CASE gives is of one type, which its literals don't decide."""
        clause = clause._clone()
        of_value = _as_given if clause.value is None else _written
        clause.whens = [(of_value(when), _written(then)) for when, then in clause.whens]
        clause.else_ = _written(clause.else_)
        return super().visit_case(clause, **kw)  # type: ignore[no-any-return,no-untyped-call]

    def visit_textclause(self, textclause: Any, *args: Any, **kw: Any) -> str:
        """What has a type in a text has it from its value, or for the driver's sake."""
        textclause = textclause._clone()
        given = textclause._bindparams
        textclause._bindparams = {name: _written(value) for name, value in given.items()}
        return super().visit_textclause(textclause, *args, **kw)  # type: ignore[no-any-return,no-untyped-call]

    def render_bind_cast(self, type_: Any, dbapi_type: Any, sqltext: str) -> str:
        if getattr(type_, _UNCAST, False):
            return sqltext
        if _OF_VALUES.fullmatch(sqltext):
            return super().render_bind_cast(type_, dbapi_type, sqltext)  # type: ignore[no-any-return,no-untyped-call]
        if isinstance(type_, TextLiteral):
            target = _bare(type_.target).dialect_impl(self.dialect)
            return super().render_bind_cast(  # type: ignore[no-any-return,no-untyped-call]
                target, target, f"{sqltext}::VARCHAR"
            )
        # A cast to NUMERIC(10, 2) rounds, and then 1.005 equals 1.01.
        return super().render_bind_cast(type_, _bare(dbapi_type), sqltext)  # type: ignore[no-any-return,no-untyped-call]


def _plain(type_: Any) -> Any:
    """What a decorated type is stored as."""
    return type_.impl_instance if isinstance(type_, sqltypes.TypeDecorator) else type_


def _of_its_column(element: Any, following: Any) -> Any:
    """A parameter that takes its type from what stands beside it, where its own is one of `following`.

    What the model calls the type need not be what the database does: an enumeration may have another
    name there, or be a VARCHAR; what the model has as a text, may be an enumeration, a UUID, a CITEXT.
    """
    if not isinstance(_plain(element.type), following):
        return element
    type_ = copy(element.type)
    setattr(type_, _UNCAST, True)
    return element._with_binary_element_type(type_)


def _compared(element: Any) -> Any:
    """The type of what an element is compared by: of `ANY (tags)`, that of a tag."""
    if not isinstance(element, CollectionAggregate):
        return element.type
    type_ = element.element.type
    return type_.item_type if isinstance(type_, sqltypes.ARRAY) else type_


def _read_as(element: Any, beside: Any) -> Any:
    """`element`, as what PostgreSQL takes its literal for beside another one."""
    clauses = getattr(element, "clauses", None)
    if clauses is not None and getattr(element, "operator", None) is operators.and_:
        # BETWEEN's two limits
        read = [_read_as(clause, beside) for clause in clauses]
        if all(new is old for new, old in zip(read, clauses, strict=True)):
            return element
        element = element._clone()
        element.clauses = type(clauses)(read)
        return element
    if not isinstance(element, BindParameter):
        return element
    if isinstance(element.type, sqltypes.Integer):
        return element._with_binary_element_type(ComparedInteger())
    if isinstance(_plain(element.type), sqltypes.Enum) or (
        isinstance(beside, ColumnClause) and isinstance(_plain(beside.type), sqltypes.String)
    ):
        return _of_its_column(element, _TEXTS)
    if type(element.type) not in {sqltypes.String, sqltypes.Text}:
        return element
    type_ = _compared(beside)
    if type_._isnull:  # a function that SQLAlchemy doesn't know, such as date()
        return element._with_binary_element_type(Inline(element.type))
    if isinstance(type_, _NO_LITERALS) or (
        isinstance(type_, sqltypes.TypeDecorator) and not isinstance(type_, sqltypes.Interval)
    ):
        return element
    return element._with_binary_element_type(TextLiteral(type_))


def _with_literals(several: Any) -> Any:
    several = several._clone()
    several.clauses = [_written(clause) for clause in several.clauses]
    return several


def _as_given(element: Any) -> Any:
    return element


def _written(element: Any, beside: Any = sqltypes.NULLTYPE) -> Any:
    """`element`, as a literal where a parameter of its type would mean something else.

    A string literal is whatever is wanted at its place, `1.5` is a numeric; a parameter is a
    VARCHAR and a FLOAT, and `round(1.5 * count, 2)` has no such function. Beside something of the
    same type both are the same, and a parameter lets the statement be prepared once.
    """
    if not isinstance(element, BindParameter):
        return element
    type_: Any = element.type
    if type(type_) in {sqltypes.String, sqltypes.Text}:
        alike = isinstance(beside, sqltypes.String)
    else:
        alike = isinstance(beside, sqltypes.Float) or not isinstance(type_, sqltypes.Float)
    return element if alike else element._with_binary_element_type(Inline(type_))


#: Marks a type whose parameters PostgreSQL reads by what stands beside them.
_UNCAST = "_migrator_uncast"
#: An Enum is a String too.
_TEXTS = (sqltypes.String,)
#: What a value of these is, asyncpg can tell for itself once PostgreSQL has said what is wanted.
_FOLLOWING = (sqltypes.String, sqltypes.Integer)
_FLOATS = (sqltypes.Float, sqltypes.FLOAT)
_NO_LITERALS = (sqltypes.String, sqltypes.JSON, sqltypes.ARRAY, sqltypes.TupleType)


def _bare(type_: Any) -> Any:
    if isinstance(type_, sqltypes.Numeric) and not isinstance(type_, sqltypes.Float):
        return sqltypes.Numeric()
    return type_


def install(engine: Engine) -> None:
    """Have the statements of `engine` written by this compiler."""
    dialect: Any = engine.dialect
    dialect.statement_compiler = Compiler
