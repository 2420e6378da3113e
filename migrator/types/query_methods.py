"""Methods of query classes: which of them take selects, and whose callers may have legacy queries.

`Order.query.get(3)` calls the class's `get`, and so does Flask-SQLAlchemy's `get_or_404`. A method
that stands in the place of one of Query's own, at the end of chains, can take a select where it is
known what the queries of its class are: those of the models that name it as their `query_class`.
"""

from __future__ import annotations

from dataclasses import replace

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.walk import names_of
from migrator.queries.custom import is_end, is_own
from migrator.queries.roots import made_root, query_attribute
from migrator.queries.types import ModelType, Query, Session
from migrator.types.names import is_query_class
from migrator.types.state import State


def takes_selects(state: State, info: FunctionInfo | None) -> bool:
    """Whether a function is such a method."""
    return (
        info is not None
        and info.owner is not None
        and is_end(info.name)
        and not state.read("generators", info.key)
        and not info.node.decorator_list
        and is_query_class(state, info.owner)
        and not _everywhere(state, info.owner)
        # A select is no object of the class.
        and "super" not in names_of(info.node)
    )


def adds_to_queries(state: State, info: FunctionInfo | None) -> bool:
    """Whether a function is a method that its query class has beside those of Query."""
    return (
        info is not None
        and info.owner is not None
        and not is_own(info.name)
        and not state.read("generators", info.key)
        and not info.node.decorator_list
        and is_query_class(state, info.owner)
    )


def unseen_queries(state: State, owner: ClassInfo, session: Session | None) -> list[Query]:
    """The queries that a method of the class may be called on by code out of sight.

    One of each model whose query class it is, with criteria and options that nobody has seen.
    """
    found: list[Query] = []
    for key, model in state.models.by_key.items():
        classes = state.query_classes.of_model(model.info)
        if any(isinstance(c, ClassInfo) and _below(state, c, owner) for c in classes):
            root = query_attribute(ModelType(key, ""))
            query = made_root(root, partial=False).result
            assert isinstance(query, Query)
            found += [
                replace(query, session=session, cls=cls.key)
                for cls in classes
                if isinstance(cls, ClassInfo)
            ]
    return found


def _everywhere(state: State, owner: ClassInfo) -> bool:
    """Whether queries of anything may be of the class, columns and joins included."""
    known = state.query_classes
    return any(
        isinstance(cls, ClassInfo) and _below(state, cls, owner)
        for cls in (*known.everywhere, *known.dynamic)
    )


def _below(state: State, cls: ClassInfo, owner: ClassInfo) -> bool:
    return owner in state.project.mro(cls)
