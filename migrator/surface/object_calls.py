"""Calls of methods of applications, blueprints and extension objects: what they register."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial

from migrator.surface import extensions
from migrator.surface.application import is_test
from migrator.surface.machine import Api, ExtensionUse, Machine
from migrator.surface.registrations import (
    EXTENSION_HOOKS,
    REGISTERING,
    add_route,
    complete,
    is_function,
    register,
)
from migrator.surface.smorest import SMOREST_API, smorest_pages
from migrator.surface.values import (
    UNKNOWN,
    Call,
    ClassValue,
    Const,
    Dict,
    ExternalValue,
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

    def apply(self, pending: Pending, call: Call) -> Value:
        """The call of what a registration method gave, with the function that it waited for."""
        view = call.args[0] if call.args else UNKNOWN
        owner = pending.method.owner
        if isinstance(owner, Instance):
            method = pending.method.name.rpartition(".")[2]
            if method == "route" and isinstance(view, ClassValue):
                self.namespaces.route(owner, view, pending.call.args, pending.call)
            self._extension_decorator(pending.method, view, pending.call, call.decorates)
            return view
        return complete(pending, view, call.decorates)

    def scaffold_method(self, owner: Scaffold, target: Method, call: Call) -> Value:
        args, keywords = call.args, call.keywords
        if target.name == "super.__init__":
            owner.args, owner.keywords = args, {**owner.keywords, **keywords}
            return Const(None)
        name = target.name.removeprefix("super.")
        done = register(owner, name, call)
        if done is not None:
            if name in {"record", "record_once"} and args:
                self._record(owner, args[0], call)
            elif name in REGISTERING:
                self._registered(owner, call)
            return done
        if name.startswith("config."):
            return self._configure(owner, name.removeprefix("config."), args, keywords)
        if name == "add_api":
            self.apis.append(Api(owner, call))
        elif name == "url_map.converters.update":
            for value in [*args, Dict(dict(keywords))]:
                if isinstance(value, Dict):
                    owner.converters.update({str(k): v for k, v in value.items.items()})
        elif name.startswith("jinja_env.") and name.endswith(".update"):
            for value in [*args, Dict(dict(keywords))]:
                for helper in value.items.values() if isinstance(value, Dict) else ():
                    if isinstance(helper, FunctionValue):
                        owner.hooks.append(
                            Hook("template_helper", helper, call.node, call.module, name)
                        )
        return Instance(None, f"{owner.kind}.{name}()", call.node, call.module)

    def _registered(self, owner: Scaffold, call: Call) -> None:
        """Flask asks the blueprint to register itself: its class may do more than Flask's."""
        blueprint = call.argument(0, "blueprint")
        if not isinstance(blueprint, Scaffold) or blueprint.cls is None:
            return
        method = self.project.method(blueprint.cls, "register")
        if method is not None:
            frame = self.run_module(method.module)
            value = FunctionValue(method, frame, method.name, bound=blueprint)
            self.call_function(value, [owner, Dict()])

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

    def _record(self, owner: Scaffold, callback: Value, call: Call) -> None:
        state = Instance(None, "flask.blueprints.BlueprintSetupState", call.node, call.module)
        state.attributes["blueprint"] = owner
        state.attributes["app"] = self.only_application() or UNKNOWN
        self.call(callback, Call(call.frame, call.node, [state]))

    def instance_method(self, owner: Instance, target: Method, call: Call) -> Value:
        if target.name.startswith("super."):
            self.given_application(owner, owner.dotted, call, own=not owner.dotted)
            return UNKNOWN
        app = self._scaffold_of(owner) if owner.dotted in SMOREST_API else None
        if app is not None and target.name == "register_blueprint":
            self.extension_calls.append((owner, call.node, call.module))
            return self.scaffold_method(app, Method(app, target.name), call)
        first = call.args[0] if call.args else UNKNOWN
        if call.decorates is not None and is_function(first):
            self._extension_decorator(target, first, call, call.decorates)
            return first
        if "." in target.name:
            self.by_name(call)
        self.given_application(owner, owner.dotted, call, own=not owner.dotted)
        self.extension_calls.append((owner, call.node, call.module))
        last = target.name.rpartition(".")[2]
        if last in EXTENSION_HOOKS:
            if is_function(first) and not isinstance(first, ClassValue):
                self._extension_decorator(target, first, call, None)
                return first
            return Pending(target, call)
        if owner.dotted.startswith(API_FRAMEWORKS):
            if last == "add_resource" and isinstance(first, ClassValue):
                self.resources.append((owner.dotted, first.info.node, call.module))
            made = self.namespaces.call(owner, last, call)
            if made is not None:
                return made
        return Pending(target, call)

    def _extension_decorator(
        self, method: Method, view: Value, call: Call, decorates: ast.AST | None
    ) -> None:
        kind = EXTENSION_HOOKS.get(method.name.rpartition(".")[2])
        owner = method.owner
        assert isinstance(owner, Instance)
        if kind is not None:
            name = f"{owner.dotted}.{method.name}"
            self.hooks.append(Hook(kind, view, call.node, call.module, name, decorates))
        if owner.dotted.startswith(API_FRAMEWORKS) and decorates is not None:
            self.resources.append((owner.dotted, decorates, call.module))

    def given_application(
        self,
        made: Instance | None,
        dotted: str,
        call: Call,
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
        for value in call.given:
            if isinstance(value, Scaffold) and value.kind in kinds:
                kept = any(f"{dotted}.".startswith(f"{name}.") for name in self.keep)
                self.extension_uses.append(
                    ExtensionUse(made, dotted, call.node, call.module, value, kept, own, by_class)
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

    def by_name(self, call: Call) -> Value:
        """A plugin system's call, `hook.load_blueprints(app=app)`: every function of that name.

        Only where the application or a blueprint is handed over: that is a set-up function.
        """
        named = call.node.func
        if not isinstance(named, ast.Attribute) or not any(
            isinstance(v, Scaffold) for v in call.given
        ):
            return UNKNOWN
        for function in self.project.functions.values():
            top_level = function.owner is None and function.parent is None
            if function.name != named.attr or not top_level or is_test(function.module):
                continue
            frame = self.run_module(function.module)
            value = FunctionValue(function, frame, function.name)
            self.call_function(value, call.args, call.keywords)
        return UNKNOWN

    def call_function(
        self, target: FunctionValue, args: list[Value], keywords: Mapping[str, Value] | None = None
    ) -> Value:
        """Follow a function of the repository."""
        raise NotImplementedError

    def imported(self, name: str) -> Value:
        """What a dotted name given as a string stands for."""
        raise NotImplementedError
