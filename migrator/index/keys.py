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
from migrator.index.model import Model
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.index.written import written

_NO_TYPES = frozenset(
    {"ForeignKey", "Sequence", "Identity", "Computed", "CheckConstraint", "FetchedValue"}
)
_INTEGERS = frozenset({"Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT"})
_STRINGS = frozenset({"String", "Unicode", "Text", "UnicodeText", "VARCHAR", "TEXT"})
#: Types whose values are equal in a database that differ in Python: "a" and "A", "a" and "a ".
_LOOSE = re.compile(r"collat|citext|\bN?CHAR\b", re.IGNORECASE)


def compare_alike(project: Project, model: Model, target: Model, column: str, other: str) -> bool:
    """Whether `column` of a class holds what `other` of the target does, value for value."""
    one, two = _type(project, model, column), _type(project, target, other)
    if any(_LOOSE.search(text) for text in (one, two)):
        return False
    return not one or not two or _kind(one) == _kind(two)


def _kind(text: str) -> str:
    name = re.split(r"[(.]", re.sub(r"^(\w+\.)+", "", text))[0]
    if name in _INTEGERS:
        return "an integer"
    return "a text" if name in _STRINGS else re.sub(r"^(\w+\.)+|\(\)", "", text)


def _type(project: Project, model: Model, column: str) -> str:
    """The type that a column is given, "" where it is given none, or none is seen."""
    for owner in project.mro(model.info):
        for name, (_, value) in attributes(owner):
            if name == column and isinstance(value, ast.Call):
                return next(_types(value), "")
    return ""


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
