"""`sessionmaker(bind=engine)` becomes `async_sessionmaker(bind=async_engine(engine))`.

The sync engine stays for what needs it (creating tables, migrations); its async twin has the same
URL and options.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import call
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The factory of AsyncSessions."""
    maker = context.use("sqlalchemy.ext.asyncio", "async_sessionmaker")
    arguments = []
    for index, given in enumerate(node.args):
        is_bind = given.keyword.value == "bind" if given.keyword is not None else index == 0
        if is_bind and not given.star:
            twin = context.use("migrator.runtime.db", "async_engine")
            given = given.with_changes(value=call(twin, given.value))
        arguments.append(given)
    return node.with_changes(func=cst.Name(maker), args=arguments)
