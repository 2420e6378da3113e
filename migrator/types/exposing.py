"""Objects that other code is given: whoever has them may call what they have, without an await."""

from __future__ import annotations

import ast
import sys

from migrator.queries.types import ClassType, External, Function, Object, Type, Unknown
from migrator.types.bases import calling_base
from migrator.types.builtin_names import OF_DISPLAYS
from migrator.types.escapes import NOBODYS, classes_in, functions_in, mapped_in
from migrator.types.expressions import Expressions
from migrator.types.lattice import Value, options
from migrator.types.names import instance_type
from migrator.types.session_calls import QUERY_METHODS, is_query_of

#: Calls that take objects and call no methods of theirs but special ones.
_READS_NOTHING = ("builtins.", "copy.", "typing.", "dataclasses.", "weakref.")
#: Who reads the attributes of mapped objects by names that the repository says, or none at all.
_READS_ATTRIBUTES = (
    "sqlalchemy.", "flask.", "flask_login.", "flask_sqlalchemy.", "flask_jwt_extended.",
    "flask_principal.", "flask_mail.", "werkzeug.", "wtforms.",
    "wtforms_sqlalchemy.", "flask_wtf.", "marshmallow.", "flask_marshmallow.",
    "marshmallow_sqlalchemy.",
)  # fmt: skip


class Exposing(Expressions):
    """Adds what calls expose of their arguments."""

    def expose(self, value: Value) -> None:
        """Code that we can't follow has these objects, or their class."""
        self.state.mark("exposed", classes_in(value))

    def expose_given(self, node: ast.Call, values: list[Value]) -> None:
        """What a call that we can't follow hands over."""
        found = options(self.known(node.func))
        names = [o.dotted for o in found if isinstance(o, External)]
        if names and all(name.startswith(_READS_NOTHING) for name in names):
            return
        values = [value for value in values if not isinstance(value, NOBODYS)]
        for value in values:
            self.expose(value)
        self.expose_mapped(node, values)

    def expose_mapped(self, node: ast.Call, values: list[Value]) -> None:
        """Of these, the mapped objects, where the callee may know methods of theirs.

        It has what functions give that it is given, too.
        """
        found = {key for value in values for key in self.mapped_by(value)}
        if found and self._asks(node.func):
            self.state.mark("exposed", found)

    def expose_results(self, decorator: ast.expr, given: Function) -> None:
        """What a decorator, if it is of other code, gets by calling what it has decorated."""
        found = self.mapped_by(given)
        if found and not self.state.read("entries", given.key) and self._asks(decorator):
            self.state.mark("exposed", found)

    def expose_returned(self, value: Value) -> None:
        """What a method gives to a base from elsewhere, which calls it."""
        owner = self.function.owner if self.function is not None else None
        if owner is None or not (found := mapped_in(value)):
            return
        own = instance_type(self.state, owner)
        if isinstance(own, Object) and self._asks_as_value(own):
            self.state.mark("exposed", found)

    def mapped_by(self, value: Value) -> set[str]:
        """The mapped classes of whose objects a value is, or which the functions in it give."""
        found = mapped_in(value)
        for function in functions_in(value):
            found |= self.state.mapped_in_result(function.key)
        return found

    def _asks(self, callee: ast.expr) -> bool:
        """Whether the callee may call methods of mapped objects by names that it knows itself."""
        if isinstance(callee, ast.Attribute):
            owners = options(self.known(callee.value))
            return any(self._asks_as_method(callee, owner) for owner in owners)
        return any(map(self._asks_as_value, options(self.known(callee))))

    def _asks_as_method(self, func: ast.Attribute, owner: Type) -> bool:
        match owner:
            case External():
                return self._asks_as_value(External(f"{owner.dotted}.{func.attr}"))
            case Object() | ClassType():
                return self._asks_as_value(owner)
            case Unknown():
                ours = self.state.read("named", func.attr)
                query = func.attr in QUERY_METHODS and is_query_of(func.value)
                return not (ours or query or func.attr in OF_DISPLAYS)
        return False

    def _asks_as_value(self, callee: Type) -> bool:
        match callee:
            case External(dotted):
                plain = dotted.partition(".")[0] in sys.stdlib_module_names
                return not (plain or dotted.startswith((*_READS_NOTHING, *_READS_ATTRIBUTES)))
            case Object(key) | ClassType(key):
                cls = self.project.classes.get(key)
                base = calling_base(self.project, cls)
                return bool(base) and not base.startswith(_READS_ATTRIBUTES)
        return isinstance(callee, Unknown)
