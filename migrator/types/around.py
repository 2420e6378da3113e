"""What stands around a function: its own decorators and its class's, and which parameters these fill always."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from migrator.index.definitions import FunctionInfo, Module, last_name
from migrator.index.signature import positional
from migrator.index.walk import walk
from migrator.queries.types import Function, Object, TupleOf, Type
from migrator.surface.class_views import around_methods, innermost_around
from migrator.types.escapes import COPIES_NAMES
from migrator.types.state import State

_COPYING = frozenset(name.rpartition(".")[2] for name in COPIES_NAMES)


def decorations(
    state: State, info: FunctionInfo
) -> Iterator[tuple[Module, ast.expr, FunctionInfo, FunctionInfo, Function]]:
    """Each decorator of the repository: where it is written, what it names, what takes the function, and as what."""
    itself = Function(info.key)
    around = [(info.module, d, itself) for d in info.node.decorator_list]
    if info.owner is not None:
        of_object = replace(itself, bound=True, receiver=Object(info.owner.key))
        around += ((*listed, of_object) for listed in around_methods(state.project, info))
    for module, decorator, given in around:
        named = _named(state, info, module, decorator)
        if named is None:
            continue
        for taking in _taking(named, decorator):
            yield module, decorator, named, taking, given


def always_filled(state: State, info: FunctionInfo, name: str) -> bool:
    """Whether what is put around a function gives this parameter by its name, whoever calls it.

    The innermost decorator does: there is no other way to the function than by what it makes.
    """
    if info.node.decorator_list:
        innermost = [(info.module, info.node.decorator_list[-1])]
    else:
        innermost = innermost_around(state.project, info)
    if not innermost:
        return False
    for module, decorator in innermost:
        named = _named(state, info, module, decorator)
        taking = _taking(named, decorator) if named is not None else []
        if not taking or not all(_gives(function, name) for function in taking):
            return False
    return True


def _named(
    state: State, info: FunctionInfo, module: Module, decorator: ast.expr
) -> FunctionInfo | None:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    found = info.around(target) or state.project.resolve(module, target)
    return found if isinstance(found, FunctionInfo) else None


def _taking(named: FunctionInfo, decorator: ast.expr) -> list[FunctionInfo]:
    """The function that gets the decorated one: `named`, or the one that a call of it makes."""
    if not isinstance(decorator, ast.Call):
        return [named]
    inner = [made for made in named.locals.values() if positional(made[0].node.args)]
    return inner[0] if inner else []


def _gives(decorator: FunctionInfo, name: str) -> bool:
    """Whether all that is done with the function that a decorator gets is to call it with this keyword."""
    own = positional(decorator.node.args)
    if decorator.owner is not None and "staticmethod" not in decorator.decorators():
        own = own[1:]
    if not own:
        return False
    read: set[int] = set()
    given: set[int] = set()
    for node in walk(decorator.node):
        match node:
            case ast.Name(id=known, ctx=ast.Load()) if known == own[0].arg:
                read.add(id(node))
            case ast.Name(id=known) if known == own[0].arg:
                return False
            case ast.Call(func=func, keywords=keywords) if any(k.arg == name for k in keywords):
                given.add(id(func))
            case ast.Call(func=func, args=[first, *_]) if last_name(func) in _COPYING:
                given.add(id(first))
    return bool(read) and read <= given


def flow_first(state: State, info: FunctionInfo, value: Type, *, bound: bool) -> None:
    """What a function is called with, and with nothing else: its first parameter, or the first of its `*args`."""
    arguments = info.node.args
    names = positional(arguments)[bound:]
    if names:
        state.flow_param(info.key, names[0].arg, value)
    elif arguments.vararg is not None:
        state.flow_param(info.key, arguments.vararg.arg, TupleOf((value,)))
