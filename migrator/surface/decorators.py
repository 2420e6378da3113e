"""What the repository's decorators do with the function below: which can be made async-aware."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import takewhile

from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo, FunctionNode
from migrator.index.project import Project
from migrator.index.signature import parameters, positional
from migrator.index.walk import children, walk
from migrator.surface.model import (
    AsyncSafe,
    DecoratorKind,
    Opaque,
    Registers,
    TransparentWrapper,
)

#: External decorators that call the function by Flask's `ensure_sync` (Flask-Login's have a converted
#: form on FastAPI): what they give is a plain function, whose callers await nothing.
ENSURING = frozenset(
    {
        "flask_login.login_required",
        "flask_login.fresh_login_required",
        "flask_login.utils.login_required",
        "flask_login.utils.fresh_login_required",
        "flask_jwt_extended.jwt_required",
        "flask_jwt_extended.view_decorators.jwt_required",
        "flask_httpauth.HTTPBasicAuth.login_required",
        "flask_httpauth.HTTPDigestAuth.login_required",
        "flask_httpauth.HTTPTokenAuth.login_required",
    }
)
#: External decorators that give the function itself, or what is called like it.
ASYNC_SAFE = frozenset(
    {
        "functools.wraps",
        "builtins.staticmethod",
        "builtins.classmethod",
        "abc.abstractmethod",
        "typing.override",
        "typing.final",
        "typing.overload",
    }
)
#: External decorators that hand the function over and return it.
REGISTERING = (
    "flask.Flask.",
    "flask.Blueprint.",
    "flask_login.LoginManager.",
    "flask_wtf.CSRFProtect.exempt",
    "flask_wtf.csrf.CSRFProtect.exempt",
    "flask.cli.",
    "click.",
)
#: External decorators whose framework calls the function later and awaits nothing.
CALLS_LATER = (
    "sqlalchemy.event.",
    "blinker.",
    "click.command",
    "click.group",
    "click.Group.",
    "celery.",
    "atexit.register",
)
#: What reads a function's definition and never calls it; a coroutine function's is the same.
READS = frozenset(
    {
        "inspect.getdoc",
        "inspect.getfullargspec",
        "inspect.getmodule",
        "inspect.signature",
        "typing.get_type_hints",
    }
)
ENSURE_SYNC = "ensure_sync"


def external_kind(dotted: str) -> DecoratorKind:
    """The kind of a decorator of another distribution."""
    if dotted in ASYNC_SAFE | ENSURING:
        return AsyncSafe(f"{dotted} serves async functions too", dotted in ENSURING)
    if dotted.startswith(CALLS_LATER):
        return Opaque(f"{dotted} calls the function and awaits nothing")
    if dotted.startswith(REGISTERING):
        return Registers(f"{dotted} only registers the function")
    return Opaque(f"{dotted} is not known to serve async functions")


def repository_kind(
    project: Project, decorator: FunctionInfo | ClassInfo, depth: int = 0
) -> DecoratorKind:
    """The kind of a decorator that the repository defines."""
    if depth > 4:
        return Opaque("it goes through too many other decorators")
    if isinstance(decorator, ClassInfo):
        method = project.method(decorator, "__call__")
        if method is None:
            return Opaque("it is a class without __call__")
        return _function_kind(project, method, depth)
    return _function_kind(project, decorator, depth)


def either_kind(project: Project, functions: Iterable[FunctionInfo]) -> DecoratorKind:
    """The kind of a decorator that is one of several things, some of them the repository's functions."""
    kinds = (repository_kind(project, function) for function in functions)
    given = dict.fromkeys(key for kind in kinds for key in _puts(kind))
    return Opaque("it can't be resolved", tuple(given))


def _function_kind(project: Project, function: FunctionInfo, depth: int) -> DecoratorKind:
    found = list(dict.fromkeys(_returned_kinds(project, function, depth)))
    kinds = [kind for kind in found if not isinstance(kind, Opaque)]
    if len(kinds) == 1:
        return kinds[0]
    reasons = [kind.reason for kind in found if isinstance(kind, Opaque)]
    if kinds:
        reasons.insert(0, "what it returns depends")
    return Opaque(
        reasons[0] if reasons else "what it returns can't be followed",
        tuple(dict.fromkeys((*_given(function), *(k for kind in found for k in _puts(kind))))),
    )


