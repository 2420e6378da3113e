"""Queries where they begin and where they are used: sessions, names, classes of their own."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache

from migrator.index.definitions import ClassInfo, Module, Variable, can_be_said
from migrator.index.model import Relationship
from migrator.index.written import written
from migrator.queries import tables
from migrator.queries.listened import LISTENED, heard
from migrator.queries.refusals import QUERY_CLASS, UNKNOWN_ENTITY, refuse
from migrator.queries.types import (
    Alias,
    Instance,
    ModelType,
    Query,
    Session,
)
from migrator.surface.local import local_imports, resolve_import
from migrator.types.besides import refusal_of
from migrator.types.bound_here import binder, imports_inside
from migrator.types.classes_of_queries import ClassesOfQueries
from migrator.types.classes_of_sessions import refused_by_sessions
from migrator.types.crossing import named_here, simple
from migrator.types.facts import FunctionFacts
from migrator.types.lattice import Value, options
from migrator.types.own_queries import is_mapped_apart

#: Begins the name of the session that a class's `query_property()` is on; what such calls are on.
QUERYING = "query_property "
_OF_QUERIES = ("migrator.runtime.db", "session_of_queries")
#: What makes sessions.
_MAKERS = ("sessionmaker", "scoped_session")


def place_of(module: Module, node: ast.expr) -> str:
    """Where an expression stands, as a name that other code above it does not change."""
    return f"{module.name}:{written(node)}"


@lru_cache(maxsize=4096)
def _named(text: str) -> ast.expr | None:
    """A name or dotted name; None for any other text, and for none."""
    node = ast.parse(text, mode="eval").body if text else None
    return node if node is not None and simple(node) else None


def _name_of(home: str, root: str) -> str:
    """`session_of_models_base`: what `session` of the module `shop.models.base` may be called elsewhere."""
    return f"{root}_of_{home.partition('.')[2] or home}".replace(".", "_")


class Queries(ClassesOfQueries):
    """Adds queries to the evaluation."""

    def at_hand(self, query: Query) -> Query:
        """A query with its session as this module spells it; asks for the import it needs.

        Entities that the query has from another function are known by their models' keys alone.
        """
        session = query.session
        if session is not None and session.name:
            here = self.module_session(session.name)
            query = query if here == session else replace(query, session=here)
        return query if query.dynamic else named_here(query, self.denotes)

    def denotes(self, text: str, key: str) -> bool:
        """Whether a name, or dotted name, stands for the mapped class `key` here; "": an alias."""
        node = _named(text)
        if node is None:
            return False
        found = options(self.apart().eval(node))
        if not key:
            return bool(found) and all(isinstance(o, Alias) for o in found)
        return bool(found) and all(isinstance(o, ModelType) and o.key == key for o in found)

    def session_query(self, node: ast.Call, session: Session) -> Value:
        """`session.query(...)`."""
        step = tables.as_given(session, "query", tables.query_call(session, node, self.typeof))
        step = self.of_class(step, self.state.query_classes.everywhere)
        own = refused_by_sessions(self.state, "query")
        step = replace(step, refusal=step.refusal or own or refusal_of(self, session, node))
        here = self.extensions_own(session) and all(simple(a) for a in node.args)
        if step.io and step.refusal is None and not here:
            # What makes it runs in the bridge, where another session has no query().
            step = replace(step, refusal=refuse(QUERY_CLASS, "made in session.query()"))
        return self.step(node, step)

    def model_query(
        self, node: ast.Attribute, owner: ModelType | Alias, *, on_instance: bool = False
    ) -> Value:
        """`Model.query`: on the extension's session, or on that of a `query_property()`.

        An alias has its model's, which selects the model.
        """
        refusal = refuse(UNKNOWN_ENTITY, "of an alias") if isinstance(owner, Alias) else None
        owner = ModelType(owner.key, owner.text, owner.eager)
        cls = self.project.classes.get(owner.key)
        session = self.session_of_queries(cls) if cls is not None else None
        apart = cls is not None and is_mapped_apart(self.state, cls)
        if session is None and not apart:
            session = self.application_session()
        if session is None and self.queries_to_come(apart=apart):
            return None
        classes = self.state.query_classes.everywhere
        if cls is not None:
            classes = self.state.query_classes.of_model(cls)
        step = self.of_class(tables.query_attribute(owner, on_instance=on_instance), classes)
        if not self.extensions_own(session):
            refusal = refusal or refused_by_sessions(self.state, "query")
        step = replace(step, refusal=step.refusal or refusal)
        result = step.result
        if isinstance(result, Query):
            result = replace(result, session=session)
        if step.io and step.refusal is None and not self.extensions_own(session):
            step = replace(
                step, refusal=refuse(QUERY_CLASS, "made by a session's query_property()")
            )
        self.record("step", node, step=step)
        return result

    def session_of_queries(self, cls: ClassInfo) -> Session | None:
        """The session of a `query_property()`, where it is known that `cls` has that one."""
        for ancestor in self.project.mro(cls):
            _, value = ancestor.attributes.get("query", (None, None))
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
                return self._session_in(ancestor.module, value.func.value)
        if self.state.read("db_name", "") and not is_mapped_apart(self.state, cls):
            return None
        # `Base.query = db_session.query_property()`: the one of the repository is every model's.
        registries = self.state.query_classes.registries
        given = {self._session_in(module, node) for module, node in registries}
        if len(given) == 1 and None not in given:
            return given.pop()
        known = [self.state.attribute(QUERYING, place_of(*registry)) for registry in registries]
        if not known or not all(isinstance(k, Session) for k in known):
            return None
        # Which of them it is, or what an object keeps, the run shows.
        return self.module_session(f"{QUERYING}{cls.key}")

    def queries_to_come(self, *, apart: bool) -> bool:
        """Whether it is not known yet on which session a `query_property()` is, be it beside an extension."""
        registries = self.state.query_classes.registries
        if not registries or self.state.is_open or (self.state.read("db_name", "") and not apart):
            return False
        return any(self.state.attribute(QUERYING, place_of(*r)) is None for r in registries)

    def _session_in(self, module: Module, node: ast.expr) -> Session | None:
        """The session of a module that an expression at its top level stands for."""
        inner = type(self)(self.state, module, None, FunctionFacts(""))
        found = inner.eval(node)
        return found if isinstance(found, Session) and found.name else None

    def extensions_own(self, session: Session | None) -> bool:
        """Whether it is the session of the Flask-SQLAlchemy extension."""
        return (
            session is not None
            and bool(session.name)
            and session.name == self.state.read("db_name", "")
        )

    def dynamic_query(self, node: ast.Attribute, owner: Instance, found: Relationship) -> Value:
        """`order.lines` of lazy="dynamic"."""
        session = self.session_of_objects()
        step = tables.dynamic_attribute(
            owner, found.target, session, ordered=found.ordered, secondary=found.secondary
        )
        known = self.state.query_classes
        step = self.of_class(step, [*known.everywhere, *known.dynamic])
        self.record("step", node, step=step)
        return step.result

    def query_member(self, node: ast.Attribute, owner: Query) -> Value:
        step = tables.query_member(self.at_hand(owner), node.attr)
        hidden = heard(node.attr) if LISTENED in owner.state else None
        return self.step(node, replace(step, action=None, refusal=hidden) if hidden else step)

    def session_of_objects(self) -> Session | None:
        """The session that a dynamic relationship's query runs on: the extension's own.

        A function that is given a session has its objects by that. Where the repository makes sessions
        itself, there may be several, and the object is asked for its own.
        """
        if any(self.state.read("said", name) for name in _MAKERS):
            return self.application_session()
        return self.application_session() or self.local_session()

    def application_session(self) -> Session | None:
        """`db.session` as this module spells it; asks for the import where it has none."""
        name = self.state.read("db_name", "")
        return self.module_session(name) if name else None

    def module_session(self, known: str) -> Session | None:
        """A session by the name that its module gives it (`shop.db:session`), spelled for this one."""
        if known.startswith(QUERYING):
            return self._session_of_class(known)
        home, _, text = known.partition(":")
        root, _, rest = text.partition(".")
        key = (self.module.name, home if not rest else "", root)
        for name in self.state.read("names_of", key):
            if not self.is_inner(name):
                return Session(f"{name}.{rest}" if rest else name, known, scoped=not rest)
        if self.is_inner(root) and self.inner_session(known):
            return Session(text, known, scoped=not rest)
        if not self._can_be_imported(home) or not (local := self._free_name(home, root)):
            return None
        if self.state.read("unbound", (home, root, self.module.name)):
            return self._in_its_module(known)
        self.facts.imports.add((home, root, local))
        return Session(f"{local}.{rest}" if rest else local, known, scoped=not rest)

    def _in_its_module(self, known: str) -> Session | None:
        """`config.db.session`: the module has no `db` yet where this one is imported, and has it later."""
        home, _, text = known.partition(":")
        package, _, name = home.rpartition(".")
        around = self.project.find_module(package)
        found = self.project.lookup(around, name) if around is not None else None
        if self._is_taken(name) or found is not self.project.find_module(home):
            return None
        self.facts.imports.add((package, name, name))
        return Session(f"{name}.{text}", known, scoped="." not in text)

    def _free_name(self, home: str, root: str) -> str:
        """What `root` of the module `home` may be imported as, "" where every name is another thing's.

        Two modules may both have a session of that name, and this one may need the two.
        """
        others = [o for o in self.state.read("homes", root) if o != home]
        if not others and not self._is_taken(root):
            return root
        local = _name_of(home, root)
        taken = self._is_taken(local) or any(_name_of(other, root) == local for other in others)
        return "" if taken else local

    def _can_be_imported(self, home: str) -> bool:
        return bool(home) and can_be_said(home, self.project.package)

    def _is_taken(self, name: str) -> bool:
        return self.is_inner(name) or self.project.binds(self.module, name)

    def _session_of_class(self, known: str) -> Session | None:
        """`session_of_queries(Order)`, where the class and the function have a name in this module."""
        key = known.removeprefix(QUERYING)
        home, _, name = key.partition(":")
        if not self.denotes(name, key):
            if "." in name or self._is_taken(name) or not self._can_be_imported(home):
                return None
            self.facts.imports.add((home, name, name))
        if self._is_taken(_OF_QUERIES[1]):
            return None
        self.facts.imports.add((*_OF_QUERIES, _OF_QUERIES[1]))
        return Session(f"{_OF_QUERIES[1]}({name})", known, scoped=True)

    def inner_session(self, known: str) -> bool:
        """Whether a name of this function's own stands for the same session as that of `known`."""
        home, _, text = known.partition(":")
        root = text.partition(".")[0]
        bound = binder(self.function, root)
        if isinstance(bound, ast.stmt) and self.function is not None:
            found = resolve_import(self.project, local_imports(self.function, [bound])[root])
            return isinstance(found, Variable) and (found.module, found.name) == (home, root)
        if not isinstance(bound, ast.arg):
            return False
        apart = type(self)(self.state, self.module, self.function, FunctionFacts(""))
        apart.env = self.env
        value = apart.eval(ast.parse(text, mode="eval").body)
        return isinstance(value, Session) and value.name == known

    def is_inner(self, name: str) -> bool:
        """Whether a name stands for something of this function's own, or will: not the module's."""
        return name in self.env or self.is_local(name) or imports_inside(self.function, name)

    def is_local(self, name: str) -> bool:
        """Whether this function, or one around it, has a variable of that name."""
        function = self.function
        while function is not None:
            if name in function.bound_names():
                return True
            function = function.parent
        return False

    def local_session(self) -> Session | None:
        """The one session at hand in this function, if there is just one."""
        # A parameter's has the text of whoever calls.
        held = {name: v for name, v in self.env.items() if isinstance(v, Session)}
        found = {v.text: v if v.name else replace(v, text=name) for name, v in held.items()}
        return next(iter(found.values())) if len(found) == 1 else None
