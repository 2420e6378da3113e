"""`declarative_base()` becomes `declarative_base(cls=AsyncAttrs)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument, separated
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call with AsyncAttrs among the classes that the base derives from.

    It comes last, as the class that is given may derive from it itself; but before `object`.
    """
    name = cst.Name(context.use("sqlalchemy.ext.asyncio", "AsyncAttrs"))
    arguments = list(node.args)
    for index, given in enumerate(arguments):
        if given.keyword is not None and given.keyword.value == "cls":
            several = given.value if isinstance(given.value, cst.Tuple) else cst.Tuple([])
            classes = [e.value for e in several.elements] or [given.value]
            ends = isinstance(last := classes[-1], cst.Name) and last.value == "object"
            classes.insert(-1 if ends else len(classes), name)
            several = several.with_changes(elements=[cst.Element(cls) for cls in classes])
            arguments[index] = given.with_changes(value=several)
            return node.with_changes(args=arguments)
    return node.with_changes(args=separated([*arguments, argument(name, "cls")]))