def _puts(kind: DecoratorKind) -> tuple[str, ...]:
    """The functions that a decorator puts in the place of others."""
    match kind:
        case TransparentWrapper():
            return (kind.wrapper,)
        case Opaque():
            return kind.given
        case _:
            return ()


def _given(function: FunctionInfo) -> Iterator[str]:
    """The inner functions that a function returns or hands to what it returns, and theirs."""
    for value in returned(function.node):
        called = {id(n.func) for n in walk(value) if isinstance(n, ast.Call)}
        for node in walk(value):
            inner = _local(function, node) if isinstance(node, ast.Name) else None
            if inner is None or id(node) in called:
                continue
            if isinstance(inner.node, ast.FunctionDef):
                yield inner.key
            yield from _given(inner)


def _returned_kinds(
    project: Project, function: FunctionInfo, depth: int
) -> Iterator[DecoratorKind]:
    parameter = first_parameter(function)
    for value in returned(function.node):
        inner = _local(function, value)
        if inner is not None:
            if parameter is not None and mentions(inner.node, parameter):
                kind = _wrapper(project, function, inner, parameter)
                if isinstance(kind, Opaque) and any(
                    _local(inner, v) is not None for v in returned(inner.node)
                ):
                    # `def keyed(key): def decorator(f): ...`: the parameter is no function.
                    kind = _function_kind(project, inner, depth + 1)
            else:
                # A decorator with arguments: the inner function is the decorator.
                kind = _function_kind(project, inner, depth + 1)
            yield kind
        elif isinstance(value, ast.Name) and value.id == parameter:
            if _rebinds(function.node, parameter):
                yield Opaque(f"it puts something else in the place of {parameter!r}")
            else:
                yield Registers("it returns the function as it was")
        elif isinstance(value, ast.Call):
            yield _delegated(project, function, value, parameter, depth)
        elif isinstance(value, ast.Name):
            found = project.resolve(function.module, value)
            if isinstance(found, FunctionInfo):
                yield repository_kind(project, found, depth + 1)


def _rebinds(node: FunctionNode, name: str) -> bool:
    return any(
        isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)
        for n in walk(node)
    )


def _delegated(
    project: Project, function: FunctionInfo, value: ast.Call, parameter: str | None, depth: int
) -> DecoratorKind:
    """`return other("argument")(f)`, `return login_required(f)`, `return wraps(f)(wrapper)`."""
    for argument in value.args:
        inner = _local(function, argument)
        if inner is not None and parameter is not None and mentions(inner.node, parameter):
            return _wrapper(project, function, inner, parameter)
    target = value.func.func if isinstance(value.func, ast.Call) else value.func
    local = _local(function, target)
    if local is not None:
        return _function_kind(project, local, depth + 1)
    found = project.resolve(function.module, target)
    if isinstance(found, FunctionInfo | ClassInfo) and found is not function:
        return repository_kind(project, found, depth + 1)
    if isinstance(found, ExternalName):
        return external_kind(found.dotted)
    return Opaque("it hands the function to something that can't be followed")


def _wrapper(
    project: Project, factory: FunctionInfo, wrapper: FunctionInfo, parameter: str
) -> DecoratorKind:
    if isinstance(wrapper.node, ast.AsyncFunctionDef):
        return Opaque("its wrapper is async already")
    for decorator in wrapper.node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = project.resolve(factory.module, target)
        around = external_kind(found.dotted) if isinstance(found, ExternalName) else None
        if isinstance(around, Opaque):
            return Opaque(f"around its wrapper, {around.reason}")
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own_nodes(wrapper.node)):
        return Opaque("its wrapper is a generator")
    if any(isinstance(n, ast.Nonlocal) and parameter in n.names for n in walk(wrapper.node)):
        return Opaque(f"its wrapper assigns {parameter!r}")
    calls = []
    allowed = _read_alone(project, wrapper)
    for node in own_nodes(wrapper.node):
        name = _called_parameter(node.func, parameter) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and name is not None:
            calls.append(node)
            allowed.add(id(name))
    for node in _mentions(wrapper.node, parameter):
        if id(node) not in allowed:
            return Opaque(f"its wrapper hands {parameter!r} on instead of calling it")
    if not calls:
        return Opaque("its wrapper does not call the function")
    wraps = any("wraps" in d.rpartition(".")[2] for d in wrapper.decorators())
    return TransparentWrapper(wrapper.key, tuple(calls), wraps)


