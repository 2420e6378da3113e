"""A function with the parameters of another: for whoever reads a function's code for their names.

`inspect.signature` believes `__signature__`; pluggy and `inspect.getfullargspec` of SQLAlchemy's
read the code object, and `typing.get_type_hints` looks the names of annotations up in the
function's globals.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

# Names that no parameter and no function of a source can have.
_CALL, _NAME, _OUTER = "@call", "@made", "@outer"


def with_parameters_of(
    fn: Callable[..., Any], call: Callable[[tuple[Any, ...], dict[str, Any]], Any]
) -> Callable[..., Any]:
    """A function of the module of `fn` that takes what `fn` takes and gives it to `call`."""
    if not isinstance(fn, FunctionType):

        def anything(*args: Any, **kwargs: Any) -> Any:
            return call(args, kwargs)

        return anything
    scope: dict[str, Any] = {}
    module = ast.Module([_enclosed(_definition(fn))], [])
    exec(
        compile(ast.fix_missing_locations(module), f"<parameters of {fn.__qualname__}>", "exec"),
        scope,
    )
    inner: FunctionType = scope[_OUTER](call)
    made = FunctionType(
        inner.__code__, fn.__globals__, fn.__name__, fn.__defaults__, inner.__closure__
    )
    made.__kwdefaults__ = fn.__kwdefaults__
    return made


def is_made(code: CodeType) -> bool:
    """Whether this is the code of such a function, which nobody has written."""
    return code.co_name == _NAME


def _enclosed(definition: ast.FunctionDef) -> ast.FunctionDef:
    """A function that takes what is called and returns the defined one: its globals are fn's."""
    return _function(
        _OUTER,
        ast.arguments([], [ast.arg(_CALL)], None, [], [], None, []),
        [definition, ast.Return(_read(_NAME))],
    )


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
    return _function(_NAME, parameters, [ast.Return(called)])


def _function(name: str, parameters: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    return ast.FunctionDef(name=name, args=parameters, body=body, decorator_list=[], returns=None)


def _read(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
