"""What a failed `assert` compared, for test modules that pytest's own rewriting does not see.

The two sides are shown as pytest shows them: by the hook `pytest_assertrepr_compare`, pytest's own
implementation and those of the suite's conftest files. What is public of pytest's rewriting is the
registration of modules that it loads itself.
https://docs.pytest.org/en/stable/how-to/assert.html#defining-your-own-explanation-for-failed-assertions
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from reprlib import Repr
from typing import Any

import pytest

# No names of Python's own can clash with them.
_HOLDS = "@holds"
_COMPARED = "@compared"
_TOLD = "@told"

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}

_short = Repr()
_short.maxstring = _short.maxother = 240
_short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = 20


class Details:
    """Rewrites asserts, and tells the values of those that fail; one for a run."""

    def __init__(self) -> None:
        self._item: pytest.Item | None = None
        # A failed comparison leaves its text here for the message, which Python asks for next.
        self._failed: list[str] = []

    @contextmanager
    def of(self, item: pytest.Item) -> Iterator[None]:
        """While this test runs, its hooks are asked."""
        self._item = item
        try:
            yield
        finally:
            self._item = None
            self._failed.clear()

    def rewritten(self, node: ast.Assert) -> ast.Assert:
        """`assert a == b, message` as one whose message tells `a` and `b` too."""
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            sign = ast.Constant(_SIGNS[type(test.ops[0])])
            test = _call(_COMPARED, sign, test.left, *test.comparators)
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test = _call(_HOLDS, ast.Constant("not "), test.operand)
        else:
            test = _call(_HOLDS, ast.Constant(""), test)
        told = _call(_TOLD, *([] if node.msg is None else [node.msg]))
        return ast.copy_location(ast.Assert(test, told), node)

    @property
    def names(self) -> dict[str, Any]:
        """What rewritten modules call."""
        return {_HOLDS: self._holds, _COMPARED: self._compared, _TOLD: self._told}

    def _holds(self, negation: str, value: Any) -> bool:
        passed = bool(value) is not bool(negation)
        if not passed:
            self._failed.append(f"{negation}{_short.repr(value)}")
        return passed

    def _compared(self, sign: str, left: Any, right: Any) -> bool:
        passed = bool(_OPERATIONS[sign](left, right))
        if not passed:
            self._failed.append(self._comparison(sign, left, right))
        return passed

    def _comparison(self, sign: str, left: Any, right: Any) -> str:
        item = self._item
        if item is not None:
            for lines in item.ihook.pytest_assertrepr_compare(
                config=item.config, op=sign, left=left, right=right
            ):
                if lines:
                    return "\n  ".join(lines)
        return f"{_short.repr(left)} {sign} {_short.repr(right)}"

    def _told(self, *message: Any) -> str:
        said = f"assert {self._failed.pop()}"
        return f"{message[0]}\n{said}" if message else said


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])
