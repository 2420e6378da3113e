"""What any code of a request may ask for: what `flask.g` and `current_app` hold, and who is logged in."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.definitions import ExternalName
from migrator.index.written import written
from migrator.queries.types import (
    NONE,
    UNKNOWN,
    Db,
    External,
    Function,
    Object,
    Opaque,
    Session,
    Type,
)
from migrator.types.lattice import Value, holds_instance, join, join_all, options, stale
from migrator.types.mapped_members import LOGIN_NAMES, MappedMembers

FLASK = "flask.Flask"
CURRENT_USER = "flask_login.current_user"
#: What Flask-Login gives where an application has no class of its own for it.
_ANONYMOUS = Opaque("flask_login.AnonymousUserMixin")
#: What is followed that the application has under a name of the repository's own.
ON_APPLICATION = (Db, Function, Object, Session)


class OfRequests(MappedMembers):
    """Adds what any code of a request may ask for."""

    def hanging(self, value: Value) -> Value:
        """What hangs on the request, which whoever calls this may have committed already."""
        if value is None and self.state.is_open:
            return UNKNOWN  # an extension has put it there
        if holds_instance(value):
            self.state.flow_hung(self.state.current)
        return stale(value) if self.committed or self.state.hooks_commit() else value

    def put_by_hand(self, owner: Opaque, name: str) -> Value:
        """What the repository has put on the objects of a foreign class: `blueprint.driver = Driver()`; else None.

        Its own code may have put something else there: `args.order` is what was parsed, too.
        """
        if owner.name in ("", FLASK) or not self.state.read("given", name):
            return None
        put = self.state.attribute(owner.name, name)
        return join(put, UNKNOWN) if put is not None else None

    def is_put_elsewhere(self, name: str, value: Value) -> bool:
        """Whether None alone is known of an attribute, and something unknown is given one of its name."""
        return value == NONE and self.state.attribute(FLASK, name) is not None

    def current_user(self, node: ast.expr) -> Value:
        """Flask-Login's user, or None where no user loader is seen."""
        loader = self.state.attribute("flask_login", "user")
        self.record("user", node, io=True)
        # Nobody logged in is no instance of the model.
        anonymous = self.state.attribute("flask_login", "anonymous")
        if anonymous is None and not self.state.read("given", "anonymous_user"):
            anonymous = _ANONYMOUS
        result = join(loader, anonymous) if loader else None
        return self.hanging(result) if result is not None else None

    @staticmethod
    def is_nobodys(owner: Type, name: str) -> bool:
        """Whether asking the user for this raises AttributeError where nobody is logged in."""
        return owner == _ANONYMOUS and name not in LOGIN_NAMES

    def is_current_user(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id in self.env:
            return self.env[node.id] == External(CURRENT_USER)
        found = self.project.resolve(self.module, node)
        return isinstance(found, ExternalName) and found.dotted == CURRENT_USER

    def is_of_own_application(self, name: str) -> bool:
        """Whether a class of applications of the repository's own has a member of that name."""
        return any(self.is_own(cls.key, name) for cls in self.state.applications)

    def on_application(self, node: ast.Attribute) -> Value:
        """`current_app.publisher`: set by hand, or a member of the repository's own class of applications."""
        own = [
            self.object_member(node, cls.key)
            for cls in self.state.applications
            if self.is_own(cls.key, node.attr)
        ]
        hung = join_all([self.state.attribute("flask.Flask", node.attr), *own])
        if hung is None:
            return UNKNOWN if self.state.is_open else None
        found = options(hung)
        if not found or not all(isinstance(o, ON_APPLICATION) for o in found):
            return UNKNOWN
        text = written(node)
        return join_all([replace(o, text=text) if isinstance(o, Db) else o for o in found])

    def object_member(self, node: ast.Attribute, key: str) -> Value:
        raise NotImplementedError

    def is_own(self, key: str, name: str) -> bool:
        raise NotImplementedError
