"""The entities along a loader option: whose attributes its strings name, as SQLAlchemy 1.x has it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from migrator.index.written import written
from migrator.queries.step import TypeOf
from migrator.queries.types import TARGET, Alias, ModelType, RelationshipAttribute, Type

#: An entity's text, "" for the model with this key.
Owner: TypeAlias = tuple[str, str]
Owners: TypeAlias = tuple[Owner, ...]
#: For each call of an option, from the inside: whose attributes its strings name, one for each part
#: of a dotted string; and the options that stand in its parentheses.
Chain: TypeAlias = tuple[tuple[Owners, tuple["Chain", ...]], ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """What an option's strings name attributes of, as an expression that has a type."""

    node: ast.expr
    owner: Owner

    def attribute(self, name: str) -> ast.expr:
        """One of its attributes, as an expression."""
        return _attribute(self.node, name)


@cache
def named(text: str) -> ast.expr:
    """A dotted name as an expression; kept, since types are remembered by node."""
    return ast.parse(text, mode="eval").body


@cache
def _attribute(node: ast.expr, name: str) -> ast.expr:
    return ast.Attribute(node, name, ast.Load())


def entity_of(node: ast.expr, typeof: TypeOf) -> Entity | None:
    """An entity that is written out."""
    found = typeof(node)
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(found, ModelType | Alias):
        return Entity(node, (written(node), found.key))
    return None


def entity_at(attribute: ast.expr, known: Type) -> Entity | None:
    """The model that a relationship leads to."""
    if not isinstance(known, RelationshipAttribute) or not known.target:
        return None
    return Entity(_attribute(attribute, TARGET), ("", known.target))
