"""Calls of methods of applications, blueprints and extension objects: what they register."""

from __future__ import annotations

import ast
from functools import partial

from migrator.index.definitions import Module
from migrator.surface import extensions
from migrator.surface.application import is_test
from migrator.surface.machine import Api, ExtensionUse, Machine
from migrator.surface.registrations import (
    EXTENSION_HOOKS,
    add_route,
    complete,
    is_function,
    register,
)
from migrator.surface.smorest import SMOREST_API, smorest_pages
from migrator.surface.values import (
    UNKNOWN,
    ClassValue,
    Const,
    Dict,
    ExternalValue,
    Frame,
    FunctionValue,
    Hook,
    Instance,
    Method,
    Pending,
    Scaffold,
    Value,
)

#: What an API framework calls its registry of resources, by the distribution's module.
API_FRAMEWORKS = (
    "flask_restx",
    "flask_restful",
    "flask_restplus",
    "flask_smorest",
    "flask_classful",
)


class ObjectCalls(Machine):
    """The part of the interpreter that knows Flask's and the extensions' objects."""

    def apply(self, pending: Pending, args: list[Value], decorates: ast.AST | None) -> Value:
        view = args[0] if args else UNKNOWN
        owner = pending.method.owner
        if isinstance(owner, Instance):
            method = pending.method.name.rpartition(".")[2]
            if method == "route" and isinstance(view, ClassValue):
                self.namespaces.route(
                    owner, view, pending.args, pending.keywords, pending.node, pending.module
                )
            self._extension_decorator(pending.method, view, pending.node, pending.module, decorates)
            return view
        return complete(pending, view, decorates)

    def scaffold_method(
        self,
        frame: Frame,
        owner: Scaffold,
        target: Method,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        decorates: ast.AST | None,
    ) -> Value:
        if target.name == "super.__init__":
            owner.args, owner.keywords = args, {**owner.keywords, **keywords}
            return Const(None)
        name = target.name.removeprefix("super.")
        done = register(owner, name, args, keywords, node, frame.module, decorates)
        if done is not None:
            if name in {"record", "record_once"} and args:
                self._record(frame, owner, args[0], node)
            elif name == "register_blueprint":
                self._registered(owner, args[0] if args else keywords.get("blueprint"), node)
            return done
        if name.startswith("config."):
            return self._configure(owner, name.removeprefix("config."), args, keywords)
        if name == "add_api":
            self.apis.append(Api(owner, args, keywords, node, frame.module))
        elif name == "url_map.converters.update":
            for value in [*args, Dict(dict(keywords))]:
                if isinstance(value, Dict):
                    owner.converters.update({str(k): v for k, v in value.items.items()})
        elif name.startswith("jinja_env.") and name.endswith(".update"):
            for value in [*args, Dict(dict(keywords))]:
                for helper in value.items.values() if isinstance(value, Dict) else ():
                    if isinstance(helper, FunctionValue):
                        owner.hooks.append(
                            Hook("template_helper", helper, node, frame.module, name)
                        )
        return Instance(None, f"{owner.kind}.{name}()", node, frame.module)

    def _registered(self, owner: Scaffold, blueprint: Value | None, node: ast.Call) -> None:
        """Flask asks the blueprint to register itself: its class may do more than Flask's."""
        if not isinstance(blueprint, Scaffold) or blueprint.cls is None:
            return
        method = self.project.method(blueprint.cls, "register")
        if method is not None:
            frame = self.run_module(method.module)
            value = FunctionValue(method, frame, method.name, bound=blueprint)
            self.call_function(value, [owner, Dict()], {}, node)

    def _configure(
        self, app: Scaffold, method: str, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        first = args[0] if args else UNKNOWN
        if method == "from_object":
            if isinstance(first, Const):
                first = self.imported(str(first.value))
            app.config_sources.append(first)
        elif method in {"update", "from_mapping", "setdefault"}:
            if method == "setdefault" and len(args) == 2 and isinstance(first, Const):
                app.config.setdefault(str(first.value), args[1])
            if isinstance(first, Dict):
                app.config.update({str(k): v for k, v in first.items.items()})
            app.config.update(keywords)
        elif method == "get" and isinstance(first, Const):
            return self.setting(app, "config", first.value)
        return UNKNOWN

    def setting(self, app: Scaffold, name: str, key: object) -> Value:
        """`app.config[key]`; the part that evaluates expressions knows how."""
        raise NotImplementedError

    def _record(self, frame: Frame, owner: Scaffold, callback: Value, node: ast.Call) -> None:
        state = Instance(None, "flask.blueprints.BlueprintSetupState", node, frame.module)
        state.attributes["blueprint"] = owner
        apps = [s for s in self.scaffolds if s.kind == "app"]
        state.attributes["app"] = apps[0] if len(apps) == 1 else UNKNOWN
        self.call(frame, callback, [state], {}, node)

    def instance_method(
        self,
        frame: Frame,
        owner: Instance,
        target: Method,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        decorates: ast.AST | None,
    ) -> Value:
        if target.name.startswith("super."):
            self.given_application(
                owner, owner.dotted, args, keywords, node, frame, own=not owner.dotted
            )
            return UNKNOWN
        app = self._scaffold_of(owner) if owner.dotted in SMOREST_API else None
        if app is not None and target.name == "register_blueprint":
            self.extension_calls.append((owner, node, frame.module))
            method = Method(app, target.name)
            return self.scaffold_method(frame, app, method, args, keywords, node, decorates)
        if decorates is not None and args and is_function(args[0]):
            self._extension_decorator(target, args[0], node, frame.module, decorates)
            return args[0]
        if "." in target.name:
            self.by_name(args, keywords, node)
        self.given_application(
            owner, owner.dotted, args, keywords, node, frame, own=not owner.dotted
        )
        self.extension_calls.append((owner, node, frame.module))
        last = target.name.rpartition(".")[2]
        if last in EXTENSION_HOOKS:
            if args and is_function(args[0]) and not isinstance(args[0], ClassValue):
                self._extension_decorator(target, args[0], node, frame.module, None)
                return args[0]
            return Pending(target, args, keywords, node, frame.module)
        if owner.dotted.startswith(API_FRAMEWORKS):
            if last == "add_resource" and args and isinstance(args[0], ClassValue):
                self.resources.append((owner.dotted, args[0].info.node, frame.module))
            made = self.namespaces.call(owner, last, args, keywords, node, frame.module)
            if made is not None:
                return made
        return Pending(target, args, keywords, node, frame.module)

    def _extension_decorator(
        self,
        method: Method,
        view: Value,
        node: ast.Call,
        module: Module,
        decorates: ast.AST | None,
    ) -> None:
        kind = EXTENSION_HOOKS.get(method.name.rpartition(".")[2])
        owner = method.owner
        assert isinstance(owner, Instance)
        if kind is not None:
            self.hooks.append(
                Hook(kind, view, node, module, f"{owner.dotted}.{method.name}", decorates)
            )
        if owner.dotted.startswith(API_FRAMEWORKS) and decorates is not None:
            self.resources.append((owner.dotted, decorates, module))

    def given_application(
        self,
        made: Instance | None,
        dotted: str,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        frame: Frame,
        *,
        own: bool = False,
        by_class: bool = False,
    ) -> None:
        """Note that something works on an application.

        On a blueprint of it, that counts for an Api, which takes over how the application answers
        errors, and for what a class does `by_class`: it puts itself there.
        """
        wide = by_class or extensions.effect(dotted) == "views"
        kinds = {"app", "blueprint"} if wide else {"app"}
        for value in [*args, *keywords.values()]:
            if isinstance(value, Scaffold) and value.kind in kinds:
                kept = any(f"{dotted}.".startswith(f"{name}.") for name in self.keep)
                self.extension_uses.append(
                    ExtensionUse(made, dotted, node, frame.module, value, kept, own, by_class)
                )
                return

    def register_resources(self, app: Scaffold) -> None:
        """Put the rules of API frameworks where their Api is: after all set-up code has run."""
        for found in self.namespaces.rules(self.instances, app, self._scaffold_of):
            options = {"rule": found.rule, "endpoint": found.endpoint}
            add_route(
                found.scaffold, "add_url_rule", options, found.view, found.node, found.module, None
            )
        for api in self.instances:
            if api.dotted in SMOREST_API and self._scaffold_of(api) is app:
                assert isinstance(api.node, ast.Call)
                for endpoint, rule in smorest_pages(partial(self.setting, app, "config")):
                    options = {"rule": Const(rule), "endpoint": Const(endpoint)}
                    view = ExternalValue(f"{api.dotted}.{endpoint}")
                    add_route(app, "add_url_rule", options, view, api.node, api.module, None)

    def _scaffold_of(self, api: Instance) -> Scaffold | None:
        """The application or blueprint that an extension object was made for, or given."""
        given = [*api.args, *api.keywords.values()]
        given += [u.app for u in self.extension_uses if u.instance is api]
        return next((v for v in given if isinstance(v, Scaffold)), None)

    def by_name(self, args: list[Value], keywords: dict[str, Value], node: ast.Call) -> Value:
        """A plugin system's call, `hook.load_blueprints(app=app)`: every function of that name.

        Only where the application or a blueprint is handed over: that is a set-up function.
        """
        given = [*args, *keywords.values()]
        if not isinstance(node.func, ast.Attribute) or not any(
            isinstance(v, Scaffold) for v in given
        ):
            return UNKNOWN
        for function in self.project.functions.values():
            top_level = function.owner is None and function.parent is None
            if function.name != node.func.attr or not top_level or is_test(function.module):
                continue
            frame = self.run_module(function.module)
            value = FunctionValue(function, frame, function.name)
            self.call_function(value, args, keywords, node)
        return UNKNOWN

    def call_function(
        self, target: FunctionValue, args: list[Value], keywords: dict[str, Value], node: ast.Call
    ) -> Value:
        """Follow a function of the repository."""
        raise NotImplementedError

    def imported(self, name: str) -> Value:
        """What a dotted name given as a string stands for."""
        raise NotImplementedError
