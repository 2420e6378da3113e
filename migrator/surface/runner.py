"""The whole interpreter of set-up code: statements, expressions and calls together."""

from __future__ import annotations

from migrator.surface.calls import Calls
from migrator.surface.expressions import Expressions
from migrator.surface.statements import Statements
from migrator.surface.values import Value


class Runner(Statements, Expressions, Calls):
    """Runs modules and factories of a project on abstract values."""

    def evaluate_attribute(self, owner: Value, name: str) -> Value:
        return self.attribute(owner, name)
