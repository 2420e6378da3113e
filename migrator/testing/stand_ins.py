"""What a test lets stand in for a part of the application can be awaited by native code.

A `Mock`, a `SimpleNamespace`, a function or an object of a test's own class was written for plain
code: it gives what it gives at once, and has attributes, no `awaitable_attrs`. Where an application's
module awaits what a call gives, the call asks first whether such a thing is called; that runs in the
bridge then, where it may ask the database as ever. Nothing else is awaited that can't be: an `await`
that is one too many is an error in the tests as in production.

https://docs.python.org/3/library/unittest.mock.html
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from functools import partial
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncAttrs

from migrator.runtime.db import call

#: A name that the modules of the tests have. No name of Python's own can clash with these.
OF_TESTS = "@tests"
_FUNCTION, _ATTRIBUTES = "@function", "@attributes"
_AWAITABLE: Callable[[Any], Any] = AsyncAttrs.awaitable_attrs.fget  # type: ignore[attr-defined]  # a property


def awaiting(tree: ast.Module) -> ast.Module:
    """A module of the application, with every call that it awaits asking what it calls."""
    asking: ast.Module = _Asking().visit(tree)
    return asking


class _Asking(ast.NodeTransformer):
    def visit_Await(self, node: ast.Await) -> ast.Await:
        self.generic_visit(node)
        if isinstance(node.value, ast.Call):
            node.value.func = _asked(_FUNCTION, node.value.func)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if node.attr == "awaitable_attrs" and isinstance(node.ctx, ast.Load):
            return _asked(_ATTRIBUTES, node.value)
        return node


def _asked(name: str, node: ast.expr) -> ast.Call:
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [node], []), node)


def _function(fn: Any) -> Any:
    if is_mock(type(fn)):
        # `inspect` takes a mock with a function's `__code__` for a coroutine function: it is hidden.
        return partial(call, lambda *args, **kwargs: fn(*args, **kwargs))
    return partial(call, fn) if _stands_in(fn) and not inspect.iscoroutinefunction(fn) else fn


def _attributes(instance: Any) -> Any:
    if not is_mock(type(instance)):
        cls = instance.__class__  # of what a LocalProxy stands for
        if hasattr(instance, "awaitable_attrs") or not (
            issubclass(cls, SimpleNamespace) or _is_of_tests(cls)
        ):
            return instance.awaitable_attrs
    return _AWAITABLE(instance)


def _stands_in(fn: Any) -> bool:
    while type(fn) in (partial, MethodType):
        fn = fn.func if type(fn) is partial else fn.__func__
    if type(fn) is FunctionType:
        # `create_autospec(function)` is a function itself, around a mock.
        return OF_TESTS in fn.__globals__ or is_mock(type(getattr(fn, "mock", None)))
    cls = fn if isinstance(fn, type) else type(fn)
    return is_mock(cls) or _is_of_tests(cls)


def is_mock(cls: type) -> bool:
    """Of `unittest.mock`, or of the distribution that gives it to older Pythons."""
    return any(base.__name__ == "NonCallableMock" for base in cls.__mro__)


def _is_of_tests(cls: type) -> bool:
    module = sys.modules.get(cls.__module__)
    return module is not None and OF_TESTS in vars(module)


#: What such a module has to know.
NAMES = {_FUNCTION: _function, _ATTRIBUTES: _attributes}
