"""`declarative_base()` becomes `declarative_base(cls=AsyncAttrs)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import argument, separated
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call with AsyncAttrs among the classes that the base derives from."""
    name = cst.Name(context.use("sqlalchemy.ext.asyncio", "AsyncAttrs"))
    arguments = list(node.args)
    for index, given in enumerate(arguments):
        if given.keyword is not None and given.keyword.value == "cls":
            if isinstance(given.value, cst.Tuple):
                value = given.value.with_changes(
                    elements=[cst.Element(name), *given.value.elements]
                )
            else:
                value = cst.Tuple([cst.Element(name), cst.Element(given.value)])
            arguments[index] = given.with_changes(value=value)
            return node.with_changes(args=arguments)
    return node.with_changes(args=separated([*arguments, argument(name, "cls")]))
