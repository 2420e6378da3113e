"""`def show(order_id):` becomes `def show(order_id: int):`, by the converters of its rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Tangled
from migrator.index.signature import parameters, positional
from migrator.queries.step import Action

_EQUAL = re.compile(r"[ \t]*=[ \t]*")


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The view with types on its path parameters."""
    spelled = _spelled(action, context)

    def typed(parameter: cst.Param) -> cst.Param:
        kind = spelled.get(parameter.name.value)
        if kind is None or parameter.annotation is not None:
            return parameter
        default = parameter.default
        if isinstance(default, cst.Name) and default.value == "None":
            kind += " | None"
        annotation = cst.Annotation(cst.parse_expression(kind))
        if default is None:
            return parameter.with_changes(annotation=annotation)
        spaced = cst.AssignEqual(cst.SimpleWhitespace(" "), cst.SimpleWhitespace(" "))
        return parameter.with_changes(annotation=annotation, equal=spaced)

    parameters = node.params
    return node.with_changes(
        params=parameters.with_changes(
            params=[typed(p) for p in parameters.params],
            posonly_params=[typed(p) for p in parameters.posonly_params],
            kwonly_params=[typed(p) for p in parameters.kwonly_params],
        )
    )


def _spelled(action: Action, context: Context) -> dict[str, str]:
    types: Mapping[str, str] = action.args["types"]
    return {
        name: context.use("uuid", "UUID") if kind == "uuid.UUID" else kind
        for name, kind in types.items()
    }


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> None:
    """The same as text."""
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    spelled = _spelled(action, context)
    arguments = node.args
    required = len(positional(arguments)) - len(arguments.defaults)
    without: list[ast.expr | None] = [None] * required
    for parameter, default in zip(
        parameters(arguments),
        [*without, *arguments.defaults, *arguments.kw_defaults],
        strict=True,
    ):
        kind = spelled.get(parameter.arg)
        if kind is None or parameter.annotation is not None:
            continue
        start = source.offset(parameter.lineno, parameter.col_offset) + len(parameter.arg)
        if default is None:
            source.write(start, start, f": {kind}")
            continue
        end = source.plain(default)[0]
        if _EQUAL.fullmatch(source.text, start, end) is None:
            raise Tangled
        optional = isinstance(default, ast.Constant) and default.value is None
        source.write(start, end, f": {kind} | None = " if optional else f": {kind} = ")
