"""`def show(order_id):` becomes `def show(order_id: int):`, by the converters of its rules."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The view with types on its path parameters."""
    types: Mapping[str, str] = action.args["types"]
    spelled = {
        name: context.use("uuid", "UUID") if kind == "uuid.UUID" else kind
        for name, kind in types.items()
    }

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
