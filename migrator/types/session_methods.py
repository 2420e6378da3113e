"""Abstract evaluation of what is called on a session, on its factory and on a Flask-SQLAlchemy extension."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.written import written
from migrator.queries import extensions, lite, tables
from migrator.queries.earlier_extension import EARLIER, MAKES_REGISTRIES, earlier_argument
from migrator.queries.executions import GIVES_OBJECTS, executed
from migrator.queries.types import APART, NONE, UNKNOWN, Db, Session, Type
from migrator.types.classes_of_sessions import refused_by_sessions
from migrator.types.inherited import Inherited
from migrator.types.lattice import Value, transform
from migrator.types.queries import QUERYING, place_of
from migrator.types.session_calls import EXECUTING

#: What a Flask-SQLAlchemy extension does by itself; its other names are SQLAlchemy's.
_DB_HELPERS = frozenset({"get_or_404", "first_or_404", "one_or_404", "paginate"})

#: What only the extension or its metadata has, and only sync code may call.
SCHEMA_METHODS = frozenset({"create_all", "drop_all"})
_OF_SCHEMA = SCHEMA_METHODS | {"reflect"}


class SessionMethods(Inherited):
    """Adds those calls."""

    def session_call(self, node: ast.Call, owner: Session, name: str) -> Value:
        self.arguments(node, reads=name not in tables.OF_WHOLE)
        if name == "refresh":
            match node:
                case ast.Call(args=[ast.Name(id=refreshed)], keywords=[]) if refreshed in self.env:
                    self.env[refreshed] = transform(
                        self.env[refreshed],
                        lambda i: replace(i, stale=False, made=False, changed=False),
                    )
        if name == "query":
            return None if self.is_to_come(node.args) else self.session_query(node, owner)
        if name == "query_property" and isinstance(node.func, ast.Attribute):
            # The queries of the classes that get it are on this session; nothing is asked of it yet.
            self.state.flow_attribute(QUERYING, place_of(self.module, node.func.value), owner)
            return UNKNOWN
        if name in tables.SELECTING and self.is_to_come(node.args[:1]):
            return None
        if name in ("begin", "begin_nested") and self.entering is node:
            return owner
        if name == "connection" and self.connecting is node and not (node.args or node.keywords):
            return self.step(node, tables.connection_step(owner))
        given = tables.text_given(node, self.typeof) if name in EXECUTING else None
        if given is not None:
            self.record("step", given, action=tables.STATEMENT)
        self.running(node, "session", name)
        step = tables.session_step(owner, name, node, self.typeof)
        own = refused_by_sessions(self.state, name)
        if name in self.state.query_classes.of_sessions and not owner.given:
            # It may be the method of an application's own class of sessions.
            self.record("unresolved", node, name=name)
        if own is not None:
            step = replace(step, action=None, refusal=step.refusal or own)
        return self.step(node, step)

    def running(self, node: ast.Call, owner: str, name: str) -> None:
        """A 2.0-style call that gives objects, known as the query that it runs."""
        if name in GIVES_OBJECTS:
            query = executed(name, node, self.typeof)
            self.facts.fetched.setdefault(id(node), (f"{owner}.{name}", set()))[1].add(query)

    def factory_call(self, node: ast.Call, name: str) -> Value:
        """A method of a `sessionmaker`."""
        self.arguments(node)
        if name != "begin":
            return NONE
        if self.entering is node:
            return Session(written(node))
        self.step(node, tables.kept_transaction())
        return tables.KEPT_TRANSACTION

    def db_call(self, node: ast.Call, func: ast.Attribute, owner: Db, name: str) -> Value:
        if argument := earlier_argument(name, node):
            self.record("earlier", node, name=f"{name}({argument}=...)")
        if name == "begin" and extensions.begins(owner):
            return self.factory_call(node, name)
        factory = extensions.member(owner, name) if name == "Session" else None
        if factory is not None:
            return self.called(node, factory)
        if factory is None and name == "Session":
            # SQLAlchemy's class, on an engine of its own choice: a sync session, whatever runs it.
            self.arguments(node)
            return Session(written(node), APART)
        if extensions.makes_schema(owner, name):
            self.arguments(node)
            self.record("external", node, name="schema")
            return UNKNOWN
        if owner.of == "lite" and name in lite.METHODS:
            self.arguments(node)
            if self.is_to_come(node.args[:1]):
                return None
            return self.step(node, lite.step(name, node, self.typeof))
        if name in _DB_HELPERS:
            self.arguments(node)
            if self.is_to_come(node.args[:1]):
                return None
            self.running(node, "db", name)
            return self.step(node, tables.db_step(name, node, self.typeof))
        if name in _OF_SCHEMA:
            self.arguments(node)
            self.record("external", node, name="schema")
            return NONE
        session = self.eval(func) if name == "session" else None
        if session is not None:
            return self.called(node, session)
        if name in EARLIER:
            self.record("earlier", node, name=name)
        if name == MAKES_REGISTRIES:
            self.arguments(node)
            return Session(written(node), scoped=True)
        return self.external_call(node, f"sqlalchemy.{name}")

    def called(self, node: ast.Call, callee: Type) -> Value:
        raise NotImplementedError
