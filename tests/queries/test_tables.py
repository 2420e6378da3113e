"""Every method that SQLAlchemy's and Flask-SQLAlchemy's classes have is known to the tables."""

from __future__ import annotations

import ast
import inspect

import flask_sqlalchemy.query
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session as SyncSession

from migrator.queries import tables
from migrator.queries.refusals import UNKNOWN_METHOD
from migrator.queries.types import UNKNOWN, Query, Selected, Session

QUERY = Query(
    (Selected("entity", "m:Order", "Order", "Order"),), Session("session"), "Order",
    state=frozenset({"bare"}),
)  # fmt: skip
#: Attributes and introspection, which are not calls that build or run a query.
NOT_CALLED = {
    *("statement", "selectable", "session", "whereclause", "column_descriptions", "dispatch"),
    *("get_label_style", "get_execution_options", "is_single_entity", "lazy_loaded_from"),
    *("load_options", "logger", "inherit_cache", "supports_execution", "is_dml", "is_select"),
    *("memoized_attribute", "memoized_instancemethod", "allows_lambda", "is_clause_element"),
    *("uses_inspection", "is_selectable", "is_text", "is_delete", "is_insert", "is_update"),
    *("tuples", "apply_syntax_extension_point", "is_from_statement", "get_children"),
    *("proxy_set", "stringify_dialect", "self_group", "add_cte", "compile", "unique_params"),
}


def call(method: str, arguments: str = "") -> ast.Call:
    found = ast.parse(f"query.{method}({arguments})", mode="eval").body
    assert isinstance(found, ast.Call)
    return found


def methods() -> list[str]:
    own = [n for n in vars(flask_sqlalchemy.query.Query) if not n.startswith("_")]
    legacy = flask_sqlalchemy.query.Query.__mro__[1]
    return sorted({*own, *(n for n in vars(legacy) if not n.startswith("_"))} - NOT_CALLED)


@pytest.mark.parametrize("method", methods())
def test_a_method_of_query_is_known(method: str) -> None:
    step = tables.query_step(QUERY, method, call(method), lambda node: UNKNOWN)
    assert step.refusal is None or step.refusal.code != UNKNOWN_METHOD


def test_a_method_that_query_does_not_have_is_refused() -> None:
    step = tables.query_step(QUERY, "active", call("active"), lambda node: UNKNOWN)
    assert step.refusal is not None
    assert step.refusal.code == UNKNOWN_METHOD


def session_methods() -> list[str]:
    return [
        n for n in vars(SyncSession) if not n.startswith("_") and callable(vars(SyncSession)[n])
    ]


@pytest.mark.parametrize("method", sorted(session_methods()))
def test_a_session_method_is_awaited_when_it_is_a_coroutine(method: str) -> None:
    """What AsyncSession keeps sync isn't awaited; what it doesn't have is bridged or refused."""
    step = tables.session_step(Session("session"), method, call(method, "x"), lambda node: UNKNOWN)
    if step.refusal is not None or method == "query":
        return
    twin = getattr(AsyncSession, method, None)
    awaited = step.action is not None and step.action.awaits
    if twin is None:
        assert step.action is not None
        assert step.action.rule == "run_sync_method"
    elif method in ("begin", "begin_nested"):
        assert step.effect == "begin"
    else:
        assert awaited == inspect.iscoroutinefunction(twin)
