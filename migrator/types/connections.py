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
from migrator.queries.types import Type
from migrator.types.lattice import Value
from migrator.types.session_methods import SessionMethods


class Connections(SessionMethods):
    """Adds their calls: what they come to is theirs, beside what any call comes to."""

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
        self.by_the_driver(node, owner, name)
        return made

    def by_the_driver(self, node: ast.Call, owner: Type, name: str) -> bool:
        """`connection.execute("SELECT ...")`: whether the driver gets the text; what is gone is told."""
        if given_text(name, node, self.typeof):
            self.record("step", node.func, action=DRIVER_TEXT, name="text")
            return True
        if detail := gone_call(name, node, self.typeof):
            self.gone(node, detail)
        return False
