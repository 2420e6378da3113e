"""What loader options do to the objects that a query yields: loaded, kept from loading, joined."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from migrator.queries import refusals
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
_LEGACY_ALL = frozenset({"joinedload_all", "subqueryload_all", "eagerload", "eagerload_all"})


@dataclass(frozen=True, slots=True)
class Options:
    """The sum of some loader options.

    `loaded`: relationships (dotted paths) of the lead entity that are loaded afterwards.
    `joins`: rows may multiply. `partial`: something that the mapping loads may stay unloaded.
    """

    loaded: frozenset[str] = frozenset()
    joins: bool = False
    partial: bool = False
    refusal: Refusal | None = None
    #: Some relationship or column of the lead entity is named by a string, as in SQLAlchemy 1.x.
    strings: bool = False


def loader_options(
    args: Sequence[ast.expr], typeof: TypeOf, lead_key: str, lead: str = ""
) -> Options:
    """The sum of the arguments of one `.options(...)`.

    `lead` is how the lead entity is spelled here: strings can be read as names of its attributes.
    """
    loaded: set[str] = set()
    joins = partial = strings = False
    refusal: Refusal | None = None
    for arg in args:
        one = _option(arg, typeof, lead_key, lead=lead)
        loaded |= one.loaded
        joins |= one.joins
        partial |= one.partial
        strings |= one.strings
        refusal = refusal or one.refusal
    return Options(frozenset(loaded), joins, partial, refusal, strings)


@cache
def _attribute_of(lead: str, name: str) -> ast.expr:
    """`Order.lines` as an expression; kept, since types are remembered by node."""
    return ast.parse(f"{lead}.{name}", mode="eval").body


def _named(name: str, call: ast.Call, typeof: TypeOf, lead: str) -> list[ast.expr] | None:
    """The arguments of a loader option, strings as attributes of the lead entity.

    None where a string can't be read, or names what the option isn't for.
    """
    kinds = (RelationshipAttribute, Column) if name in _COLUMNS else (RelationshipAttribute,)
    found: list[ast.expr] = []
    for argument in call.args:
        if name == "undefer_group" or not _is_string(argument):
            found.append(argument)
            continue
        assert isinstance(argument, ast.Constant)
        text = str(argument.value)
        attribute = _attribute_of(lead, text) if lead and text.isidentifier() else None
        if attribute is None or not isinstance(typeof(attribute), kinds):
            return None
        found.append(attribute)
    return found


def _option(
    node: ast.expr, typeof: TypeOf, lead_key: str, path: str = "", lead: str = ""
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
        return Options(joins=True, partial=True)
    loaded: set[str] = set()
    joins = partial = strings = False
    following = True
    for index, (name, call) in enumerate(links):
        if name == "Load":
            continue
        arguments = _named(name, call, typeof, lead if index == 0 and not path else "")
        if name in _LEGACY_ALL or arguments is None:
            return Options(refusal=refusals.refuse(refusals.LOADER_OPTION, ast.unparse(call)))
        strings = strings or arguments != call.args
        if name in _EAGER or name == "defaultload":
            joins |= name in _JOINING
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
            for inner in call.args:
                one = _option(inner, typeof, lead_key, path if following else "\0")
                loaded |= {p for p in one.loaded if "\0" not in p}
                joins, partial = joins or one.joins, partial or one.partial
                if one.refusal is not None:
                    return one
        elif name not in _HARMLESS:
            joins = partial = True
    return Options(frozenset(loaded), joins, partial, strings=strings)


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
