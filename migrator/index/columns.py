"""The columns of a mapped class, its foreign keys, and what else loads with a row."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo, Module, dotted
from migrator.index.imperative import Table, table_of
from migrator.index.mapping import (
    has_keyword,
    keyword_text,
    mapped_annotation,
    snake_case,
    word_of,
)
from migrator.index.model import Model
from migrator.index.project import Project
from migrator.index.walk import walk

_COLUMN_CALLS = frozenset({"Column", "mapped_column"})
#: Types whose values can't be hashed, which `.unique()` can't take.
_UNHASHABLE = frozenset({"JSON", "JSONB", "ARRAY", "HSTORE", "PickleType"})


def attributes(owner: ClassInfo) -> list[tuple[str, tuple[ast.expr | None, ast.expr | None]]]:
    found = list(owner.attributes.items())
    for name, method in owner.methods.items():
        # `@declared_attr def author(cls): return db.relationship(...)`
        if any(d.rpartition(".")[2] == "declared_attr" for d in method.decorators()):
            for statement in method.node.body:
                if isinstance(statement, ast.Return) and statement.value is not None:
                    found.append((name, (method.node.returns, statement.value)))
    return found


def of_a_statement(project: Project, model: Model) -> bool:
    """Whether a class is mapped to a join or a select(): an object may come in several of its rows."""
    return any(
        name == "__table__" and not table_of(project, owner.module, value)
        for owner in project.mro(model.info)
        for name, (_, value) in attributes(owner)
    )


def read_columns(project: Project, model: Model, tables: Mapping[str, Table | None]) -> None:
    """Fill in the columns of a class; `tables` are those that its ancestors are mapped to by a call."""
    for owner in reversed(project.mro(model.info)):
        if (table := tables.get(owner.key)) is not None:
            _table(project, model, table)
        for name, (annotation, value) in attributes(owner):
            if name == "__table__" and (table := table_of(project, owner.module, value)):
                _table(project, model, table)
                continue
            if name == "__tablename__" and isinstance(value, ast.Constant):
                model.tablename = str(value.value)
                continue
            if name == "__table_args__" and value is not None:
                model.foreign_keys += _constraints(value)
                continue
            call = value if isinstance(value, ast.Call) else None
            kind = word_of(call.func, owner.module) if call else ""
            if kind == "deferred":
                model.deferred.add(name)
                inner = call.args[0] if call and call.args else None
                call = inner if isinstance(inner, ast.Call) else None
                kind = "Column"
            if kind in _COLUMN_CALLS:
                assert call is not None or kind == "Column"
                _column(project, model, model.info.module, name, call)
            elif kind == "synonym" and call is not None:
                if not has_keyword(call, "descriptor"):
                    model.synonyms[name] = (
                        str(getattr(call.args[0], "value", "")) if call.args else ""
                    )
            elif kind in ("column_property", "composite", "query_expression"):
                model.others.add(name)
                if kind == "column_property":
                    model.computed.add(name)
                if keyword_text(call, "deferred") == "True":
                    model.deferred.add(name)
            elif kind == "association_proxy":
                model.proxies[name] = _proxied(call)
            elif (value is None and mapped_annotation(annotation)) or (
                call is not None and _makes_column(project, model, name, call)
            ):
                model.columns.add(name)
    if not model.tablename:
        model.tablename = snake_case(model.name)


def name_again(model: Model) -> None:
    """What is known of an attribute is known of its other names."""
    for name, of in model.synonyms.items():
        if of in model.relationships:
            model.relationships[name] = replace(model.relationships[of], name=name)
        elif of in model.proxies:
            model.proxies[name] = model.proxies[of]
        else:
            model.others.add(name)
            if of in model.deferred:
                model.deferred.add(name)


def _constraints(arguments: ast.expr) -> Iterator[tuple[str, str, str]]:
    """The foreign keys of `ForeignKeyConstraint(["a", "b"], ["table.a", "table.b"])`."""
    for node in walk(arguments):
        if isinstance(node, ast.Call) and dotted(node.func).endswith("ForeignKeyConstraint"):
            given = [*node.args, *(k.value for k in node.keywords)]
            lists = [a.elts for a in given if isinstance(a, ast.List | ast.Tuple)]
            for column, to in zip(*lists[:2], strict=False):
                if isinstance(column, ast.Constant) and isinstance(to, ast.Constant):
                    table, _, target = str(to.value).rpartition(".")
                    yield str(column.value), table.rpartition(".")[2] or table, target


def _proxied(call: ast.Call | None) -> tuple[str, str]:
    """The two names that an `association_proxy` is given; "" for one that isn't written there."""
    given = [getattr(a, "value", "") for a in call.args] if call is not None else []
    via, attribute, *_ = [*given, "", ""]
    return str(via), str(attribute)


def _makes_column(project: Project, model: Model, name: str, call: ast.Call) -> bool:
    """`author_id = reference_col("users")`: a function of the repository that makes a column."""
    made = project.resolve(model.info.module, call.func)
    if not isinstance(made, FunctionInfo):
        return False
    for node in walk(made.node):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            last = dotted(node.value.func).rpartition(".")[2]
            if last in _COLUMN_CALLS:
                for argument in call.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        table = argument.value.partition(".")[0]
                        model.foreign_keys.append((name, table, ""))
                return True
    return False


def _table(project: Project, model: Model, table: Table) -> None:
    """The columns of a table that is made apart, by their names."""
    model.tablename = table.name
    model.foreign_keys += _constraints(table.call)
    for name, call in table.columns():
        _column(project, model, table.module, name, call)


def _column(
    project: Project, model: Model, module: Module, name: str, call: ast.Call | None
) -> None:
    model.columns.add(name)
    if call is None:
        return
    if keyword_text(call, "deferred") == "True":
        model.deferred.add(name)
    if keyword_text(call, "primary_key") == "True":
        model.primary_key.append(name)
    if _is_computed(project, module, call):
        model.computed.add(name)
    for argument in call.args:
        target = argument.func if isinstance(argument, ast.Call) else argument
        last = dotted(target).rpartition(".")[2]
        if last in _UNHASHABLE:
            model.unhashable.add(name)
        if last == "ForeignKey" and isinstance(argument, ast.Call) and argument.args:
            to = argument.args[0]
            if isinstance(to, ast.Constant) and isinstance(to.value, str):
                table, _, column = to.value.rpartition(".")
                model.foreign_keys.append((name, table.rpartition(".")[2] or table, column))
            elif isinstance(to, ast.Attribute):
                found = project.resolve(module, to.value)
                if isinstance(found, ClassInfo):
                    model.foreign_keys.append((name, f"class:{found.key}", to.attr))
                elif isinstance(to.value, ast.Attribute) and to.value.attr in ("c", "columns"):
                    other = table_of(project, module, to.value.value)
                    if other is not None:
                        model.foreign_keys.append((name, other.name, to.attr))


def _is_computed(project: Project, module: Module, column: ast.Call) -> bool:
    """Whether the database gives a column another value when another one of the row changes."""
    given = {keyword.arg: keyword.value for keyword in column.keywords}
    changing = given.get("onupdate")
    if isinstance(changing, ast.Call):
        made = project.resolve(module, changing.func)
        of_sql = isinstance(made, ExternalName) and made.dotted.partition(".")[0] == "sqlalchemy"
        if of_sql or "func" in dotted(changing.func).split("."):
            return True
    computed = (dotted(a.func).rpartition(".")[2] for a in column.args if isinstance(a, ast.Call))
    return "server_onupdate" in given or "Computed" in computed
