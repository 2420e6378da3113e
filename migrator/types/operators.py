"""Abstract evaluation of operators: what they give, and which methods of an object they call."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.index.written import written
from migrator.queries import tables
from migrator.queries.step import Action
from migrator.queries.types import (
    OPAQUE,
    TEXT,
    UNKNOWN,
    Column,
    DictOf,
    External,
    Instance,
    ListOf,
    ModelType,
    Opaque,
    Query,
    RelationshipAttribute,
    Session,
    TupleOf,
)
from migrator.types.externals import RAISING
from migrator.types.lattice import (
    Value,
    join,
    join_all,
    may_load,
    options,
)
from migrator.types.rows_by_name import RowsByName

_COMPARING = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
#: The middle of the names of the methods that an operator calls.
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv",
    ast.Mod: "mod", ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitOr: "or",
    ast.BitXor: "xor", ast.BitAnd: "and", ast.FloorDiv: "floordiv", ast.Invert: "invert",
    ast.UAdd: "pos", ast.USub: "neg",
}  # fmt: skip
#: Of an AsyncSession that is asked who it is: the Session underneath, which SQLAlchemy hands over.
UNDERNEATH = Action("listened", imports=(("migrator.runtime.db", "listened"),))
_SESSIONS = frozenset(External(f"sqlalchemy.orm.{name}") for name in ("Session", "session.Session"))


class Operators(RowsByName):
    """Adds what stands between expressions: arithmetic, comparisons, `and`, `or`, `not`."""

    def tested(self, node: ast.expr) -> Value:
        """The type of an expression whose truth is taken."""
        if isinstance(node, ast.BoolOp):
            return join_all([self.tested(v) for v in node.values])
        value = self.eval(node)
        found = options(value)
        self.special(node, value, "__bool__", "__len__", name="truth of an object")
        if any(isinstance(o, Query) for o in found):
            step = tables.query_truth(all(isinstance(o, Query) for o in found))
            self.record("step", node, step=step, name="truth")
        return value

    def chosen(self, node: ast.BoolOp) -> Value:
        """`a or b` for its value: a query on the left would be asked for its truth."""
        values = [self.eval(v) for v in node.values]
        left = [o for v in values[:-1] for o in options(v)]
        if any(isinstance(o, Query) for o in left):
            plain = isinstance(node.op, ast.Or) and isinstance(node.values[0], ast.Name)
            known = len(values) == 2 and all(isinstance(o, Query) for o in left)
            step = tables.query_choice(plain and known)
            self.record("step", node, step=step, name="truth")
        return self.either(node, zip(node.values, values, strict=True))

    def either(self, node: ast.expr, parts: Iterable[tuple[ast.expr, Value]]) -> Value:
        """The join of an expression's alternatives; a query that is lost in it is noted."""
        values = [value for part, value in parts if not self._raises(part)]
        if tables.TRANSACTION in values and any(v != tables.TRANSACTION for v in values):
            self.step(node, tables.kept_transaction())
            return tables.KEPT_TRANSACTION
        return self.joined(node, values)

    def _raises(self, node: ast.expr) -> bool:
        """Whether it is `abort(404)`, of which no value comes."""
        called = self.types.get(id(node.func)) if isinstance(node, ast.Call) else None
        return isinstance(called, External) and called.dotted in RAISING

    def binary(self, node: ast.BinOp) -> Value:
        left, right = self.eval(node.left), self.eval(node.right)
        result = self.operated(node, left, right)
        for value in (left, right):
            self.query_lost(node, value, result)
        return result

    def operated(self, node: ast.BinOp, left: Value, right: Value) -> Value:
        """What an operator gives."""
        operator = OPERATORS[type(node.op)]
        own = [
            *self.operated_by(node, node.left, left, f"__{operator}__", given=right),
            *self.operated_by(node, node.right, right, f"__r{operator}__", given=left),
        ]
        if own:
            return self.joined(node, own)
        if isinstance(left, ListOf) or isinstance(right, ListOf):
            return join(left, right) if isinstance(node.op, ast.Add | ast.BitOr) else left
        if isinstance(node.op, ast.Mod) and isinstance(left, Opaque):
            parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            for part in parts:
                self.shown(node, self.known(part))
            return left if left == TEXT else OPAQUE
        if isinstance(left, Column) or isinstance(right, Column):
            return Column(written(node))
        if left is None or right is None:
            return None
        if isinstance(left, DictOf) and isinstance(right, DictOf):
            return join(left, right)
        if (
            isinstance(left, TupleOf)
            and isinstance(right, TupleOf)
            and isinstance(node.op, ast.Add)
        ):
            return TupleOf((*left.items, *right.items))
        if isinstance(node.op, ast.Add) and left == right == TEXT:
            return TEXT
        return UNKNOWN if may_load(left) or may_load(right) else OPAQUE

    def compare(self, node: ast.Compare) -> Value:
        operands = (node.left, *node.comparators)
        values = [self.eval(e) for e in operands]
        if any(isinstance(o, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for o in node.ops):
            for operand, value in zip(operands, values, strict=True):
                if any(isinstance(o, Instance) and self.is_user(o) for o in options(value)):
                    self.given(operand, value)
                self.compared(node, value)
        compared: list[Value] = []
        for index, (operator, operand) in enumerate(zip(node.ops, node.comparators, strict=True)):
            value = values[index + 1]
            if isinstance(operator, ast.Is | ast.IsNot):
                # It asks neither of them for anything.
                self.identity((operands[index], values[index]), (operand, value))
                continue
            contains = isinstance(operator, ast.In | ast.NotIn)
            if contains:
                self.membership(node, operands[index], value)
            given = values[index]
            if contains and not self.special(node, value, "__contains__", given=given):
                self.iterated(operand, value)
            own = [
                *self.operated_by(node, operands[index], given, *_COMPARING, given=value),
                *self.operated_by(node, operand, value, *_COMPARING, given=given),
            ]
            compared.extend(own)
        if compared and len(node.ops) == 1:
            return self.joined(node, compared)
        if any(isinstance(v, Column | RelationshipAttribute | ModelType) for v in values):
            return Column(written(node))
        return Opaque("bool")

    def identity(self, *sides: tuple[ast.expr, Value]) -> None:
        """`object_session(order) is session`: one may be the session underneath the other."""
        found = [o for _, value in sides for o in options(value)]
        sessions = [o for o in found if isinstance(o, Session)]
        mixed = any(o.given for o in sessions) or UNKNOWN in found
        if mixed and sessions and all(map(_may_be_session, (value for _, value in sides))):
            for node, value in sides:
                self.underneath(node, value)

    def class_asked(self, node: ast.expr, value: Value, classes: Value) -> None:
        """`isinstance(session, Session)`: an AsyncSession is none."""
        named = [*(classes.items if isinstance(classes, TupleOf) else options(classes))]
        if UNKNOWN not in options(value) or any(o in _SESSIONS for o in named):
            self.underneath(node, value)

    def underneath(self, node: ast.expr, value: Value) -> None:
        """What may be a session is the Session underneath, and a registry of them is what it is."""
        spelled = isinstance(node, ast.Attribute) and written(node).endswith(".session")
        for option in options(value):
            session = isinstance(option, Session) and option
            # A parameter that gets the one of `object_session()` may get the other kind as well.
            known = session and (
                isinstance(node, ast.Call) if session.given else spelled and session.name
            )
            if option == UNKNOWN or (session and not known):
                self.record("step", node, action=UNDERNEATH, name="listened")
                return


def _may_be_session(value: Value) -> bool:
    return any(o == UNKNOWN or isinstance(o, Session) for o in options(value))
