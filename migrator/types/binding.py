"""Calls of the repository's own functions: arguments flow into parameters, results come back."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.fields import fields
from migrator.index.model import Model
from migrator.index.session_classes import is_registry_class, is_session_class
from migrator.index.signature import positional
from migrator.index.written import written
from migrator.queries.listened import LISTENED
from migrator.queries.types import (
    APART,
    UNKNOWN,
    Function,
    Instance,
    ModelType,
    Object,
    Query,
    Session,
    SessionFactory,
    Type,
)
from migrator.surface import class_views
from migrator.types.bases import constructors_of_fields, is_unbound, validators
from migrator.types.changing import changes_result
from migrator.types.crossing import OF_PARAMETER, respelled, session_of, simple
from migrator.types.event_loops import is_made_plain
from migrator.types.filling import Filling
from migrator.types.lattice import (
    Value,
    holds_convertible,
    holds_query,
    join,
    stale,
    transform,
)
from migrator.types.mixins import specialised_query
from migrator.types.names import extension_of, instance_type


def _first(method: FunctionInfo) -> str:
    return next((a.arg for a in positional(method.node.args)), "self")


def _constructed(created: Value) -> Value:
    return replace(created, fresh=True, made=True) if isinstance(created, Instance) else created


def _of_class(receiver: Type, key: str) -> Type:
    return replace(receiver, key=key) if isinstance(receiver, Object | Instance) else receiver


class Binding(Filling):
    """Adds functions and classes of the repository."""

    def construct(self, node: ast.Call, key: str) -> Value:
        cls = self.project.classes.get(key)
        if cls is None:
            return self.plain(node)
        found = self.project.resolve(cls.module, ast.Name(cls.name, ast.Load()))
        extension = extension_of(self.state, found) or extension_of(self.state, cls)
        if extension is not None:
            self.arguments(node)
            return replace(extension, key=key)
        if is_session_class(self.project, cls):
            return self._session_made(node, cls)
        created = instance_type(self.state, cls)
        init = self.project.method(cls, "__init__")
        if init is not None:
            self.bind(node, init, _constructed(created))
            self.goes_on_in(node, init, bound=True)
            if not is_unbound(self.project, cls, node):
                self.record("call", node, callees=(init.key,), name="__init__")
        else:
            values = self.arguments(node)
            if isinstance(created, Object):
                self.dataclass_fields(node, key, values)
                if self.project.external_bases(cls):
                    # A tuple is taken apart by position, too; an exception has its arguments in `args`.
                    given = (*node.args, *(keyword.value for keyword in node.keywords))
                    for argument, value in zip(given, values, strict=True):
                        self.query_given_away(argument, value)
            elif key in self.models.by_key:
                self.validated(node, self.models.by_key[key])
            missing = self.project.method(cls, "_missing_")
            if missing is not None:
                # An enum, asked for a value that it may not have.
                self.record("external", node, callees=(missing.key,), name="special")
            after = self.project.method(cls, "__post_init__")
            if after is not None:
                self.state.flow_param(after.key, _first(after), created)
                self.record("call", node, callees=(after.key,), name="__init__")
        called = (*constructors_of_fields(self.project, cls), *validators(self.project, cls))
        if called and init is None:
            self.record("external", node, callees=called, name="inherited")
        if init is None or self.project.external_bases(cls):
            # A base from elsewhere may keep what it is given.
            self.reference(node)
        return _constructed(created)

    def _session_made(self, node: ast.Call, cls: ClassInfo) -> Session:
        """An object of a class of sessions: of a registry's, or of one whose objects stay sync ones."""
        init = self.project.method(cls, "__init__")
        if init is None:
            self.arguments(node)
        else:
            self.bind(node, init, Object(cls.key))
            self.record("call", node, callees=(init.key,), name="__init__")
        scoped = is_registry_class(self.project, cls)
        return Session(written(node), "" if scoped else APART, scoped=scoped)

    def view_class(self, key: str) -> ClassInfo | None:
        """The class-based view of Flask's that a key stands for, where `as_view` is Flask's own."""
        cls = self.project.classes.get(key)
        if cls is None or self.project.method(cls, "as_view") is not None:
            return None
        return cls if class_views.is_view(self.project, cls) else None

    def view_made(self, node: ast.Call, cls: ClassInfo) -> Value:
        """`Items.as_view("items", Item)`: each request makes an object with what follows the name."""
        init = self.project.method(cls, "__init__")
        if init is None:
            self.arguments(node)
        else:
            self.bind(node, init, Object(cls.key), before=("",))
        return UNKNOWN

    def validated(self, node: ast.Call, model: Model) -> None:
        """The constructor of a mapped class sets what it is given: validators run."""
        found: list[str] = []
        for keyword in node.keywords:
            names = model.setters if keyword.arg is None else [keyword.arg]
            value = UNKNOWN if keyword.arg is None else self.known(keyword.value)
            found += [key for name in names for key in self.heard(model, name, value)]
        if found:
            self.record("external", node, callees=tuple(dict.fromkeys(found)), name="validators")

    def heard(self, model: Model, name: str, value: Value) -> tuple[str, ...]:
        """The functions that run when an attribute is set; they are given the value."""
        keys = tuple(model.setters.get(name, ()))
        for key in keys:
            info = self.state.function(key)
            arguments = info.node.args.args if info is not None else []
            at = 2 if info is not None and info.owner is not None else 1
            if len(arguments) > at:
                self.state.flow_param(key, arguments[at].arg, value)
        return keys

    def dataclass_fields(self, node: ast.Call, key: str, values: list[Value]) -> None:
        """A dataclass or NamedTuple: arguments become attributes by order and name."""
        cls = self.project.classes[key]
        own = [n for n, (annotation, _) in cls.attributes.items() if annotation is not None]
        names = fields(self.project, cls) or own
        for index, argument in enumerate(node.args):
            if index < len(names):
                self.keep(node, key, names[index], _of_lambda(argument, values[index]))
        for keyword, value in zip(node.keywords, values[len(node.args) :], strict=False):
            if keyword.arg:
                self.keep(node, key, keyword.arg, _of_lambda(keyword.value, value))

    def function_call(
        self, node: ast.Call, callee: Function, targets: Sequence[FunctionInfo] = ()
    ) -> Value:
        """The call of `callee`, or of one of `targets` where they are known."""
        info = self.project.functions.get(callee.key)
        if info is None:
            return self.plain(node)
        targets = targets or self.overrides(info, callee)
        result: Value = None
        given: list[Value] = []
        outer = self.as_they_are
        self.as_they_are = any(self.state.read("telling", target.key) for target in targets)
        if callee.bound and isinstance(node.func, ast.Attribute):
            callee = replace(callee, receiver=self.given(node.func.value, callee.receiver))
        for target in targets:
            receiver = callee.receiver if callee.bound else None
            if target is not info and target.owner is not None and receiver is not None:
                # An override is met on an instance of the class that has it.
                receiver = _of_class(receiver, target.owner.key)
            texts = self.bind(node, target, receiver)
            value = self.decorated_result(target)
            value = respelled(value, texts)
            value = self.specialised(value, callee.receiver, target)
            value = self.refined(node, target, receiver, value)
            value = self.of_its_class(node, target, receiver, value)
            result = join(result, value)
            result = join(result, self.made_by_decorators(target))
            given.append(value)
        self.as_they_are = outer
        for value in given:
            self.query_lost(node, value, result)
        # Whoever calls what is asynchronous already awaits it.
        sync = tuple(t.key for t in targets if not t.is_async)
        if sync:
            self.record("call", node, callees=sync)
        if plain := tuple(t.key for t in targets if is_made_plain(self.project, t)):
            self.record("external", node, callees=plain, name="made plain")
        if any(self.state.reads_hung(t.key) for t in targets):
            self.state.flow_hung(self.state.current)
            if self.committed:
                self.record("hung", node, io=True)
        committing = [t for t in targets if self.state.does_commit(t.key)]
        if committing:
            self.expire()
            for argument in (*node.args, *(k.value for k in node.keywords)):
                self.expires_inside(argument)
        for target in targets:
            self.goes_on_in(node, target, bound=callee.bound)
        if any(t.node.decorator_list for t in committing):
            # What stands around a function may commit when the function has returned.
            result = stale(result)
        return result

    def decorated_result(self, target: FunctionInfo) -> Value:
        """What the function's name gives when called: what a decorator makes of its own result."""
        result = self.state.result(target.key)
        for inner in self.put_by_decorators(target):
            info = self.state.function(inner.key)
            if self.state.current.startswith(inner.key):
                break  # the wrapper itself calls what is below
            if info is not None and changes_result(info):
                result = self.state.result(inner.key)
        return result

    def made_by_decorators(self, target: FunctionInfo) -> Value:
        """Functions that the function's name gives when called, for what its decorators return."""
        result: Value = None
        for inner in self.put_by_decorators(target):
            for made in self.state.functions_in_result(inner.key):
                if made.key != target.key:
                    result = join(result, made)
        return result

    def overrides(self, info: FunctionInfo, callee: Function) -> list[FunctionInfo]:
        """The function and what overrides it below the receiver's class."""
        found = [info]
        if callee.bound and isinstance(callee.receiver, Object | Instance):
            cls = self.project.classes.get(callee.receiver.key)
            if cls is not None:
                for below in self.project.subclasses(cls):
                    other = below.methods.get(info.name)
                    if other is not None and other not in found:
                        found.append(other)
        return [f for method in found for f in self.project.variants(method)]

    def specialised(self, value: Value, receiver: Type | None, target: FunctionInfo) -> Value:
        """`cls()` or `self` of a mixin's method is an instance of the class it was called on."""
        if receiver is None or target.owner is None:
            return value
        key = receiver.key if isinstance(receiver, ModelType | Instance) else ""
        if not key or key == target.owner.key:
            return value
        mine = target.owner.key
        text = receiver.text if isinstance(receiver, ModelType) else ""
        value = transform(value, lambda i: replace(i, key=key) if i.key == mine else i)
        return specialised_query(value, mine, key, text)

    def bind(
        self,
        node: ast.Call,
        info: FunctionInfo,
        receiver: Value,
        before: Sequence[str] = (),
    ) -> dict[str, str | Session]:
        """Let the arguments flow into the parameters; gives what each parameter stands for here:

        a session, or the text of the argument where it is a plain name. The first arguments are for
        others where there is something `before` the parameters.
        """
        self.goes_into(info.key)
        arguments = info.node.args
        names = [a.arg for a in positional(arguments)]
        own = names[0] if receiver is not None and names else ""
        if own:
            # The session of a query is known by its parameter there.
            mine = respelled(receiver, {}, f"{OF_PARAMETER}{own}")
            self.state.flow_param(info.key, own, mine)
            names = names[1:]
        elif info.owner is not None and info.name == "__init__" and not self._of_the_class(node):
            names = names[1:]
        names = [*before, *names]
        if self.state.read("generators", info.key):
            self.stepping.add(id(node))
        values = self.arguments(node)
        given = [*node.args, *(k.value for k in node.keywords)]
        if any(map(holds_query, (receiver, *values))):
            self.facts.passes_query.add(id(node))
        queries = [(a, v) for a, v in zip(given, values, strict=True) if holds_convertible(v)]
        if holds_convertible(receiver) and isinstance(node.func, ast.Attribute):
            queries.append((node.func.value, receiver))
        self.facts.query_arguments[id(node)] = [argument for argument, _ in queries]
        if not all(
            isinstance(v, Query) and LISTENED not in v.state and not isinstance(a, ast.Starred)
            for a, v in queries
        ):
            self.facts.passes_held.add(id(node))
        texts = self.texts(node, info, names, receiver is not None)
        if own and holds_query(receiver):
            texts[f"{OF_PARAMETER}{own}"] = session_of(receiver)
        here: dict[str, str | Session] = {
            t.text if isinstance(t, Session) else t: name for name, t in texts.items() if t
        }
        for index, argument in enumerate(given):
            values[index] = _of_lambda(argument, values[index])
        names_of = [*names[: len(node.args)], *[""] * (len(node.args) - len(names))]
        names_of += [k.arg or "" for k in node.keywords]
        for index, name in enumerate(names_of):
            inner = f"{OF_PARAMETER}{name}" if name else ""
            if inner and holds_query(values[index]):
                texts[inner] = session_of(values[index])
            values[index] = respelled(values[index], here, inner)
        by_position = list(zip(node.args, values, strict=False))
        keywords = [
            (keyword.arg, keyword.value, value)
            for keyword, value in zip(node.keywords, values[len(node.args) :], strict=False)
        ]
        self.expired_before.setdefault(id(node), self.committed)
        through = self.passed_through(node, info)
        self.fill(info, names, by_position, keywords, len(before), through)
        if own or info.name != "__init__" or self._of_the_class(node):
            self.fill_around(info, [(node.func, receiver)] if own else [], node, values)
        return texts

    def _of_the_class(self, node: ast.Call) -> bool:
        """Whether it is `Base.__init__(self, order)`, which is given the object first."""
        match node.func:
            case ast.Attribute(value=owner, attr="__init__"):
                return not self.is_super(owner)
        return False

    def texts(
        self, node: ast.Call, info: FunctionInfo, names: list[str], bound: bool
    ) -> dict[str, str | Session]:
        """What stands for each parameter: a session, the text of a plain name, or ""."""
        pairs: list[tuple[str, ast.expr]] = []
        for name, argument in zip(names, node.args, strict=False):
            if isinstance(argument, ast.Starred):
                break
            pairs.append((name, argument))
        pairs += [(k.arg, k.value) for k in node.keywords if k.arg is not None]
        if bound and isinstance(node.func, ast.Attribute):
            pairs += [(own.arg, node.func.value) for own in positional(info.node.args)[:1]]
        found: dict[str, str | Session] = {}
        for name, argument in pairs:
            text, value = simple(argument), self.known(argument)
            found[name] = value if text and isinstance(value, Session) else text
        return found


def _of_lambda(argument: ast.expr, value: Value) -> Value:
    """What a function gets for an argument: of a lambda, only what makes sessions is known."""
    if not isinstance(argument, ast.Lambda) or value is None or isinstance(value, SessionFactory):
        return value
    return UNKNOWN
