"""Calls in set-up code: functions of the repository are followed, Flask's own are recorded."""

from __future__ import annotations

import ast

from migrator.index.project import ClassInfo, Module
from migrator.surface.application import is_test
from migrator.surface.machine import BLUEPRINT, DEPTH, FLASK, ExtensionUse, Machine
from migrator.surface.registrations import EXTENSION_HOOKS, complete, is_function, register
from migrator.surface.statements import elements, key_value
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
    Items,
    LambdaValue,
    Method,
    ModuleValue,
    PartialValue,
    Pending,
    Scaffold,
    Value,
    ViewClass,
)

STRING_METHODS = frozenset(
    {"lower", "upper", "strip", "rstrip", "lstrip", "format", "replace", "title", "capitalize"}
)
IMPORTERS = frozenset(
    {"importlib.import_module", "werkzeug.utils.import_string", "builtins.__import__"}
)
#: What an API framework calls its registry of resources, by the distribution's module.
API_FRAMEWORKS = (
    "flask_restx",
    "flask_restful",
    "flask_restplus",
    "flask_smorest",
    "flask_classful",
)


class Calls(Machine):
    """The part of the interpreter that makes calls."""

    def call(
        self,
        frame: Frame,
        target: Value,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        decorates: ast.AST | None = None,
    ) -> Value:
        match target:
            case FunctionValue():
                return self._function(target, args, keywords, node)
            case LambdaValue():
                return self._lambda(target, args)
            case PartialValue():
                merged = {**target.keywords, **keywords}
                return self.call(
                    frame, target.function, [*target.args, *args], merged, node, decorates
                )
            case ClassValue():
                return self._construct(frame, target.info, args, keywords, node)
            case ExternalValue():
                return self._external(frame, target.dotted, args, keywords, node)
            case Pending():
                return self._apply(target, args, decorates)
            case Method():
                return self._method(frame, target, args, keywords, node, decorates)
            case _:
                if decorates is not None and args:
                    return args[0]
                return self._by_name(args, keywords, node)

    def _by_name(self, args: list[Value], keywords: dict[str, Value], node: ast.Call) -> Value:
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
            self._function(value, args, keywords, node)
        return UNKNOWN

    # -- functions of the repository

    def _function(
        self, target: FunctionValue, args: list[Value], keywords: dict[str, Value], node: ast.Call
    ) -> Value:
        key = target.info.key
        if len(self.stack) > DEPTH or self.stack.count(key) > 2 or self.budget <= 0:
            return UNKNOWN
        definition = target.info.node
        if target.bound is not None:
            args = [target.bound, *args]
        frame = Frame(target.info.module, parent=target.frame, function=target.info)
        self._bind(frame, target, definition.args, args, keywords)
        self.stack.append(key)
        try:
            self.execute(frame, definition.body)
        finally:
            self.stack.pop()
        return best(frame.returns)

    def _bind(
        self,
        frame: Frame,
        target: FunctionValue | LambdaValue,
        parameters: ast.arguments,
        args: list[Value],
        keywords: dict[str, Value],
    ) -> None:
        names = [a.arg for a in [*parameters.posonlyargs, *parameters.args]]
        defaults = dict(zip(reversed(names), reversed(parameters.defaults), strict=False))
        for name, default in defaults.items():
            frame.names[name] = self.evaluate(target.frame, default)
        for keyword, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            names.append(keyword.arg)
            frame.names[keyword.arg] = (
                UNKNOWN if value is None else self.evaluate(target.frame, value)
            )
        positional = len(parameters.posonlyargs) + len(parameters.args)
        for name in names:
            frame.names.setdefault(name, UNKNOWN)
        frame.names.update(zip(names[:positional], args, strict=False))
        rest = dict(keywords)
        for name in names:
            if name in rest:
                frame.names[name] = rest.pop(name)
        if parameters.vararg is not None:
            frame.names[parameters.vararg.arg] = Items(list(args[positional:]))
        if parameters.kwarg is not None:
            frame.names[parameters.kwarg.arg] = Dict(dict(rest))

    def _lambda(self, target: LambdaValue, args: list[Value]) -> Value:
        frame = Frame(target.frame.module, parent=target.frame)
        self._bind(frame, target, target.node.args, args, {})
        return self.evaluate(frame, target.node.body)

    # -- objects

    def _construct(
        self,
        frame: Frame,
        cls: ClassInfo,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
    ) -> Value:
        made: Scaffold | Instance
        if self.is_flask(cls):
            made = self._scaffold("app", frame, args, keywords, node, cls)
        elif self.is_blueprint(cls):
            made = self._scaffold("blueprint", frame, args, keywords, node, cls)
        else:
            bases = self.project.external_bases(cls)
            dotted = bases[0] if bases else ""
            made = Instance(cls, dotted, node, frame.module, args, keywords)
            self.instances.append(made)
            self._given_application(made, dotted, args, keywords, node, frame)
        method = self.project.method(cls, "__init__")
        if method is not None and not self._is_model(cls):
            value = FunctionValue(method, self.run_module(method.module), "__init__", bound=made)
            self._function(value, args, keywords, node)
        return made

    def _is_model(self, cls: ClassInfo) -> bool:
        return any(base.endswith(".Model") for base in self.project.external_bases(cls))

    def _scaffold(
        self,
        kind: str,
        frame: Frame,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        cls: ClassInfo | None = None,
    ) -> Scaffold:
        made = Scaffold(kind, node, frame.module, args, keywords, cls, frame.function)
        self.scaffolds.append(made)
        return made

    def _external(
        self,
        frame: Frame,
        dotted: str,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
    ) -> Value:
        if dotted in FLASK:
            return self._scaffold("app", frame, args, keywords, node)
        if dotted in BLUEPRINT:
            return self._scaffold("blueprint", frame, args, keywords, node)
        if dotted.startswith("builtins."):
            return self._builtin(frame, dotted.removeprefix("builtins."), args, node)
        if dotted == "functools.partial" and args:
            return PartialValue(args[0], args[1:], keywords)
        if dotted in {"functools.wraps", "functools.update_wrapper"} and args:
            return PartialValue(ExternalValue("wrapping"), [args[0]], {})
        if dotted == "wrapping" and len(args) == 2:
            original, wrapper = args
            if isinstance(original, FunctionValue) and isinstance(wrapper, FunctionValue):
                return FunctionValue(wrapper.info, wrapper.frame, original.name)
            return wrapper
        if dotted in IMPORTERS and args and isinstance(args[0], Const):
            return self._imported(str(args[0].value))
        if is_decorating(args, keywords):
            return args[0]
        made = Instance(None, dotted, node, frame.module, args, keywords)
        self.instances.append(made)
        self._given_application(made, dotted, args, keywords, node, frame)
        return made

    def _given_application(
        self,
        made: Instance | None,
        dotted: str,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        frame: Frame,
    ) -> None:
        for value in [*args, *keywords.values()]:
            if isinstance(value, Scaffold) and value.kind == "app":
                self.extension_uses.append(ExtensionUse(made, dotted, node, frame.module, value))
                return

    def _imported(self, name: str) -> Value:
        module = self.project.find_module(name.replace(":", "."))
        if module is not None:
            self.run_module(module)
            return ModuleValue(module)
        owner, _, member = name.replace(":", ".").rpartition(".")
        found = self.project.find_module(owner)
        return self.module_member(found, member) if found is not None else ExternalValue(name)

    def _builtin(self, frame: Frame, name: str, args: list[Value], node: ast.Call) -> Value:
        first = args[0] if args else UNKNOWN
        items = elements(first)
        match name:
            case "list" | "tuple" | "set" | "sorted" | "iter" if items is not None:
                return Items(items)
            case "list" | "tuple" | "set" if not args:
                return Items([])
            case "dict":
                keywords = {k.arg: self.evaluate(frame, k.value) for k in node.keywords if k.arg}
                base = dict(first.items) if isinstance(first, Dict) else {}
                return Dict({**base, **keywords})
            case "reversed" if items is not None:
                return Items(items[::-1])
            case "enumerate" if items is not None:
                return Items([Items([Const(i), v]) for i, v in enumerate(items)])
            case "zip":
                columns = [elements(a) for a in args]
                if all(c is not None for c in columns):
                    rows = zip(*(c for c in columns if c is not None), strict=False)
                    return Items([Items(list(row)) for row in rows])
            case "getattr" if len(args) > 1 and isinstance(args[1], Const):
                found = self.evaluate_attribute(first, str(args[1].value))
                return args[2] if found is UNKNOWN and len(args) > 2 else found
            case "str" if isinstance(first, Const):
                return Const(str(first.value))
            case "super":
                owner = frame.find("self")
                return Method(owner, "super") if owner is not None else UNKNOWN
            case "map" if len(args) == 2:
                values = elements(args[1])
                if values is not None:
                    return Items([self.call(frame, first, [v], {}, node) for v in values])
            case _:
                pass
        return UNKNOWN

    def evaluate_attribute(self, owner: Value, name: str) -> Value:
        """`owner.name`; the part that evaluates expressions knows how."""
        raise NotImplementedError

    # -- methods

    def _apply(self, pending: Pending, args: list[Value], decorates: ast.AST | None) -> Value:
        view = args[0] if args else UNKNOWN
        owner = pending.method.owner
        if isinstance(owner, Instance):
            self._extension_decorator(pending.method, view, pending.node, pending.module, decorates)
            return view
        return complete(pending, view, decorates)

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

    def _method(
        self,
        frame: Frame,
        target: Method,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        decorates: ast.AST | None,
    ) -> Value:
        owner = target.owner
        match owner:
            case Scaffold():
                return self._scaffold_method(frame, owner, target, args, keywords, node, decorates)
            case Instance():
                return self._instance_method(frame, owner, target, args, keywords, node, decorates)
            case ClassValue() if target.name == "as_view":
                name = args[0] if args else keywords.get("name", UNKNOWN)
                return ViewClass(owner, name)
            case Items():
                self._list_method(owner, target.name, args)
                return UNKNOWN
            case Dict():
                return _dict_method(owner, target.name, args)
            case Const(value=str() as text):
                return _string_method(text, target.name, args)
            case _:
                return UNKNOWN

    def _scaffold_method(
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
            return done
        if name.startswith("config."):
            return self._configure(owner, name.removeprefix("config."), args, keywords)
        if name == "url_map.converters.update":
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

    def _configure(
        self, app: Scaffold, method: str, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        first = args[0] if args else UNKNOWN
        if method == "from_object":
            if isinstance(first, Const):
                first = self._imported(str(first.value))
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

    def _instance_method(
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
            self._given_application(owner, owner.dotted, args, keywords, node, frame)
            return UNKNOWN
        if decorates is not None and args and is_function(args[0]):
            self._extension_decorator(target, args[0], node, frame.module, decorates)
            return args[0]
        if "." in target.name:
            self._by_name(args, keywords, node)
        self._given_application(owner, owner.dotted, args, keywords, node, frame)
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
            return Pending(target, args, keywords, node, frame.module)
        return Pending(target, args, keywords, node, frame.module)

    def _list_method(self, owner: Items, name: str, args: list[Value]) -> None:
        if name == "append" and args:
            owner.items.append(args[0])
        elif name == "extend" and args:
            more = elements(args[0])
            owner.items.extend(more or [])
            owner.complete = owner.complete and more is not None


def _dict_method(owner: Dict, name: str, args: list[Value]) -> Value:
    match name:
        case "items":
            return Items([Items([key_value(k), v]) for k, v in owner.items.items()])
        case "values":
            return Items(list(owner.items.values()))
        case "keys":
            return Items([key_value(k) for k in owner.items])
        case "get" if args and isinstance(args[0], Const):
            default = args[1] if len(args) > 1 else Const(None)
            return owner.items.get(args[0].value, default)
        case "update" if args and isinstance(args[0], Dict):
            owner.items.update(args[0].items)
            return Const(None)
        case _:
            return UNKNOWN


def _string_method(text: str, name: str, args: list[Value]) -> Value:
    values = [a.value for a in args if isinstance(a, Const)]
    if len(values) != len(args):
        return UNKNOWN
    try:
        if name in STRING_METHODS:
            return Const(getattr(text, name)(*values))
        if name == "split":
            return Items([Const(p) for p in text.split(*values)])
    except (TypeError, ValueError, IndexError, KeyError):
        return UNKNOWN
    return UNKNOWN


def is_decorating(args: list[Value], keywords: dict[str, Value]) -> bool:
    """Whether a call of an unknown name looks like a decorator at work on a function."""
    return len(args) == 1 and not keywords and isinstance(args[0], FunctionValue)


def best(values: list[Value]) -> Value:
    """The most telling of the values a function may return."""
    for wanted in (Scaffold, FunctionValue | Pending | ClassValue | Instance | Items | Dict):
        for value in values:
            if isinstance(value, wanted):
                return value
    return next((v for v in values if v is not UNKNOWN), UNKNOWN) if values else Const(None)
