"""What is asked of engines and of their connections, as SQLAlchemy 1.x let it be asked."""

from __future__ import annotations

import ast

from migrator.queries.connections import (
    DRIVER_TEXT,
    given_text,
    gone_call,
    gone_on,
    opened,
    uncommitted,
)
from migrator.queries.step import Action, Step
from migrator.queries.tables import ON_CONNECTION
from migrator.queries.types import NONE, UNKNOWN, External, Opaque, Session, Type
from migrator.types.lattice import Value, options
from migrator.types.session_methods import SessionMethods

#: What makes a number or a text of anything: nothing of a connection is left in it.
_PLAIN_BUILTINS = frozenset(
    f"builtins.{name}" for name in ("bool", "float", "int", "len", "repr", "str")
)


class Connections(SessionMethods):
    """Adds their calls: what they come to is theirs, beside what any call comes to."""

    def data_of_connection(self, node: ast.Call, callee: Value) -> Value:
        """`int(session.connection().connection.version)`: the session's bridge can run it as a whole.

        UNKNOWN where it is something else.
        """
        if not isinstance(callee, External) or callee.dotted not in _PLAIN_BUILTINS:
            return UNKNOWN
        call = _connection_in(node)
        if call is None or not isinstance(call.func, ast.Attribute):
            return UNKNOWN
        sessions = [o for o in options(self.eval(call.func.value)) if o != NONE]
        if not sessions or not all(isinstance(o, Session) and not o.given for o in sessions):
            return UNKNOWN
        data = Opaque(callee.dotted.removeprefix("builtins."))
        return self.step(node, Step(data, Action("run_sync_whole", awaits=True), io=True))

    def connecting_call(self, node: ast.Call, owner: Type, name: str, value: Value) -> Value:
        """What it gives that is `value` to who knows nothing of engines; what of it is gone is told."""
        made = opened(owner, name, value)
        if made is value:
            if detail := gone_on(owner, name, node, self.typeof):
                self.gone(node, detail)
            return value
        function = self.function
        if function is not None and uncommitted(owner, name, node, self.typeof, function.nodes):
            self.gone(node, "a write that nothing commits")
        self.by_the_driver(node, name)
        return made

    def by_the_driver(self, node: ast.Call, name: str) -> bool:
        """`connection.execute("SELECT ...")`: whether the driver gets the text; what is gone is told."""
        if given_text(name, node, self.typeof):
            self.record("step", node.func, action=DRIVER_TEXT, name="text")
            return True
        if detail := gone_call(name, node, self.typeof):
            self.gone(node, detail)
        return False


def _connection_in(node: ast.Call) -> ast.Call | None:
    """The `connection()` at the root of the one argument, to which only constants are given."""
    match node:
        case ast.Call(args=[argument], keywords=[]):
            at: ast.expr = argument
        case _:
            return None
    while True:
        match at:
            case ast.Call(func=ast.Attribute(attr="connection"), args=[], keywords=[]):
                return at
            case ast.Call(func=ast.Attribute(value=at, attr=name), args=args, keywords=[]) if all(
                isinstance(a, ast.Constant) for a in args
            ):
                if name in ON_CONNECTION:
                    return None  # what it executes is awaited itself
            case ast.Attribute(value=at) | ast.Subscript(value=at, slice=ast.Constant()):
                pass
            case _:
                return None
