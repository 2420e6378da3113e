"""A function with the parameters of another: for whoever reads a function's code for their names.

`inspect.signature` believes `__signature__`; pluggy and `inspect.getfullargspec` of SQLAlchemy's
read the code object.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

# Names that no parameter can have.
_CALL, _NAME = "@call", "@made"


def with_parameters_of(
    fn: Callable[..., Any],
    call: Callable[[tuple[Any, ...], dict[str, Any]], Any],
    home: str,
) -> Callable[..., Any]:
    """A function of the module `home` that takes what `fn` takes and gives it to `call`."""
    if not isinstance(fn, FunctionType):

        def anything(*args: Any, **kwargs: Any) -> Any:
            return call(args, kwargs)

        return anything
    scope: dict[str, Any] = {"__name__": home, _CALL: call}
    module = ast.Module([_definition(fn)], [])
    exec(
        compile(ast.fix_missing_locations(module), f"<parameters of {fn.__qualname__}>", "exec"),
        scope,
    )
    made: FunctionType = scope[_NAME]
    made.__defaults__, made.__kwdefaults__ = fn.__defaults__, fn.__kwdefaults__
    return made


def _definition(fn: FunctionType) -> ast.FunctionDef:
    code = fn.__code__
    names = list(code.co_varnames)
    first, after = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    plain, keywords, extra = names[:first], names[first:after], names[after:]
    rest = extra.pop(0) if code.co_flags & inspect.CO_VARARGS else None
    others = extra.pop(0) if code.co_flags & inspect.CO_VARKEYWORDS else None
    parameters = ast.arguments(
        posonlyargs=[ast.arg(n) for n in plain[: code.co_posonlyargcount]],
        args=[ast.arg(n) for n in plain[code.co_posonlyargcount :]],
        vararg=ast.arg(rest) if rest else None,
        kwonlyargs=[ast.arg(n) for n in keywords],
        kw_defaults=[None] * len(keywords),
        kwarg=ast.arg(others) if others else None,
        defaults=[],
    )
    positional: list[ast.expr] = [_read(n) for n in plain]
    if rest:
        positional.append(ast.Starred(_read(rest), ast.Load()))
    keys: list[ast.expr | None] = [ast.Constant(n) for n in keywords]
    values: list[ast.expr] = [_read(n) for n in keywords]
    if others:
        keys.append(None)
        values.append(_read(others))
    called = ast.Call(_read(_CALL), [ast.Tuple(positional, ast.Load()), ast.Dict(keys, values)], [])
    return ast.FunctionDef(
        name=_NAME, args=parameters, body=[ast.Return(called)], decorator_list=[], returns=None
    )


def _read(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
