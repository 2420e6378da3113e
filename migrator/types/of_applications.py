"""What hangs on the application under a name: `app.config["Order"] = Order`, `current_app.extensions["sqlalchemy"]`.

Only what the repository puts there itself is followed: its classes, its objects, its extension.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.written import written
from migrator.queries.types import (
    NONE,
    UNKNOWN,
    ClassType,
    Db,
    DictOf,
    ModelType,
    Object,
    Opaque,
    Type,
)
from migrator.types.lattice import Value, join_all, options
from migrator.types.operators import Operators

#: The dicts of an application that hold what others have put in.
_HELD = tuple(Opaque(f"flask.Flask.{name}") for name in ("config", "extensions"))
_FOLLOWED = (ModelType, ClassType, Object, Db)
#: Stands for a name that only the run knows.
_ANY = ""


def is_held_by_application(value: Type) -> bool:
    """Whether it is `app.config` or `app.extensions`."""
    return isinstance(value, DictOf) and value.key in _HELD


def _name(key: ast.expr) -> str:
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else _ANY


class OfApplications(Operators):
    """Adds what the application is given by the repository's code, for any of its code."""

    def put_on_application(self, home: Type, key: ast.expr, value: Value) -> None:
        """`app.config["Order"] = Order`; under a name of the run it may be any."""
        assert isinstance(home, DictOf)
        assert isinstance(home.key, Opaque)
        name = _name(key)
        if name or not all(isinstance(o, Opaque) for o in options(value)):
            self.state.flow_attribute(home.key.name, name, value)

    def got_from_application(self, node: ast.expr, home: Type, key: ast.expr) -> Value:
        """`current_app.config["Order"]`, as `node` says it."""
        assert isinstance(home, DictOf)
        assert isinstance(home.key, Opaque)
        name = _name(key)
        if home.key == _HELD[1] and name == "sqlalchemy":
            return self._extension(node)
        if not name or not self.state.read("put", name):
            return UNKNOWN
        if self.state.attribute(home.key.name, _ANY) is not None:
            return UNKNOWN
        value = self.state.attribute(home.key.name, name)
        if value is None and not self.state.is_open:
            return None
        found = options(value)
        if not found or not all(isinstance(o, _FOLLOWED) for o in found):
            return UNKNOWN
        text = written(node)
        here = (replace(o, text=text) if isinstance(o, ModelType | Db) else o for o in found)
        return join_all([*here, *([NONE] if found != [value] else [])])

    def _extension(self, node: ast.expr) -> Value:
        """Flask-SQLAlchemy 3 puts itself there."""
        home, _, name = self.state.read("db_name", "").removesuffix(".session").partition(":")
        value = self.state.read("variables", (home, name)) if name else None
        return replace(value, text=written(node)) if isinstance(value, Db) else UNKNOWN
