"""Callables that objects are given by a name: `Dependencies(find=lambda key: ...)`, `self.find = find_item`.

Whoever calls `found.find(key)` on an object of unknown type may call them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from migrator.index.definitions import ClassInfo, FunctionInfo, Module
from migrator.index.signature import positional
from migrator.types.escapes import functions_in
from migrator.types.state import State

#: What may be a callable, or be one of several.
_CALLABLES = frozenset(
    {ast.Attribute, ast.BoolOp, ast.Call, ast.IfExp, ast.Lambda, ast.Name, ast.NamedExpr}
)


def kept_callables(state: State) -> Mapping[str, tuple[frozenset[int], frozenset[str]]]:
    """By name, the ids of the lambdas and the keys of the functions that are kept so.

    The names are those that receivers of unknown type are asked for.
    """
    asked = {
        fact.name
        for facts in state.facts.values()
        for fact in facts
        if fact.kind == "unresolved" and isinstance(fact.node, ast.Call)
    }
    given = _Given(state)
    functions: dict[str, set[str]] = defaultdict(set)
    for (_, name), value in state.attributes.items():
        if name in asked:
            functions[name].update(f.key for f in functions_in(value))
    kept: dict[str, tuple[frozenset[int], frozenset[str]]] = {}
    for name in asked:
        lambdas, others = given.to(name)
        if lambdas or others or functions[name]:
            kept[name] = (lambdas, others | functions[name])
    return kept


def may_run(
    kept: tuple[Collection[int], Collection[str]], lambdas: Collection[int], io: Collection[str]
) -> bool:
    """Whether one of these reaches the database: the lambdas and the functions that do are given."""
    return any(i in lambdas for i in kept[0]) or any(key in io for key in kept[1])


class _Given:
    """What each name is given anywhere: a keyword, a parameter, a variable, an attribute, a key of a dict."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._values: dict[str, list[tuple[Module, ast.expr]]] = defaultdict(list)
        taken = filter(None, map(state.function, state.taken))
        #: The names of what may be handed over: such functions, and variables with a lambda.
        self._callables = {info.name for info in taken}
        modules = state.project.modules.values()
        for module in modules:
            for name, value in _by_name(module):
                self._values[name].append((module, value))
                if isinstance(value, ast.Lambda):
                    self._callables.add(name)
        for module in modules:
            for call in module.of(ast.Call):
                if any(map(self._may_be_callable, call.args)):
                    for names in self._parameters(module, call.func):
                        for name, value in zip(names, call.args, strict=False):
                            self._values[name].append((module, value))

    def to(self, name: str) -> tuple[frozenset[int], frozenset[str]]:
        """The ids of the lambdas and the keys of the functions that the name has been given."""
        lambdas: set[int] = set()
        functions: set[str] = set()
        names = [name]
        for asked in names:
            for module, value in self._values.get(asked, ()):
                for one in _alternatives(value):
                    if isinstance(one, ast.Lambda):
                        lambdas.add(id(one))
                        continue
                    found = self._state.project.resolve(module, one)
                    if isinstance(found, FunctionInfo):
                        functions.add(found.key)
                    elif isinstance(one, ast.Name) and one.id not in names:
                        names.append(one.id)
        return frozenset(lambdas), frozenset(functions)

    def _may_be_callable(self, node: ast.expr) -> bool:
        match node:
            case ast.Lambda():
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return name in self._callables
            case ast.BoolOp() | ast.IfExp() | ast.NamedExpr():
                return any(map(self._may_be_callable, _alternatives(node)))
        return False

    def _parameters(self, module: Module, called: ast.expr) -> Iterator[Sequence[str]]:
        """The names of what is filled by position, of each that may be called."""
        found = self._state.project.resolve(module, called)
        if isinstance(found, ClassInfo):
            init = self._state.project.method(found, "__init__")
            if init is None:
                fields = [
                    name
                    for cls in reversed(self._state.project.mro(found))
                    for name, (annotation, _) in cls.attributes.items()
                    if annotation is not None
                ]
                yield list(dict.fromkeys(fields))
            found = init
        if isinstance(found, FunctionInfo):
            yield _filled(found)
        elif found is None and isinstance(called, ast.Attribute):
            for key in self._state.named.get(called.attr, ()):
                yield _filled(self._state.project.functions[key])


def _filled(info: FunctionInfo) -> Sequence[str]:
    """The parameters that the arguments of a call fill by position."""
    names = [argument.arg for argument in positional(info.node.args)]
    plain = info.owner is None or any(d.endswith("staticmethod") for d in info.decorators())
    return names if plain else names[1:]


def _by_name(module: Module) -> Iterator[tuple[str, ast.expr]]:
    """Each name that something callable may be given by in the module's own words."""
    for keyword in module.of(ast.keyword):
        if keyword.arg is not None and type(keyword.value) in _CALLABLES:
            yield keyword.arg, keyword.value
    for assign in module.of(ast.Assign):
        for target in assign.targets:
            yield from _assigned(target, assign.value)
    for annotated in module.of(ast.AnnAssign):
        if annotated.value is not None:
            yield from _assigned(annotated.target, annotated.value)
    for display in module.of(ast.Dict):
        for key, value in zip(display.keys, display.values, strict=True):
            if type(value) in _CALLABLES:
                yield from _under(key, value)
    for call in module.of(ast.Call):
        if type(call.func) is ast.Name and call.func.id == "setattr" and len(call.args) == 3:
            yield from _under(call.args[1], call.args[2])


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if type(value) in _CALLABLES:
        match target:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                yield name, value
            case ast.Subscript(slice=key):
                yield from _under(key, value)
    elif isinstance(value, ast.Tuple | ast.List) and isinstance(target, ast.Tuple | ast.List):
        for part, given in zip(target.elts, value.elts, strict=False):
            yield from _assigned(part, given)


def _under(key: ast.expr | None, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value, value


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """The lambdas and names that a value is one of."""
    inner: Sequence[ast.expr]
    match node:
        case ast.Lambda() | ast.Name() | ast.Attribute():
            yield node
            return
        case ast.IfExp():
            inner = [node.body, node.orelse]
        case ast.BoolOp():
            inner = node.values
        case ast.NamedExpr():
            inner = [node.value]
        case ast.Call():
            # `find: Finding = field(default=find_item)`
            inner = [k.value for k in node.keywords if k.arg == "default"]
        case _:
            inner = ()
    for part in inner:
        yield from _alternatives(part)


__all__ = ["kept_callables", "may_run"]
