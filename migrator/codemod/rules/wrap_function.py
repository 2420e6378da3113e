"""A function that must stay sync and takes a session: its body moves into the bridge.

def f(session, x):            async def f(session, x):
    ...body...                    def bridged(session, x):
                                      ...body...
                                  return await bridge(bridged, session, x)
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited
from migrator.queries.step import Action


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The same signature, asynchronous, around the old body."""
    bridge = context.use("migrator.runtime.db", "bridge")
    inner = cst.FunctionDef(
        name=cst.Name("bridged"), params=_bare(node.params), body=node.body, decorators=[]
    )
    arguments = ", ".join(["bridged", *action.args["parameters"]])
    call = cst.parse_expression(f"{bridge}({arguments})")
    body = [inner, cst.SimpleStatementLine([cst.Return(awaited(call))])]
    docstring = node.get_docstring(clean=False)
    if docstring is not None and isinstance(node.body, cst.IndentedBlock):
        first, *rest = node.body.body
        if rest:
            inner = inner.with_changes(body=node.body.with_changes(body=rest))
            body = [first, inner, body[-1]]
    return node.with_changes(asynchronous=cst.Asynchronous(), body=cst.IndentedBlock(body))


def _bare(parameters: cst.Parameters) -> cst.Parameters:
    """The parameters without defaults and annotations: the outer function has them."""

    def bare(parameter: cst.Param) -> cst.Param:
        return parameter.with_changes(
            annotation=None, default=None, equal=cst.MaybeSentinel.DEFAULT
        )

    return parameters.with_changes(
        params=[bare(p) for p in parameters.params],
        posonly_params=[bare(p) for p in parameters.posonly_params],
        kwonly_params=[bare(p) for p in parameters.kwonly_params],
        star_arg=bare(parameters.star_arg)
        if isinstance(parameters.star_arg, cst.Param)
        else parameters.star_arg,
        star_kwarg=bare(parameters.star_kwarg) if parameters.star_kwarg else None,
    )
