"""`sessionmaker(bind=engine)` becomes `async_sessionmaker(bind=engine)`.

The engine stays the sync one, for what needs it (creating tables, migrations, scripts); the sessions
take its async twin, which has the same URL and options.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The factory of AsyncSessions, which takes the same arguments."""
    return node.with_changes(
        func=cst.Name(context.use("migrator.runtime.db", "async_sessionmaker"))
    )
