"""What loader options do to the objects that a query yields: loaded, kept from loading, joined."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.frozen import frozen
from migrator.index.written import written
from migrator.queries import refusals
from migrator.queries.option_entities import (
    Chain,
    Entity,
    Owner,
    Owners,
    entity_at,
    entity_of,
    named,
)
from migrator.queries.step import Refusal, TypeOf
from migrator.queries.types import Column, RelationshipAttribute

_EAGER = frozenset(
    {"joinedload", "selectinload", "subqueryload", "immediateload", "contains_eager"}
)
_JOINING = frozenset({"joinedload", "contains_eager"})
_KEEPING = frozenset({"defer", "load_only", "lazyload", "raiseload", "noload", "raiseload_on_sql"})
_HARMLESS = frozenset({"undefer", "undefer_group", "with_loader_criteria", "with_expression"})
#: Options that name columns.
_COLUMNS = frozenset({"defer", "undefer", "load_only"})
#: What goes on where the option before it was.
_STAYING = frozenset({"options", "undefer_group", "with_loader_criteria", "with_expression"})
#: The query has an option of the application's own, which an event listener may look for.
OWN_OPTION = "own_option"
_LEGACY_ALL = frozenset({"joinedload_all", "subqueryload_all", "eagerload", "eagerload_all"})
#: Options in which SQLAlchemy 1.x takes the names of attributes.
_SPELLING = (_EAGER | _KEEPING | _HARMLESS | {"defaultload"}) - {"undefer_group"}


@frozen
class Options:
    """The sum of some loader options.

    `loaded`: relationships (dotted paths) of the lead entity that are loaded afterwards.
    `joins`: rows may multiply. `partial`: something that the mapping loads may stay unloaded.
    """

    loaded: frozenset[str] = frozenset()
    joins: bool = False
    partial: bool = False
    #: One is made by code that may be the application's: it may do anything to what is executed.
    own: bool = False
    refusal: Refusal | None = None
    #: Whose attributes the strings in each option name, as in SQLAlchemy 1.x.
    chains: tuple[Chain, ...] = ()

    @property
    def strings(self) -> bool:
        """Whether a relationship or column is named by a string."""
        return any(owners or below for chain in self.chains for owners, below in chain)


def loader_options(
    args: Sequence[ast.expr], typeof: TypeOf, lead_key: str, lead: str = ""
) -> Options:
    """The sum of the arguments of one `.options(...)`.

    `lead` is how the lead entity is spelled here: strings can be read as names of its attributes.
    """
    entity = Entity(named(lead), (lead, lead_key, "")) if lead else None
    return _sum([_option(arg, typeof, lead_key, "", entity) for arg in args])


def _sum(found: Sequence[Options]) -> Options:
    return Options(
        frozenset().union(*(one.loaded for one in found)),
        any(one.joins for one in found),
        any(one.partial for one in found),
        any(one.own for one in found),
        next((one.refusal for one in found if one.refusal is not None), None),
        tuple(chain for one in found for chain in one.chains),
    )


def _named(
    name: str, call: ast.Call, typeof: TypeOf, entity: Entity | None, *, first: bool
) -> tuple[list[ast.expr], Owners, Entity | None] | None:
    """The arguments of a loader option, strings as attributes of the entity, whose they are, and

    the entity that the last of them leads to. A dotted string gives the attributes along its path;
    only the `first` call of an option may have one. None where a string can't be read, or names
    what the option isn't for.
    """
    # An option of the application's own (a UserDefinedOption) has strings of its own.
    if name not in _SPELLING or not any(map(_is_string, call.args)):
        last = call.args[-1] if call.args else None
        return call.args, (), entity_at(last, typeof) if last is not None else None
    columns = name in _COLUMNS
    if not columns and len(call.args) > 1:
        return None  # a path, in one more way
    kinds = (RelationshipAttribute, Column) if columns else (RelationshipAttribute,)
    found: list[ast.expr] = []
    owners: list[Owner] = []
    current: Entity | None = None
    for argument in call.args:
        if not isinstance(argument, ast.Constant) or not _is_string(argument):
            found.append(argument)
            continue
        current = entity
        steps = str(argument.value).split(".") if first and not columns else [argument.value]
        for text in map(str, steps):
            if current is None or not text.isidentifier():
                return None
            if not current.may_be_mapped(text, typeof, *kinds):
                return None
            # What is not seen has no type to be asked for.
            found.append(current.attribute(text) if current.seen else argument)
            owners.append(current.owner)
            current = current.beyond(text, typeof) if not columns else None
    return found, tuple(dict.fromkeys(owners)) if columns else tuple(owners), current


def _option(
    node: ast.expr, typeof: TypeOf, lead_key: str, path: str, entity: Entity | None
) -> Options:
    links: list[tuple[str, ast.Call]] = []
    current = node
    while isinstance(current, ast.Call):
        func = current.func
        if isinstance(func, ast.Attribute):
            links.append((func.attr, current))
            current = func.value
        elif isinstance(func, ast.Name):
            links.append((func.id, current))
            break
        else:
            break
    links.reverse()
    if not links:
        # A variable or a starred list: it may be any option.
        return Options(joins=True, partial=True, chains=((),))
    loaded: set[str] = set()
    joins = partial = own = False
    following = True
    chain: list[tuple[Owners, tuple[Chain, ...]]] = []
    for name, call in links:
        if name == "Load":
            chain.append(((), ()))
            entity = entity_of(call.args[0], typeof) if len(call.args) == 1 else None
            continue
        read = _named(name, call, typeof, entity, first=not chain)
        if name in _LEGACY_ALL or read is None:
            return Options(refusal=refusals.refuse(refusals.LOADER_OPTION, written(call)))
        arguments, owners, beyond = read
        below: tuple[Chain, ...] = ()
        if name in _EAGER or name == "defaultload":
            joins |= name in _JOINING
            following = following and len(owners) < 2
            for arg in arguments:
                step = _relationship(arg, typeof)
                owner_fits = step is not None and (bool(path) or step.key == lead_key)
                if step is None or not owner_fits or not following:
                    following = False
                    continue
                path = f"{path}.{step.name}" if path else step.name
                if name in _EAGER:
                    loaded.add(path)
                else:
                    following = False
        elif name in _KEEPING:
            partial = True
        elif name == "options":
            at = path if following else "\0"
            inner = _sum([_option(i, typeof, lead_key, at, entity) for i in call.args])
            if inner.refusal is not None:
                return inner
            loaded |= {p for p in inner.loaded if "\0" not in p}
            joins, partial = joins or inner.joins, partial or inner.partial
            own |= inner.own
            below = inner.chains if inner.strings else ()
        elif name not in _HARMLESS:
            joins = partial = own = True
        chain.append((owners, below))
        if name not in _COLUMNS and name not in _STAYING:
            entity = beyond
    return Options(frozenset(loaded), joins, partial, own, chains=(tuple(chain),))


def _is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != "*"


def _relationship(node: ast.expr, typeof: TypeOf) -> RelationshipAttribute | None:
    while (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("of_type", "and_")
    ):
        node = node.func.value
    found = typeof(node)
    return found if isinstance(found, RelationshipAttribute) else None
