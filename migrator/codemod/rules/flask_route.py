"""`@bp.route("/<int:order_id>")` becomes `@bp.get("/{order_id:int}")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Tangled
from migrator.queries.step import Action

_STRING = re.compile(r"""(['"])[^'"\\\n]*\1""")
_COMMA = re.compile(r",[ \t]*")


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The view with its route decorators in FastAPI's syntax."""
    changes: Mapping[int, Mapping[str, Any]] = action.args["decorators"]
    decorators = [
        d.with_changes(decorator=_call(d.decorator, changes[i])) if i in changes else d
        for i, d in enumerate(node.decorators)
    ]
    return node.with_changes(decorators=decorators)


def _call(node: cst.BaseExpression, change: Mapping[str, Any]) -> cst.BaseExpression:
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    first, *rest = node.args
    args = [first]
    if "path" in change:
        args = [first.with_changes(value=_path(first.value, change["path"]))]
    if change.get("plain"):
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        args[0] = args[0].with_changes(comma=comma)
        plain = cst.parse_expression("f(plain=True)")
        assert isinstance(plain, cst.Call)
        args.append(plain.args[0].with_changes(comma=first.comma))
    method = change.get("method")
    for argument in rest:
        name = argument.keyword.value if argument.keyword is not None else ""
        if name == "methods" and method is not None:
            if "methods" not in change:
                continue
            argument = argument.with_changes(value=_methods(argument.value, change["methods"]))
        elif name == "endpoint":
            argument = argument.with_changes(keyword=cst.Name("name"))
        args.append(argument)
    if len(args) < len(node.args) + bool(change.get("plain")):
        # The comma of what has become the last argument went with its successor.
        args[-1] = args[-1].with_changes(comma=node.args[-1].comma)
    func = node.func.with_changes(attr=cst.Name(method)) if method else node.func
    return node.with_changes(func=func, args=args)


def _path(node: cst.BaseExpression, path: str) -> cst.BaseExpression:
    quote = "'" if isinstance(node, cst.SimpleString) and node.quote == "'" else '"'
    return cst.SimpleString(_quoted(path, quote))


def _quoted(path: str, quote: str) -> str:
    escaped = path.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return f"{quote}{escaped}{quote}"


def _methods(node: cst.BaseExpression, methods: list[str]) -> cst.BaseExpression:
    """The list as written when it is in upper case already."""
    code = cst.Module([]).code_for_node(node)
    if isinstance(node, cst.List | cst.Tuple) and all(f"{m}" in code for m in methods):
        return node
    return cst.parse_expression(_listed(methods))


def _listed(methods: list[str]) -> str:
    return "[" + ", ".join(f'"{m}"' for m in methods) + "]"


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> None:
    """The same as text, for decorators on one line."""
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    changes: Mapping[int, Mapping[str, Any]] = action.args["decorators"]
    for index, change in changes.items():
        _splice_call(source, node.decorator_list[index], change)


def _splice_call(source: Source, node: ast.expr, change: Mapping[str, Any]) -> None:
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    first, method = node.args[0], change.get("method")
    spans = [source.plain(a) for a in node.args] + [source.keyword(k) for k in node.keywords]
    _check_layout(source, node, spans)
    text = source.text[slice(*spans[0])]
    if "path" in change:
        if _STRING.fullmatch(text) is None or not isinstance(first, ast.Constant):
            raise Tangled
        text = _quoted(change["path"], text[0])
    source.write(*spans[0], text + (", plain=True" if change.get("plain") else ""))
    for keyword, (start, end) in zip(node.keywords, spans[len(node.args) :], strict=True):
        if keyword.arg == "methods" and method is not None:
            if "methods" not in change:
                _drop(source, spans, spans.index((start, end)))
                continue
            value = source.text[start + len("methods=") : end]
            kept = isinstance(keyword.value, ast.List | ast.Tuple)
            if not (kept and all(m in value for m in change["methods"])):
                source.write(start + len("methods="), end, _listed(change["methods"]))
        elif keyword.arg == "endpoint":
            source.write(start, start + len("endpoint"), "name")
    if method:
        end = source.span(node.func)[1]
        source.write(end - len(node.func.attr), end, method)


def _check_layout(source: Source, node: ast.Call, spans: list[tuple[int, int]]) -> None:
    """Nothing but a comma and spaces is between the arguments, and nothing behind the last one."""
    opened, closed = source.span(node.func)[1], source.span(node)[1]
    around = source.text[opened : spans[0][0]] + source.text[spans[-1][1] : closed]
    between = [source.text[a[1] : b[0]] for a, b in pairwise(spans)]
    if around != "()" or not all(map(_COMMA.fullmatch, between)):
        raise Tangled


def _drop(source: Source, spans: list[tuple[int, int]], index: int) -> None:
    last = index == len(spans) - 1
    source.write(
        *((spans[-2][1], spans[-1][1]) if last else (spans[index][0], spans[index + 1][0])), ""
    )
