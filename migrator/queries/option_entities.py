"""The entities along a loader option: whose attributes its strings name, as SQLAlchemy 1.x has it."""

from __future__ import annotations

import ast
from functools import cache
from typing import TypeAlias

from migrator.frozen import frozen
from migrator.index.written import written
from migrator.queries.step import TypeOf
from migrator.queries.types import (
    NONE,
    TARGET,
    UNKNOWN,
    Alias,
    Column,
    ModelType,
    RelationshipAttribute,
    Type,
    Unknown,
)

#: An entity's text, "" for the model with this key; and the way from there by relationships whose
#: targets only the run shows.
Owner: TypeAlias = tuple[str, str, str]
Owners: TypeAlias = tuple[Owner, ...]
#: For each call of an option, from the inside: whose attributes its strings name, one for each part
#: of a dotted string; and the options that stand in its parentheses.
Chain: TypeAlias = tuple[tuple[Owners, tuple["Chain", ...]], ...]


#: What gives the class that a relationship leads to.
_LEADS_TO = ".property.mapper.class_"


@frozen
class Entity:
    """What an option's strings name attributes of, as an expression; `seen`: it has a type."""

    node: ast.expr
    owner: Owner
    seen: bool = True

    def attribute(self, name: str) -> ast.expr:
        """One of its attributes, as an expression."""
        return _attribute(self.node, name)

    def may_be_mapped(self, name: str, typeof: TypeOf, *kinds: type[Type]) -> bool:
        """Whether the attribute is of one of the kinds, or given where nothing is seen of it.

        A backref whose name is made at run time, say. Nothing else than what is mapped can be meant:
        SQLAlchemy raises otherwise, by a string as by an attribute.
        """
        known = typeof(self.attribute(name)) if self.seen else UNKNOWN
        return known == NONE or isinstance(known, kinds) or _is_unseen(known)

    def beyond(self, name: str, typeof: TypeOf) -> Entity:
        """The entity that one of its relationships leads to."""
        attribute = self.attribute(name)
        known = typeof(attribute) if self.seen else None
        if isinstance(known, RelationshipAttribute) and known.target:
            return _target(attribute, known)
        text, key, way = self.owner
        return Entity(attribute, (text, key, f"{way}.{name}{_LEADS_TO}"), seen=False)


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
        return Entity(node, (written(node), found.key, ""))
    return None


def entity_at(attribute: ast.expr, typeof: TypeOf) -> Entity | None:
    """The entity that an attribute, written out in an option, leads to."""
    known = typeof(attribute)
    if isinstance(known, RelationshipAttribute) and known.target:
        return _target(attribute, known)
    if (
        (isinstance(known, RelationshipAttribute) or _is_unseen(known))
        and isinstance(attribute, ast.Attribute)
        and isinstance(typeof(attribute.value), ModelType | Alias)
    ):
        return Entity(attribute, (f"{written(attribute)}{_LEADS_TO}", "", ""), seen=False)
    return None


def _is_unseen(known: Type) -> bool:
    """Whether nothing is seen of what a mapped class has under a name."""
    return isinstance(known, Unknown) or (isinstance(known, Column) and known.unseen)


def _target(attribute: ast.expr, known: RelationshipAttribute) -> Entity:
    return Entity(_attribute(attribute, TARGET), ("", known.target, ""))
