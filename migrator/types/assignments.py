"""Abstract execution of assignments: to names, parts, attributes and items."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from migrator.index.model import Model
from migrator.index.passing import passing
from migrator.index.walk import walk
from migrator.queries.join import item_type, subscript_type
from migrator.queries.types import (
    UNKNOWN,
    ClassType,
    Column,
    Db,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    Object,
    Opaque,
    Query,
    Row,
    Session,
    TupleOf,
    Unknown,
)
from migrator.types.calls import Calls
from migrator.types.crossing import simple, without_calls
from migrator.types.lattice import (
    Value,
    holds_query,
    join,
    join_all,
    options,
    transform,
)
from migrator.types.members import DB_HUNG
from migrator.types.names import SESSION_NAMES, instance_type
from migrator.types.of_applications import is_held_by_application
from migrator.types.of_requests import FLASK, ON_APPLICATION
from migrator.types.operators import OPERATORS
from migrator.types.own_queries import makes_query_property

#: An attribute of a session that is the same on `db.session`.
_SESSIONS_OWN = "autoflush"
#: What of a value may change an attribute.
_ACTING = (ast.Await, ast.Call, ast.NamedExpr, ast.Yield, ast.YieldFrom)


def is_one_call(node: ast.AST) -> bool:
    """Whether a statement is a `setattr` or a `setitem` in other words, and neither more nor less.

    A call evaluates the object and the key before the value, an assignment after it.
    """
    match node:
        case ast.Assign(targets=[ast.Attribute()]):
            return True
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(), slice=key)], value=value):
            if isinstance(key, ast.Name | ast.Constant):
                return not any(isinstance(part, ast.NamedExpr) for part in walk(value))
            return bool(simple(key)) and not any(isinstance(part, _ACTING) for part in walk(value))
    return False


def _operands(node: ast.expr) -> Iterator[ast.expr]:
    """What an expression computes with: `Order.amount` and `1` of `Order.amount + 1`."""
    match node:
        case ast.BinOp(left=left, right=right):
            yield from (*_operands(left), *_operands(right))
        case ast.UnaryOp(operand=operand):
            yield from _operands(operand)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_operands(body), *_operands(orelse))
        case _:
            yield node


class Assignments(Calls):
    """What a value that is given a name or a place does to the types, and whether that loads."""

    def _passes(self) -> bool:
        """Whether the module's own code binds the name again before anything asks for it."""
        return id(self.assigning) in self.project.derived(passing, self.module)

    def assign(self, target: ast.expr, value: Value) -> None:
        value = without_calls(value)
        match target:
            case ast.Name():
                if isinstance(value, ModelType) and not self.denotes(value.text, value.key):
                    value = replace(value, text=target.id)
                self.env[target.id] = value
                self.remember(target.id, value)
                if self.assigning is not None:
                    self.begin_here(self.assigning.value)
                    self.session_called(self.assigning.value, value, "held", target.id)
                if self.function is not None and target.id in self.function.shared_names():
                    self.query_given_away(target, value)
                if target.id in self.globals or (self.function is None and not self._passes()):
                    self.keep_variable(target, self.module.name, target.id, value)
            case ast.Tuple() | ast.List():
                self.unpack(target, value)
            case ast.Starred():
                self.assign(target.value, ListOf(self.some(value)))
            case ast.Attribute():
                self.assign_attribute(target, value)
            case ast.Subscript():
                owner = self.eval(target.value)
                self.eval(target.slice)
                for option in options(owner):
                    if is_held_by_application(option):
                        self.hung_on_application(target, option, target.slice, value)
                    elif isinstance(option, DictOf):
                        if not self.replaced_under(target, value):
                            self.widen(target.value, self.put_under(target.slice, value))
                    elif isinstance(option, ListOf) and not isinstance(target.slice, ast.Slice):
                        self.widen(target.value, ListOf(self.some(value)))
                    else:
                        whole = self.assigning
                        if whole is not None and is_one_call(whole):
                            self.special(whole, option, "__setitem__", name="assign")
                        else:
                            self.special(target, option, "__setitem__", name="item assignment")
                        self.escape(target, value)

    def replaced_under(self, target: ast.Subscript, value: Value) -> bool:
        """`context["orders"] = rows` in a dict that nobody else has: what was there is gone."""
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
                held = self.env.get(name)
            case _:
                return False
        was = dict(held.known).get(key) if isinstance(held, DictOf) else None
        if not isinstance(held, DictOf) or not held.closed or not holds_query(was):
            return False
        if self.is_given(name) or self.is_shared(name):
            # Where it is known by another name, the query is not what is there any more.
            self.query_given_away(target, was)
            return False
        known = {**dict(held.known), key: self.some(value)}
        content = self.some(join_all(known.values()))
        self.env[name] = made = DictOf(held.key, content, tuple(sorted(known.items())), True)
        self.remember(name, made)
        return True

    def remember(self, name: str, value: Value) -> None:
        """Join a name's type into what the functions inside this one see of it."""
        old = self.facts.environment.get(name)
        new = join(old, value)
        if self.function is not None and name in self.function.names_inside():
            self.query_lost(self.function.node, old, new)
            self.query_lost(self.function.node, value, new)
        if new != old or name not in self.facts.environment:
            self.facts.environment[name] = new
            if self.function is not None:
                self.state.put("closures", (self.function.key, name), None)

    def unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        count = len(target.elts)
        found: list[Value] = [*options(value)] or [value]
        if not any(isinstance(element, ast.Starred) for element in target.elts):
            # A tuple of another length is not what is taken apart here.
            fitting = [o for o in found if not isinstance(o, TupleOf) or len(o.items) == count]
            found = fitting or found
        parts: list[list[Value]] = [[] for _ in target.elts]
        whole = self.assigning
        if whole is not None and target is whole.targets[0]:
            self.rows_asked(whole.value, value)
        for option in found:
            # A part of a display that is taken apart in its turn: nothing has run the query.
            self.query_given_away(target, option if isinstance(option, Query) else None)
            items = option.items if isinstance(option, TupleOf | Row) else None
            if items is None or len(items) != count:
                items = (item_type(option),) * count if option is not None else ()
            for part, item in zip(parts, items, strict=False):
                part.append(self.taken_out(item))
        for element, part in zip(target.elts, parts, strict=True):
            self.assign(element, self.joined(element, part))

    def assign_attribute(self, target: ast.Attribute, value: Value) -> None:
        owner = self.eval(target.value)
        self.subject(target, owner)
        if self.assigning is not None and makes_query_property(self.assigning.value):
            return
        value = self.kept(target, value)
        if self.assigning is not None:
            self.session_called(self.assigning.value, value, "kept", target.attr)
        if target.attr == "__dict__":
            self.given_by_name(owner)
        if self._is_session(target.value, owner) and target.attr != _SESSIONS_OWN:
            self.record("put", target)
        if isinstance(target.value, ast.Name) and target.value.id in self.env:
            self._changed(target.value.id)
        for option in options(owner):
            match option:
                case Object() if setters := self.set_on(option, target.attr, value):
                    self.assigned(target, setters)
                case Object(key) | ClassType(key):
                    if isinstance(value, Session) and not value.name:
                        value = Session(f"self.{target.attr}", scoped=value.scoped)
                    self.keep(target, key, target.attr, value)
                    if isinstance(value, Db):
                        # The object may be the application, of a class of its own.
                        self.state.flow_attribute("flask.Flask", target.attr, value)
                case Db(key=key) if target.attr != "session":
                    self.keep(target, key or DB_HUNG, target.attr, value)
                case External("flask.g" | "flask.request" as home):
                    self.keep(target, home, target.attr, value)
                case Function(key):
                    self.keep(target, key, target.attr, value)
                    self.escape(target, value)
                case Instance(key):
                    model = self.models.by_key.get(key)
                    if model is None:
                        continue
                    relationship = model.relationships.get(target.attr)
                    if relationship is not None:
                        if self.assign_relationship(target, option, relationship.uselist):
                            continue
                    elif target.attr in model.proxies:
                        self.assigned(target, ())
                        continue
                    elif target.attr not in model.columns:
                        if setters := self.set_on(option, target.attr, value):
                            self.assigned(target, setters)
                        elif not self.got_from(option, target.attr):
                            self.keep(target, key, target.attr, value)
                    if setters := self.heard(model, target.attr, value):
                        self.assigned(target, setters)
                case ModelType(key) if self._is_followed_there(value):
                    self.keep(target, key, target.attr, value)
                case _ if self.models_get(target, target.value, option, target.attr, value):
                    pass
                case _ if target.attr == "anonymous_user":
                    # Flask-Login's: what it makes stands for whoever is not logged in.
                    self.state.flow_attribute("flask_login", "anonymous", self.made_by(value))
                case _:
                    if isinstance(option, Opaque) and option.name not in ("", FLASK):
                        self.keep(target, option.name, target.attr, value)
                    # None: what a function gives is not known yet.
                    followed = all(isinstance(o, ON_APPLICATION) for o in options(value))
                    self.state.flow_attribute(
                        "flask.Flask", target.attr, value if followed else UNKNOWN
                    )
                    self.escape(target, value)

    def _is_followed_there(self, value: Value) -> bool:
        """Whether a class is given an object that its attribute gives as it is, and no descriptor's result."""
        keys = [option.key for option in options(value) if isinstance(option, Object)]
        classes = [cls for key in keys if (cls := self.project.classes.get(key)) is not None]
        return bool(keys) and not any(self.project.method(cls, "__get__") for cls in classes)

    def _changed(self, name: str) -> None:
        """An attribute of what a variable holds is set: what the database computes of it will be expired.

        So will be what is set to an expression of SQL.
        """
        given = _operands(self.assigning.value) if self.assigning is not None else ()
        by_sql = any(isinstance(self.types.get(id(node)), Column) for node in given)
        self.env[name] = transform(
            self.env[name], lambda i: replace(i, changed=True, stale=i.stale or by_sql)
        )

    @staticmethod
    def _is_session(node: ast.expr, value: Value) -> bool:
        """Whether attributes are put on a session, as far as its type or else its name says."""
        name = getattr(node, "id", getattr(node, "attr", ""))
        return any(
            isinstance(o, Session) or (isinstance(o, Unknown) and name in SESSION_NAMES)
            for o in options(value)
        )

    def made_by(self, value: Value) -> Value:
        """What calling a class or a function gives, by whoever does it."""
        found: list[Value] = []
        for option in options(value):
            cls = (
                self.project.classes.get(option.key)
                if isinstance(option, ClassType | ModelType)
                else None
            )
            if cls is not None:
                found.append(instance_type(self.state, cls))
            elif isinstance(option, Function):
                found.append(self.state.result(option.key))
            else:
                found.append(UNKNOWN)
        return join_all(found)

    def assign_relationship(self, target: ast.Attribute, owner: Instance, uselist: bool) -> bool:
        """Replacing an unloaded collection loads the old one (True); a many-to-one does not."""
        loads = uselist and not owner.fresh and target.attr not in owner.loaded
        if loads:
            self.assigned(target, ())
        return loads

    def assigned(self, target: ast.Attribute, callees: tuple[str, ...]) -> None:
        """An assignment that loads: the whole statement becomes a `setattr` in the bridge."""
        node: ast.AST = target if self.assigning is None else self.assigning
        self.record("external", node, callees=callees, name="assign")

    def augmented(self, node: ast.AugAssign) -> None:
        value = self.eval(node.value)
        if isinstance(node.target, ast.Name):
            old = self.env.get(node.target.id)
            operator = OPERATORS[type(node.op)]
            where = "augmented assignment"
            methods = (f"__i{operator}__", f"__{operator}__")
            own = [
                *self.operated_by(node, node.target, old, *methods, name=where, given=value),
                *self.operated_by(
                    node, node.value, value, f"__r{operator}__", name=where, given=old
                ),
            ]
            if own:
                self.assign(node.target, join_all(own))
            elif isinstance(old, ListOf) and isinstance(node.op, ast.Add):
                item = self.iterated(node.value, value)
                self.assign(node.target, ListOf(self.some(join(old.item, item))))
            else:
                self.taken_in(node, old, value)
            return
        if isinstance(node.target, ast.Subscript):
            owner = self.eval(node.target.value)
            self.special(node, owner, "__setitem__", name="item assignment")
            self.eval(node.target.slice)
            self.taken_in(node, subscript_type(self.some(owner), node.target.slice), value)
        if isinstance(node.target, ast.Attribute):
            # Reads the attribute before it writes it.
            self.query_given_away(node.value, value)
            owner = self.eval(node.target.value)
            for option in options(owner):
                if setters := self.set_on(option, node.target.attr, UNKNOWN):
                    callees = (*self.got_from(option, node.target.attr), *setters)
                    self.record("external", node, callees=callees, name="assign")
                if isinstance(option, Instance) and (option.stale or option.partial):
                    self.record("stale", node.target.value, io=True)
                model = self.models.by_key.get(option.key) if isinstance(option, Instance) else None
                if model is not None and isinstance(option, Instance):
                    self.extended(node, node.target.attr, option, model)

    def taken_in(self, node: ast.AugAssign, old: Value, value: Value) -> None:
        """`held["orders"] += query`, `held |= {"orders": query}`: what stands there takes it in."""
        match old, node.op, value:
            case ListOf(), ast.Add(), _:
                item = self.iterated(node.value, value)
                self.widen(node.target, ListOf(self.some(item)))
            case DictOf(), ast.BitOr(), DictOf():
                self.widen(node.target, value)
            case _:
                self.query_given_away(node.value, value)

    def extended(self, node: ast.AugAssign, name: str, owner: Instance, model: Model) -> None:
        """`order.lines += [...]` reads the collection where nothing can be awaited."""
        relationship = model.relationships.get(name)
        if relationship is not None and not owner.fresh and name not in owner.loaded:
            self.record("external", node, callees=(), name="assign")
        elif setters := self.heard(model, name, UNKNOWN):
            self.record("external", node, callees=setters, name="assign")
