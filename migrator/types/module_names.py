"""What the names of modules stand for, where imports are chosen by conditions and names are given by the run."""

from __future__ import annotations

from migrator.index.definitions import FunctionInfo, Module
from migrator.queries.types import OPAQUE, UNKNOWN
from migrator.types.lattice import Value, join_all
from migrator.types.names import respell, static_type
from migrator.types.state import State


def named_type(state: State, module: Module, name: str, text: str) -> Value:
    """The type of what a name of a module means, whichever import of several is made; None for no name."""
    found = state.project.lookup(module, name)
    others = state.project.others(module, name)
    if isinstance(found, FunctionInfo) and state.read("patched", found.key):
        state.mark("taken", (found.key,))
        return join_all([static_type(state, found, text), UNKNOWN])
    if not others:
        return static_type(state, found, text)
    several = (found, *others)
    state.mark("taken", [one.key for one in several if isinstance(one, FunctionInfo)])
    return join_all([static_type(state, one, text) for one in several])


def of_module(state: State, home: str, name: str, text: str) -> Value:
    """What a module of the repository has under a name, whoever has put it there."""
    module = state.module(home)
    if state.project.lookup(module, name) is not None:
        return named_type(state, module, name, text)
    if name.startswith("__"):
        return OPAQUE
    given = state.read("variables", (home, name))
    if given is None and state.read("given", name) and not state.is_open:
        return None  # by code that is still to be looked at
    return respell(given, text, home, name) if given is not None else unseen(state, name)


def unseen(state: State, name: str) -> Value:
    """What no definition gives a name that is imported, or a module's attribute: only the run puts it there.

    Whatever function has the name may be it, by `globals()`, a module's `__getattr__` and the like.
    """
    state.mark("taken", state.read("named", name))
    return UNKNOWN
