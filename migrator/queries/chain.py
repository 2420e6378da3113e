"""A method chain as a list: `Order.query.filter(a).limit(3)` → root and its links."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.frozen import frozen
from migrator.index.walk import children
from migrator.index.written import written
from migrator.queries.step import TypeOf
from migrator.queries.types import (
    Alias,
    Column,
    DictOf,
    External,
    ListOf,
    ModelType,
    RelationshipAttribute,
    Row,
    Selectable,
    Session,
    TupleOf,
    Type,
    Union,
    Unknown,
)


@frozen
class Chain:
    """`links` are (method, call) from the root outwards; `rooted` when the query is created here."""

    root: ast.expr
    links: tuple[tuple[str, ast.Call], ...]
    rooted: bool

    @property
    def methods(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.links)


def chain_of(node: ast.expr, typeof: TypeOf) -> Chain:
    """The chain that ends in `node`, which is a query expression."""
    links: list[tuple[str, ast.Call]] = []
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "query" and isinstance(typeof(node.func.value), Session):
            return Chain(node, tuple(reversed(links)), rooted=True)
        links.append((node.func.attr, node))
        node = node.func.value
    rooted = (
        isinstance(node, ast.Attribute) and node.attr == "query" and _is_model(typeof(node.value))
    )
    return Chain(node, tuple(reversed(links)), rooted)


def _is_model(value: Type) -> bool:
    if isinstance(value, Union):
        return all(isinstance(option, ModelType) for option in value.options)
    return isinstance(value, ModelType)


def entity_text(chain: Chain) -> str:
    """The one entity of a rooted chain, as it is written there; "" when there are several."""
    match chain.root:
        case ast.Attribute(value=model):
            return written(model)
        case ast.Call(args=[entity], keywords=[]):
            return written(entity)
    return ""


def brings_from(node: ast.expr, lead_key: str, typeof: TypeOf) -> bool:
    """Whether a criterion may bring another FROM entity than `lead_key` into the statement.

    True whenever that is not known: the consequence is a `.unique()` more.
    """

    def rest(nodes: Iterable[ast.expr]) -> bool:
        return any(brings_from(n, lead_key, typeof) for n in nodes)

    match node:
        case ast.Constant() | ast.JoinedStr():
            return False
        case ast.Call(func=ast.Attribute(attr="any" | "has" | "exists")):
            return False
        case ast.Call(func=func, args=args, keywords=keywords):
            values = [*args, *(k.value for k in keywords)]
            target = typeof(func)
            if isinstance(target, External) and target.dotted.startswith("sqlalchemy"):
                return rest(values)
            if isinstance(func, ast.Attribute):
                owner = typeof(func.value)
                if isinstance(owner, RelationshipAttribute) and _is_of_lead(owner, lead_key):
                    # Of many to many it reads the table between: an object that is there twice comes twice.
                    return (owner.secondary and func.attr == "contains") or rest(values)
                if isinstance(owner, Column | RelationshipAttribute | External):
                    return brings_from(func.value, lead_key, typeof) or rest(values)
                if isinstance(owner, ModelType) and not isinstance(typeof(node), Column):
                    return True  # A hybrid method: on the class it may be another function.
            return _may_be_foreign(typeof(node), lead_key)
        case ast.Compare(left=left, comparators=others):
            # `Order.customer == ann` asks for the key, where `Order.customer` alone joins its table.
            return rest(n for n in (left, *others) if not _is_of_lead(typeof(n), lead_key))
        case ast.Subscript(value=value) if isinstance(typeof(value), Column | Selectable):
            return True  # `Order.__table__.c["number"]`
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Lambda() | ast.Await():
            return _may_be_foreign(typeof(node), lead_key)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return _may_be_foreign(typeof(node), lead_key)
        case ast.Starred(value=value):
            return _may_be_foreign(typeof(value), lead_key)
    return rest(c for c in children(node) if isinstance(c, ast.expr))


def _is_of_lead(value: Type, lead_key: str) -> bool:
    return isinstance(value, RelationshipAttribute) and bool(lead_key) and value.key == lead_key


def _may_be_foreign(value: Type, lead_key: str) -> bool:
    match value:
        case Unknown() | Alias() | Selectable() | RelationshipAttribute():
            return True
        case Column(key=key) | ModelType(key=key):
            return not lead_key or key != lead_key
        case ListOf(item=item) | DictOf(value=item):
            return _may_be_foreign(item, lead_key)
        case TupleOf(items=items) | Row(items=items):
            return any(_may_be_foreign(i, lead_key) for i in items)
        case Union(options=options):
            return any(_may_be_foreign(o, lead_key) for o in options)
    return False