def _tests(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions whose truth alone is asked for, or whether they are None or callable."""
    stack: list[ast.expr] = [
        n.test for n in walk(tree) if isinstance(n, ast.If | ast.IfExp | ast.While | ast.Assert)
    ]
    while stack:
        match stack.pop():
            case ast.BoolOp(values=values):
                stack.extend(values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                stack.append(operand)
            case ast.Compare(
                left=left, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]
            ):
                yield left
            case ast.Call(func=ast.Name(id="callable"), args=[argument]):
                yield argument
            case other:
                yield other


def _called_parameter(function: ast.expr, parameter: str) -> ast.Name | None:
    """The name in `f(...)` or `current_app.ensure_sync(f)(...)`."""
    if isinstance(function, ast.Name) and function.id == parameter:
        return function
    if (
        isinstance(function, ast.Call)
        and isinstance(function.func, ast.Attribute)
        and function.func.attr == ENSURE_SYNC
        and len(function.args) == 1
    ):
        argument = function.args[0]
        if isinstance(argument, ast.Name) and argument.id == parameter:
            return argument
    return None


def _read_alone(project: Project, function: FunctionInfo, depth: int = 0) -> set[int]:
    """The names in a function whose definition or truth alone is asked for, by their ids."""
    tree = function.node
    called = {id(n.func) for n in walk(tree) if isinstance(n, ast.Call)}
    found = {id(tested) for tested in _tests(tree)}  # `f(...) if f else None`: whether there is one
    for decorator in tree.decorator_list:  # `@wraps(f)`
        found.update(map(id, walk(decorator)))
    for node in walk(tree):
        match node:
            case ast.Attribute(value=ast.Name() as name) if id(node) not in called:
                found.add(id(name))  # `f.__name__` reads, it doesn't call
            case ast.Call():
                found.update(map(id, _read_arguments(project, function, node, depth)))
    return found


def _read_arguments(
    project: Project, function: FunctionInfo, call: ast.Call, depth: int
) -> Iterator[ast.expr]:
    """The arguments of which a call only reads the definition, if they are functions."""
    reader = project.resolve(function.module, call.func)
    if isinstance(reader, ExternalName) and reader.dotted in READS:
        yield from call.args
    if not isinstance(reader, FunctionInfo) or reader.node.decorator_list or depth > 4:
        return
    given = dict(
        zip(
            (a.arg for a in positional(reader.node.args)),
            takewhile(lambda argument: not isinstance(argument, ast.Starred), call.args),
            strict=False,
        )
    )
    given.update((k.arg, k.value) for k in call.keywords if k.arg is not None)
    read = _read_alone(project, reader, depth + 1)
    for name in {a.arg for a in parameters(reader.node.args)} & given.keys():
        if all(id(n) in read for n in _mentions(reader.node, name)):
            yield given[name]


def _local(function: FunctionInfo, value: ast.expr) -> FunctionInfo | None:
    found = function.locals.get(value.id) if isinstance(value, ast.Name) else None
    return found[0] if found else None


def first_parameter(function: FunctionInfo) -> str | None:
    """The name of the first parameter, `self` not counted."""
    names = [a.arg for a in positional(function.node.args)]
    if function.owner is not None and names:
        names = names[1:]
    return names[0] if names else None


def returned(node: FunctionNode) -> list[ast.expr]:
    """The expressions that a function itself returns, the alternatives of `x if c else y` apart."""
    found: list[ast.expr] = []
    for child in own_nodes(node):
        if isinstance(child, ast.Return) and child.value is not None:
            value = child.value
            found.extend([value.body, value.orelse] if isinstance(value, ast.IfExp) else [value])
    return found


def own_nodes(node: FunctionNode) -> Iterator[ast.AST]:
    """The nodes of a function's body that run when it runs: not those of inner functions."""
    stack: list[ast.AST] = list(reversed(node.body))
    while stack:
        current = stack.pop()
        yield current
        if isinstance(
            current,
            ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.GeneratorExp,
        ):
            continue
        stack.extend(children(current))


def mentions(node: ast.AST, name: str) -> bool:
    """Whether a name occurs anywhere below a node."""
    return any(True for _ in _mentions(node, name))


def _mentions(node: ast.AST, name: str) -> Iterator[ast.Name]:
    return (n for n in walk(node) if isinstance(n, ast.Name) and n.id == name)
