"""Query classes of the repository: which of SQLAlchemy's methods they replace, how they are made.

Facts: SQLAlchemy's `orm/query.py` and Flask-SQLAlchemy's `query.py`: which methods call which.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from migrator.index.names import is_special
from migrator.index.walk import walk

T = TypeVar("T")

#: Classes that a query class derives from and that replace nothing.
KNOWN_BASES: Final = frozenset(
    {
        "sqlalchemy.orm.Query",
        "sqlalchemy.orm.query.Query",
        "flask_sqlalchemy.BaseQuery",
        "flask_sqlalchemy.Query",
        "flask_sqlalchemy.query.Query",
        "flask_sqlalchemy.SQLAlchemy().Query",
        "sqlalchemy_searchable.SearchQueryMixin",
        "flask_whooshee.WhoosheeQuery",
        "builtins.object",
        "object",
    }
)
#: For each method that ends a chain: the methods that call it, itself included.
_ENDS: Final[dict[str, frozenset[str]]] = {
    "get": frozenset({"get", "get_or_404"}),
    "first": frozenset({"first", "first_or_404"}),
    "all": frozenset({"all", "paginate"}),
    "count": frozenset({"count", "paginate"}),
    **dict.fromkeys(
        ("one", "one_or_none", "scalar"),
        frozenset({"one", "one_or_none", "scalar", "one_or_404", "count", "paginate"}),
    ),
    **{n: frozenset({n}) for n in ("get_or_404", "first_or_404", "one_or_404", "paginate")},
    **{n: frozenset({n}) for n in ("update", "delete", "value")},
}
#: What every other query goes through, the names of SQLAlchemy 1.4 among them.
_WITHIN: Final = frozenset(
    [
        "add_column",
        "add_columns",
        "add_entity",
        "apply_labels",
        "as_scalar",
        "autoflush",
        "column_descriptions",
        "correlate",
        "cte",
        "dispatch",
        "distinct",
        "enable_assertions",
        "enable_eagerloads",
        "except_",
        "except_all",
        "execution_options",
        "exists",
        "ext",
        "filter",
        "filter_by",
        "from_self",
        "from_statement",
        "get_children",
        "get_execution_options",
        "get_label_style",
        "group_by",
        "having",
        "instances",
        "intersect",
        "intersect_all",
        "is_single_entity",
        "join",
        "label",
        "limit",
        "load_options",
        "merge_result",
        "offset",
        "only_return_tuples",
        "options",
        "order_by",
        "outerjoin",
        "params",
        "populate_existing",
        "prefix_with",
        "reset_joinpoint",
        "scalar_subquery",
        "select_entity_from",
        "select_from",
        "selectable",
        "session",
        "set_label_style",
        "slice",
        "statement",
        "subquery",
        "suffix_with",
        "tuples",
        "union",
        "union_all",
        "values",
        "where",
        "whereclause",
        "with_entities",
        "with_for_update",
        "with_hint",
        "with_labels",
        "with_lockmode",
        "with_parent",
        "with_polymorphic",
        "with_session",
        "with_statement_hint",
        "with_transformation",
        "yield_per",
        "_clone",
        "_compile_context",
        "_compile_options",
        "_compile_state",
        "_entity_from_pre_ent_zero",
        "_execute_and_instances",
        "_execution_options",
        "_filter_by_zero",
        "_final_statement",
        "_from_obj",
        "_from_selectable",
        "_generate",
        "_get_condition",
        "_get_existing_condition",
        "_get_impl",
        "_get_options",
        "_get_select_statement_only",
        "_iter",
        "_legacy_from_self",
        "_only_full_mapper_zero",
        "_params",
        "_propagate_attrs",
        "_set_entities",
        "_set_op",
        "_set_select_from",
        "_setup_joins",
        "_statement",
        "_statement_20",
        "_values",
        "_values_no_warn",
        "_where_criteria",
        "_with_current_path",
        "_with_options",
    ]
)
_HARMLESS: Final = frozenset({"__doc__", "__module__", "__qualname__", "__slots__", "__repr__"})
#: Whatever is asked of the query.
EVERYTHING: Final = "*"
#: What makes a query, and nothing of one that is made: `Model.query` calls it.
_MAKERS: Final = frozenset({"__new__", "__init__"})
#: What they may do to the query: a select takes it over.
_MADE_OF: Final = frozenset(
    {"filter", "filter_by", "where", "options", "session", "_where_criteria", "_with_options"}
)


def is_own(name: str) -> bool:
    """Whether a name is one of Query's, so that defining it replaces something."""
    return name in _ENDS or name in _WITHIN or (is_special(name) and name not in _HARMLESS)


def is_end(name: str) -> bool:
    """Whether a name is that of a method that ends a chain."""
    return name in _ENDS


def replaced(names: Iterable[str]) -> frozenset[str]:
    """The methods that do something else when a class defines these; EVERYTHING for all."""
    found: set[str] = set()
    for name in names:
        if name in _ENDS:
            found |= _ENDS[name]
        elif is_own(name) and name not in _MAKERS:
            return frozenset({EVERYTHING})
    return frozenset(found)


def makers(methods: Mapping[str, T]) -> list[T]:
    """Those of a class's methods that have a hand in every query of the class."""
    return [method for name, method in methods.items() if name in _MAKERS]


def may_hold_back(maker: ast.AST) -> bool:
    """Whether a maker gives the query loader options, which may keep columns from being loaded."""
    named = {node.attr for node in walk(maker) if isinstance(node, ast.Attribute)}
    return bool(named & {"options", "_with_options"})


def made_plainly(maker: ast.AST) -> bool:
    """Whether a maker gives the query criteria and loader options at most."""
    named = {node.attr for node in walk(maker) if isinstance(node, ast.Attribute)}
    return not any(name in _WITHIN for name in named - _MADE_OF)
