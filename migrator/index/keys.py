"""Whether the keys of two tables compare in Python as they do in the database, and pairs of them come once.

A lazy load leaves it to the database which rows belong together. `selectinload` sorts what comes to
its owners by their keys' values in Python.
https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#select-in-loading
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.index.columns import attributes
from migrator.index.definitions import Module, Variable, dotted
from migrator.index.imperative import Table, table_of
from migrator.index.mapping import mapped_inner, unwrap_collection
from migrator.index.model import Model
from migrator.index.project import Project
from migrator.index.requirements import needed_by
from migrator.index.walk import walk
from migrator.index.written import written

_NO_TYPES = frozenset(
    {"ForeignKey", "Sequence", "Identity", "Computed", "CheckConstraint", "FetchedValue"}
)
#: Of types, and of what annotations say: those whose values are equal in Python as in the database.
_KINDS = {
    "an integer": {"Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT", "int"},
    "a text": {"String", "Unicode", "Text", "UnicodeText", "VARCHAR", "TEXT", "str"},
    "a UUID": {"Uuid", "UUID"},
}
#: Types whose values are equal in a database that differ in Python: "a" and "A", "a" and "a ".
_LOOSE = re.compile(r"collat|citext|\bN?CHAR\b", re.IGNORECASE)
#: Databases that compare all texts like that, where nobody says otherwise; and the drivers for them.
#: https://dev.mysql.com/doc/refman/8.4/en/case-sensitivity.html
_LOOSE_DATABASES = re.compile(r"mysql|mariadb|mssql|pyodbc", re.IGNORECASE)


class _OfLooseDatabases:
    """The names of distributions that are drivers of such a database."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _LOOSE_DATABASES.search(name) is not None


def texts_are_loose(project: Project) -> bool:
    """Whether the code, or what it requires, names a database to which "a" and "A" are one key."""
    said = any(_LOOSE_DATABASES.search(m.source.text) for m in project.modules.values())
    return said or bool(needed_by(project.root.resolve(), _OfLooseDatabases()))


def compare_alike(
    project: Project, model: Model, target: Model, column: str, other: str, *, loosely: bool
) -> bool:
    """Whether `column` of a class holds what `other` of the target does, value for value.

    `loosely`: the database compares all texts loosely, so that the type has to say it is none.
    """
    one, two = _type(project, model, column), _type(project, target, other)
    if any(_LOOSE.search(text) for text in (one, two)):
        return False
    kinds = {_kind(text) for text in (one, two) if text}
    return len(kinds) < 2 and (not loosely or bool(kinds & {"an integer", "a UUID"}))


def _kind(text: str) -> str:
    name = re.split(r"[(.]", re.sub(r"^(\w+\.)+", "", text))[0]
    for kind, names in _KINDS.items():
        if name in names:
            return kind
    return re.sub(r"^(\w+\.)+|\(\)", "", text)


def _type(project: Project, model: Model, column: str) -> str:
    """The type that a column is given, or annotated with; "" where there is none, or none is seen."""
    for owner in project.mro(model.info):
        for name, (annotation, value) in attributes(owner):
            if name == column:
                given = next(_types(value), "") if isinstance(value, ast.Call) else ""
                return given or _annotated(mapped_inner(annotation) or annotation)
    return ""


def _annotated(annotation: ast.expr | None) -> str:
    """What an annotation says that is a type of its own right: of an alias nothing is known."""
    if annotation is None:
        return ""
    text = written(unwrap_collection(annotation)[0])
    return text if _kind(text) in _KINDS else ""


def _types(call: ast.Call) -> Iterator[str]:
    for given in (*call.args, *(k.value for k in call.keywords if k.arg == "type_")):
        target = given.func if isinstance(given, ast.Call) else given
        plain = isinstance(given, ast.Constant | ast.Starred)
        if not plain and dotted(target).rpartition(".")[2] not in _NO_TYPES:
            yield written(given)


def pairs_once(
    project: Project, module: Module, models: Iterable[Model], relationship: ast.Call
) -> bool:
    """Whether the table between the two sides of a relationship holds each pair once.

    By its primary key, or a constraint, over the columns that lead to the sides.
    """
    given = next((k.value for k in relationship.keywords if k.arg == "secondary"), None)
    if isinstance(given, ast.Lambda):
        given = given.body
    if isinstance(given, ast.Constant):
        name = str(given.value)
        if any(_is_once(project, model) for model in models if model.tablename == name):
            return True
        found = _table_named(project, name)
    else:
        found = table_of(project, module, given)
    if found is None:
        return False
    leading = [n for n, call in found.columns() if _calls(call, "ForeignKey")]
    keys = [n for n, call in found.columns() if _is_key(call)]
    constraints = _unique(found.call)
    return len(leading) == 2 and any(c and set(c) <= set(leading) for c in (keys, *constraints))


def _is_once(project: Project, model: Model) -> bool:
    """The same of a class that stands between."""
    leading = {column for column, _, _ in model.foreign_keys}
    constraints = [
        names
        for owner in project.mro(model.info)
        for name, (_, value) in attributes(owner)
        if name == "__table_args__" and value is not None
        for names in _unique(value)
    ]
    keys = [model.primary_key, *constraints]
    return len(leading) == 2 and any(c and set(c) <= leading for c in keys)


def _table_named(project: Project, name: str) -> Table | None:
    # Of what modules bind alone: no body is looked at, so a change in one changes nothing here.
    for module in project.modules.values():
        for bound in module.bindings.values() if module.source.says(name) else ():
            table = table_of(project, module, bound.value) if isinstance(bound, Variable) else None
            if table is not None and table.name == name:
                return table
    return None


def _is_key(call: ast.Call) -> bool:
    return any(
        k.arg == "primary_key" and isinstance(k.value, ast.Constant) and k.value.value is True
        for k in call.keywords
    )


def _calls(node: ast.AST, name: str) -> list[ast.Call]:
    return [
        inner
        for inner in walk(node)
        if isinstance(inner, ast.Call) and dotted(inner.func).rpartition(".")[2] == name
    ]


def _unique(node: ast.AST) -> list[list[str]]:
    """The columns of each constraint that says so."""
    made = [*_calls(node, "UniqueConstraint"), *_calls(node, "PrimaryKeyConstraint")]
    return [[str(a.value) for a in call.args if isinstance(a, ast.Constant)] for call in made]
