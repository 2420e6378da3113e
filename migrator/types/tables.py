"""What each of the analysis' tables holds for a key: the doors by which an evaluation reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from migrator.index.definitions import Import, Variable, identity
from migrator.index.import_order import comes_first
from migrator.types.lattice import Value
from migrator.types.telling import telling

if TYPE_CHECKING:
    from migrator.types.state import State

_Names: TypeAlias = tuple[str, str, str]


def _closure(state: State, key: tuple[str, str]) -> tuple[Value] | None:
    facts = state.facts.get(key[0])
    return (facts.environment[key[1]],) if facts and key[1] in facts.environment else None


def _environment(state: State, key: str) -> tuple[tuple[str, Value], ...] | None:
    facts = state.facts.get(key)
    return tuple(facts.environment.items()) if facts is not None else None


def _once(state: State, table: str, key: _Names, find: Callable[[State, _Names], Any]) -> Any:
    """What the program says, looked for once."""
    if (table, key) not in state.asked:
        state.asked[table, key] = find(state, key)
    return state.asked[table, key]


def _is_telling(state: State, key: str) -> bool:
    info = state.function(key)
    return info is not None and key in state.project.derived(telling, info.module)


def _is_unbound(state: State, key: _Names) -> bool:
    """Whether the module `home` has no such name yet where `importing` is imported by what it imports."""
    home, name, importing = key
    of = state.project.find_module(home)
    return of is not None and comes_first(state.project, state.module(importing), of, name)


def _names_of(state: State, key: _Names) -> tuple[str, ...]:
    """The names in a module that stand for what `home` calls `root`, or any module without one.

    `key` is the module's name, `home` and `root`.
    """
    name, home, root = key
    module = state.module(name)
    # Who asks has looked at the answer, and not at each name.
    seen, state.bodies.seen = state.bodies.seen, set()
    found = {
        name: state.project.lookup(module, name)
        for name in (root, *module.bindings)
        if isinstance(module.bindings.get(name), Import | Variable)
    }
    state.bodies.seen = seen
    return tuple(
        name
        for name, what in found.items()
        if getattr(what, "name", "") == root and (not home or getattr(what, "module", "") == home)
    )


#: What changes while functions are evaluated.
_FLOWING: dict[str, Callable[[State, Any], Any]] = {
    "params": lambda state, key: state.params.get(key),
    "returns": lambda state, key: state.returns.get(key),
    "mapped_given": lambda state, key: state.mapped_given.get(key),
    "functions_given": lambda state, key: state.functions_given.get(key),
    "attributes": lambda state, key: state.attributes.get(key),
    "variables": lambda state, key: state.variables.get(key),
    "commits": lambda state, key: state.commits.get(key),
    "hung": lambda state, key: state.hung.get(key),
    "late": lambda state, key: state.late.get(key),
    "escaped": lambda state, key: state.escaped.get(key),
    "foreign": lambda state, key: state.foreign.get(key),
    "strange": lambda state, key: state.strange.get(key),
    "listeners": lambda state, key: state.listeners.get(key),
    "left": lambda state, key: state.left.get(key),
    "taken": lambda state, key: key in state.taken,
    "exposed": lambda state, key: key in state.exposed,
    "receivers": lambda state, _: tuple(sorted(state.receivers)),
    "db_name": lambda state, _: state.db_name,
    "is_open": lambda state, _: state.open_world,
    # Of functions that have been evaluated: themselves, their names, whether they are generators.
    "known": lambda state, key: key in state.facts,
    "environments": _environment,
    "closures": _closure,
    "generators": lambda state, key: key in state.facts and state.facts[key].is_generator,
}
#: What the program says, and nothing changes in a run.
_PROGRAM: dict[str, Callable[[State, Any], Any]] = {
    # Of names: whether code may call such functions, gives such attributes, to requests, to others, as items, by names.
    "said": lambda state, name: state.names.says(name),
    "given": lambda state, name: name in state.names.given,
    "on_requests": lambda state, name: name in state.names.on_requests,
    "on_others": lambda state, name: name in state.names.on_others,
    "put": lambda state, name: name in state.names.put,
    "keyed": lambda state, name: name in state.names.keyed,
    # What it says there.
    "bodies": lambda state, key: state.bodies.digests.get(key),
    "names": lambda state, key: identity(state.project.lookup(state.module(key[0]), key[1])),
    "bound": lambda state, key: key[1] in state.module(key[0]).bindings,
    "named": lambda state, name: state.named.get(name, ()),
    "overriding": lambda state, name: state.overriding.get(name, ()),
    "functions_of": lambda state, module: tuple(f.key for f in state.module(module).functions),
    "names_of": lambda state, key: _once(state, "names_of", key, _names_of),
    "homes": lambda state, name: state.homes.get(name, ()),
    "patched": lambda state, key: key in state.patched,
    "telling": _is_telling,
    # Whether a module has no such name yet where another one is imported.
    "unbound": lambda state, key: _once(state, "unbound", key, _is_unbound),
    # Of functions: as what the framework calls them.
    "entries": lambda state, key: state.entries.get(key, ""),
}
#: What each table holds for a key.
HELD = {**_FLOWING, **_PROGRAM}
#: The names of those that the program alone decides.
PROGRAM = frozenset(_PROGRAM)
