"""What SQLAlchemy 1.x ran and 2.x raises for, beside the methods of Query: plain texts, engines.

https://docs.sqlalchemy.org/en/20/changelog/migration_20.html
"""

from __future__ import annotations

import ast

from migrator.queries import refusals
from migrator.queries.refusals import refuse
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import TEXT, UNKNOWN, External, Opaque, Type

#: What `create_engine()` gives.
ENGINE = Opaque("sqlalchemy.engine.Engine")
OF_EXTENSION = External("flask_sqlalchemy.SQLAlchemy().engine")
_MAKERS = frozenset(
    {
        "sqlalchemy.create_engine",
        "sqlalchemy.engine.create_engine",
        "sqlalchemy.engine_from_config",
        "flask_sqlalchemy.SQLAlchemy().get_engine",
    }
)
_EXECUTING = frozenset({"execute", "run_callable", "scalar", "transaction"})
#: A text that a session is given: 1.x put it into text().
STATEMENT = Action("text_statement")
#: Methods of a text that give a text.
_TEXTS = frozenset({"format", "join", "lstrip", "replace", "rstrip", "strip"})


def makes_engine(dotted: str) -> bool:
    """Whether a call of this name gives an engine."""
    return dotted in _MAKERS


def engine_step(owner: Type, method: str) -> Step | None:
    """`engine.execute(...)`, by which an engine took a connection of its own; None for any other call."""
    if method in _EXECUTING and owner in (ENGINE, OF_EXTENSION):
        return _gone(f"{method}() of an engine")
    return None


def text_given(call: ast.Call, typeof: TypeOf) -> ast.expr | None:
    """The text that `execute()` is given in the place of a statement; None where it is none."""
    given = call.args[0] if call.args else None
    return given if given is not None and _is_text(given, typeof) else None


def subtransaction_step(call: ast.Call) -> Step | None:
    """`session.begin(subtransactions=True)`; None for any other call of it."""
    if any(keyword.arg == "subtransactions" for keyword in call.keywords):
        return _gone("begin(subtransactions=...)")
    return None


def _gone(detail: str) -> Step:
    return Step(UNKNOWN, io=True, site=True, refusal=refuse(refusals.GONE, detail))


def _is_text(node: ast.expr, typeof: TypeOf) -> bool:
    match node:
        case ast.BinOp(left=left, op=ast.Add()):
            return _is_text(left, typeof)
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _TEXTS:
            return _is_text(value, typeof)
    return typeof(node) == TEXT


__all__ = [
    "ENGINE", "OF_EXTENSION", "STATEMENT", "engine_step", "makes_engine", "subtransaction_step", "text_given",
]  # fmt: skip
