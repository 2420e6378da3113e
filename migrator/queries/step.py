"""What applying one method to a session, a query or a statement means: the vocabulary.

`Step` is the answer of the tables in this package to "this call, on a receiver of this type":
the type of its value, whether it reaches the database, how its node is rewritten, or why it can't
be. The codemod's rules apply an `Action` to the node; the analysis needs none of that.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeAlias

from migrator.frozen import frozen
from migrator.queries.types import UNKNOWN, Type

TypeOf: TypeAlias = Callable[[ast.expr], Type]


@frozen
class Action:
    """How one node is rewritten: `rule` names a module of `migrator.codemod.rules`.

    `args` are that rule's own arguments, plain data. `imports` are the (module, name) pairs that
    the new code needs, `("sqlalchemy", "select")`. `awaits` is True when the new expression
    contains an `await`.
    """

    rule: str
    args: dict[str, Any] = field(default_factory=dict)
    imports: tuple[tuple[str, str], ...] = ()
    awaits: bool = False
    #: For sync code that runs in the bridge: the same rewriting without its awaits.
    sync: bool = False


@frozen
class Refusal:
    """Why a site can't be rewritten natively: a stable code (MIG3xx), a reason, what to do."""

    code: str
    reason: str
    hint: str = ""


@frozen
class Step:
    """What one call means. `io`: it reaches the database. `site`: it counts as a query site."""

    result: Type = UNKNOWN
    action: Action | None = None
    io: bool = False
    site: bool = False
    refusal: Refusal | None = None
    #: "commit", "rollback", "flush", "delete", "refresh"... where objects in memory are affected.
    effect: str = ""
