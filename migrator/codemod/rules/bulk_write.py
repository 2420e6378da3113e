"""`.update(values)` and `.delete()` become UPDATE and DELETE statements with their row count."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import (
    argument,
    attribute,
    awaited,
    expression,
    in_place_of,
    method,
    receiver,
    replace_root,
    strongest,
    with_statement,
)
from migrator.codemod.rewriting.statements import handed
from migrator.queries.step import Action

_PARAMETERS = {"update": ("values", "synchronize_session"), "delete": ("synchronize_session",)}


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The chain's criteria move over; the row count is what the call gave, where it is asked for."""
    assert isinstance(node, cst.Call)
    args = action.args
    given = _arguments(node, args["verb"])
    source, dot = receiver(node)
    if args["rooted"]:
        verb = expression(context.use("sqlalchemy", args["verb"]))
        statement = replace_root(source, lambda root: root.with_changes(func=verb))
    else:
        # Its criteria come from elsewhere.
        helper = context.use("migrator.runtime.db", f"{args['verb']}_of")
        statement = handed(helper, source, args)
    if args["verb"] == "update":
        statement = method(statement, "values", cst.Arg(given["values"]), dot=dot)
    others = []
    if "synchronize_session" in given:
        value = strongest(given["synchronize_session"])
        element = cst.DictElement(cst.SimpleString('"synchronize_session"'), value)
        others.append(argument(cst.Dict([element]), "execution_options"))
    called = with_statement(f"{args['session']}.execute", statement, *others)
    done = awaited(called)
    return in_place_of(node, attribute(done, "rowcount") if args.get("counted", True) else done)


def _arguments(node: cst.Call, verb: str) -> dict[str, cst.BaseExpression]:
    names = _PARAMETERS[verb]
    given = {}
    for index, arg in enumerate(node.args):
        name = arg.keyword.value if arg.keyword is not None else names[index]
        given[name] = arg.value
    return given
