"""What the `db` of other extensions than Flask-SQLAlchemy has, and the models on their bases.

Facts: `alchemical/core.py`, version 1.0; `sqlalchemy_helpers/manager.py` and `flask_ext.py`, version 2.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.queries import lite
from migrator.queries.helpers import first_selected
from migrator.queries.selects import select_call
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import (
    UNKNOWN,
    Db,
    Instance,
    ModelType,
    Opaque,
    Session,
    SessionFactory,
    TupleOf,
    Type,
)

#: What only sync code may call: it makes tables, or asks which there are.
_OF_SCHEMA = frozenset({"create", "drop", "get_current_revision", "get_status", "sync", "upgrade"})
_AWAITED = Action("await_call", awaits=True)
_STATEMENTS = frozenset({"select", "update", "delete"})
#: What gives a row, and whether it is new.
_WITH_NEWNESS = frozenset({"get_or_create", "update_or_create"})
#: What sqlalchemy-helpers gives the models, and has as functions of a session and a model.
_OF_MODELS = _WITH_NEWNESS | {"get_by_pk", "get_one"}
_FUNCTIONS = {
    **{
        f"sqlalchemy_helpers{home}.{name}": name for home in ("", ".manager") for name in _OF_MODELS
    },
    "sqlalchemy_helpers.flask_ext.get_or_404": "get_or_404",
    "sqlalchemy_helpers.flask_ext.first_or_404": "first_or_404",
}


def member(db: Db, name: str) -> Type | None:
    """An attribute that is not one of Flask-SQLAlchemy's; None of any other."""
    match db.of, name:
        case "lite", _:
            return lite.MEMBERS.get(name)
        case "alchemical", "Session":
            return SessionFactory(f"{db.text}.Session")
        case "helpers", "manager":
            return Db(f"{db.text}.manager", of="manager")
        case "manager", "Session":
            return Session(f"{db.text}.Session", scoped=True)
    return None


def begins(db: Db) -> bool:
    """Whether its `begin()` gives a session in a transaction, as a `sessionmaker` does."""
    return db.of == "alchemical"


def makes_schema(db: Db, name: str) -> bool:
    """Whether it is a method of sqlalchemy-helpers' manager that runs on its engine."""
    return db.of == "manager" and name in _OF_SCHEMA


def of_model(
    bases: Iterable[str], owner: ModelType | Instance, name: str, node: ast.Call, typeof: TypeOf
) -> Step | None:
    """A method that a model has from such a distribution's base; `bases` are its own from elsewhere."""
    tops = {base.partition(".")[0] for base in bases}
    if "alchemical" in tops and name in _STATEMENTS and isinstance(node.func, ast.Attribute):
        of = ast.copy_location(ast.Call(node.func, [node.func.value], []), node)
        return select_call(f"sqlalchemy.{name}", of, typeof)
    if "sqlalchemy_helpers" in tops and name in _OF_MODELS:
        return _given(name, Instance(owner.key))
    return None


def asks(dotted: str) -> bool:
    """Whether it is a function of sqlalchemy-helpers that asks the database."""
    return dotted in _FUNCTIONS


def function_call(dotted: str, node: ast.Call, typeof: TypeOf) -> Step:
    """What calling such a function means."""
    name = _FUNCTIONS[dotted]
    if name == "first_or_404":
        return _given(name, first_selected(typeof(node.args[0])) if node.args else UNKNOWN)
    named = [k.value for k in node.keywords if k.arg in ("model", "Model")]
    given = node.args[:1] if name == "get_or_404" else node.args[1:2]
    model = typeof(next(iter([*named, *given]), ast.Constant(None)))
    return _given(name, Instance(model.key) if isinstance(model, ModelType) else UNKNOWN)


def _given(name: str, row: Type) -> Step:
    result: Type = TupleOf((row, Opaque("bool"))) if name in _WITH_NEWNESS else row
    effect = "flush" if name in _WITH_NEWNESS else ""
    return Step(result, _AWAITED, io=True, site=True, effect=effect)
