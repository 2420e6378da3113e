"""Abstract execution of definitions: what runs where functions, classes and imports stand."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.binder import is_overload
from migrator.index.definitions import ClassInfo, FunctionInfo, Import, Variable, dotted
from migrator.index.signature import parameters
from migrator.queries.step import Refusal
from migrator.queries.types import (
    UNKNOWN,
    ClassType,
    External,
    Function,
    ModelType,
    Object,
    Unknown,
)
from migrator.surface import class_views
from migrator.types.annotations import annotations_of, handed_in, named_in_texts
from migrator.types.around import flow_first
from migrator.types.bases import calling_base
from migrator.types.escapes import AROUND_METHODS, functions_in, handed_functions
from migrator.types.event_loops import KEPT, TO_SYNC
from migrator.types.facts import FunctionFacts
from migrator.types.lattice import Value, options
from migrator.types.managers import Managers
from migrator.types.module_names import of_module, unseen
from migrator.types.names import class_type, static_type

_IN_CLASS = Refusal(
    "MIG508",
    "the body of a class in it may reach the database, where nothing can be awaited",
    "Work it out before the class statement.",
)


class Defining(Managers):
    """Adds the definitions of functions and classes, and imports."""

    def named_here(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What the name stands for from here on.

        A local function is queued when first seen, so that its closure is known. At the top of a
        module only a name that is defined again needs one: the others are the same all along.
        """
        if self.function is None and not self.again(node):
            return
        made = self.module.defined(node)
        if made is None or is_overload(node):
            return
        self.env[node.name] = Function(made.key)
        if self.function is not None and not self.state.read("known", made.key):
            self.state.put("known", made.key, None)

    def again(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
        """Whether a name at the top of the module is defined again further down, or was before."""
        bound = self.module.bindings.get(node.name)
        other = isinstance(bound, FunctionInfo | ClassInfo) and bound.node is not node
        return other or node.name in self.env

    def defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What runs where a function is defined: its decorators' arguments and its defaults."""
        own: Function | None = None
        if self.function is not None or node.decorator_list or self.several(node.name):
            made = self.module.defined(node)
            own = Function(made.key) if made is not None else None
        if self.several(node.name) and not is_overload(node):
            self.also(node.name, own)
        for decorator in node.decorator_list:
            self.callee = decorator
            value = self.eval(decorator)
            if (
                isinstance(value, External)
                and value.dotted in TO_SYNC
                and isinstance(node, ast.AsyncFunctionDef)
            ):
                self.record("step", decorator, action=KEPT)
            self.decorated(value, own)
            if own is not None:
                self.expose_results(decorator, own)
            if isinstance(value, Unknown) and own is not None and not self.is_part(decorator):
                self.given_anything(own)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.query_given_away(default, self.eval(default))
        for annotation in annotations_of(node):
            self.annotated(annotation)

    def annotated(self, annotation: ast.expr) -> None:
        """A library that reads the annotation calls the functions in it."""
        for part in handed_in(annotation):
            self.eval(part)
            for where, function in handed_functions(part, self.known):
                self.escape(where, function, "an annotation")
        for text, name in named_in_texts(annotation):
            found = static_type(self.state, self.project.resolve(self.module, name), "")
            self.escape(text, found, "an annotation")

    def decorated(self, decorator: Value, given: Function | ClassType | ModelType | None) -> None:
        """Python calls the decorator, be it a method or an object, with a function or a class."""
        applied = list(functions_in(decorator))
        self.state.mark("applied", [f.key for f in applied])
        for option in options(decorator):
            cls = self.project.classes.get(option.key) if isinstance(option, Object) else None
            method = self.project.method(cls, "__call__") if cls is not None else None
            if method is not None:
                applied.append(Function(method.key, True))
            elif isinstance(option, Unknown) and isinstance(given, Function):
                self.state.mark("taken", [given.key])
        for function in applied:
            info = self.state.function(function.key)
            if info is not None and given is not None:
                flow_first(self.state, info, given, bound=function.bound)

    def is_part(self, decorator: ast.expr) -> bool:
        """Whether it belongs to a function: `@total.setter`, `@total.expression`."""
        return isinstance(decorator, ast.Attribute) and bool(
            list(functions_in(self.known(decorator.value)))
        )

    def given_anything(self, function: Function) -> None:
        """A decorator that is not followed may hand over something else than its callers do."""
        info = self.state.function(function.key)
        for parameter in parameters(info.node.args) if info is not None else ():
            self.state.flow_param(function.key, parameter.arg, UNKNOWN)

    def also(self, name: str, value: Value) -> None:
        """A definition or an import of a name that has others, by conditions."""
        if self.several(name):
            self.state.flow_variable(self.module.name, name, value)

    def several(self, name: str) -> bool:
        """Whether a name at the top of the module stands for several things."""
        return self.function is None and isinstance(self.module.bindings.get(name), Variable)

    def class_(self, node: ast.ClassDef) -> None:
        """What runs where a class is defined; its functions are looked at by themselves."""
        info = next((c for c in self.module.classes if c.node is node), None)
        made = class_type(self.state, info, node.name) if info is not None else None
        self.also(node.name, made)
        for decorator in node.decorator_list:
            own = made if isinstance(made, ClassType | ModelType) else None
            self.decorated(self.eval(decorator), own)
        for base in node.bases:
            if not dotted(base):
                self.eval(base)
        for keyword in node.keywords:
            self.eval(keyword.value)
        foreign = info is None or bool(self.project.external_bases(info))
        if made is not None and (self.function is not None or self.again(node)):
            self.env[node.name] = made
            self.remember(node.name, made)
        saved, facts = dict(self.env), self.facts
        if self.function is not None:
            self.facts = FunctionFacts(facts.key, environment=dict(facts.environment))
        around, self.class_here = self.class_here, info
        # Its body is read from top to bottom, whatever leaves a loop of it.
        self.leaving.append(([], []))
        self.class_body(node.body, foreign, info)
        self.leaving.pop()
        self.class_here = around
        self.env, inner, self.facts = saved, self.facts, facts
        for fact in inner if inner is not facts else ():
            if fact.kind != "reference" and (fact.io or fact.callees or fact.kind == "unresolved"):
                fact = replace(fact, refusal=fact.refusal or _IN_CLASS)
            facts.add(fact)

    def class_body(self, body: list[ast.stmt], foreign: bool, info: ClassInfo | None) -> None:
        for statement in body:
            if isinstance(statement, ast.AnnAssign):
                self.annotated(statement.annotation)
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.defined(statement)
                    method = self.module.defined(statement)
                    if method is not None and not is_overload(statement):
                        self.env[statement.name] = Function(method.key)
                case ast.ClassDef():
                    self.class_(statement)
                case ast.If(test=test) | ast.While(test=test):
                    self.tested(test)
                    self.class_body([*statement.body, *statement.orelse], foreign, info)
                case ast.For(target=target, iter=iterable):
                    self.assign(target, self.iterated(iterable, self.eval(iterable)))
                    self.class_body([*statement.body, *statement.orelse], foreign, info)
                case ast.With():
                    for item in statement.items:
                        value = self.eval(item.context_expr)
                        self.special(statement, value, "__enter__", "__exit__", name="with")
                        if item.optional_vars is not None:
                            self.assign(item.optional_vars, self.entered(value, item.context_expr))
                    self.class_body(statement.body, foreign, info)
                case ast.Try() | ast.TryStar():
                    handled = [s for handler in statement.handlers for s in handler.body]
                    rest = [*statement.orelse, *statement.finalbody]
                    self.class_body([*statement.body, *handled, *rest], foreign, info)
                case ast.Assign(value=value) | ast.AnnAssign(value=value) if value is not None:
                    found = self.eval(value)
                    if self.function is not None:
                        self.query_given_away(value, found)
                    given = foreign and not self.around_view(info, statement)
                    for where, function in handed_functions(value, self.known) if given else ():
                        if self.around_methods(info, where, function):
                            keys = (function.key,)
                            self.record("reference", where, callees=keys, name=AROUND_METHODS)
                            continue
                        # A base from elsewhere may call it.
                        self.escape(where, function, "an attribute of a class")
                    if isinstance(statement, ast.Assign):
                        for target in statement.targets:
                            if isinstance(target, ast.Name):
                                self.env[target.id] = found
                            else:
                                self.assign(target, found)
                case _:
                    self.run([statement])

    def around_view(self, info: ClassInfo | None, statement: ast.Assign | ast.AnnAssign) -> bool:
        """Whether it is the `decorators` of a class-based view, which Flask applies to its view."""
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return (
            info is not None
            and any(isinstance(t, ast.Name) and t.id == "decorators" for t in targets)
            and class_views.is_view(self.project, info)
            and not calling_base(self.project, info)
        )

    def around_methods(self, info: ClassInfo | None, where: ast.expr, function: Function) -> bool:
        """Whether it is a decorator of a resource's methods, which alone it gets."""
        target = where.func if isinstance(where, ast.Call) else where
        named = self.project.resolve(self.module, target)
        return (
            info is not None
            and class_views.is_resource(self.project, info)
            and where in class_views.method_decorators(info)
            and isinstance(named, FunctionInfo)
            and function.key.startswith(named.key)
        )

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        """An import inside a function: bound as the same import at the top would be."""
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                target = self.module.absolute(node.module, node.level)
                name = alias.asname or alias.name
                if self.project.find_module(target) is not None:
                    value = of_module(self.state, target, alias.name, name)
                else:
                    found = self.project.imported(Import(target, alias.name))
                    value = (
                        static_type(self.state, found, name)
                        if found
                        else unseen(self.state, alias.name)
                    )
            else:
                root = alias.name if alias.asname else alias.name.partition(".")[0]
                name = alias.asname or root
                value = static_type(self.state, self.project.imported(Import(root)), name)
            self.env[name] = value
            self.remember(name, value)
            self.also(name, value)
