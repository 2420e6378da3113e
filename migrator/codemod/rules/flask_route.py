"""`@bp.route("/<int:order_id>")` becomes `@bp.get("/{order_id:int}")`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


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
    args = [first.with_changes(value=_path(first.value, change["path"]))]
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
    if len(args) < len(node.args):
        # The comma of what has become the last argument went with its successor.
        args[-1] = args[-1].with_changes(comma=node.args[-1].comma)
    func = node.func.with_changes(attr=cst.Name(method)) if method else node.func
    return node.with_changes(func=func, args=args)


def _path(node: cst.BaseExpression, path: str) -> cst.BaseExpression:
    quote = "'" if isinstance(node, cst.SimpleString) and node.quote == "'" else '"'
    escaped = path.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return cst.SimpleString(f"{quote}{escaped}{quote}")


def _methods(node: cst.BaseExpression, methods: list[str]) -> cst.BaseExpression:
    """The list as written when it is in upper case already."""
    code = cst.Module([]).code_for_node(node)
    if isinstance(node, cst.List | cst.Tuple) and all(f"{m}" in code for m in methods):
        return node
    return cst.parse_expression("[" + ", ".join(f'"{m}"' for m in methods) + "]")
