"""Calls in set-up code: functions of the repository are followed, Flask's own are recorded."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import resolve_name

from migrator.index.definitions import ClassInfo, FunctionInfo, Module
from migrator.index.signature import positional
from migrator.surface import extensions
from migrator.surface.builtin_calls import (
    BuiltinCalls,
    dict_method,
    list_method,
    string_method,
)
from migrator.surface.machine import BLUEPRINT, DEPTH, FLASK, ExtensionUse
from migrator.surface.names import CONNEXION
from migrator.surface.object_calls import ObjectCalls
from migrator.surface.values import (
    UNKNOWN,
    Call,
    ClassValue,
    Const,
    Dict,
    ExternalValue,
    FoundModule,
    Frame,
    FunctionValue,
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
    made_by,
)

IMPORTERS = frozenset(
    {"importlib.import_module", "werkzeug.utils.import_string", "builtins.__import__"}
)


_DEEP = "pkgutil.walk_packages"
WALKERS = frozenset({"pkgutil.iter_modules", _DEEP})
#: How a package writes the list that its own folder is.
_OWN_FOLDER = frozenset(
    {
        "[os.path.dirname(__file__)]",
        "[path.dirname(__file__)]",
        "[dirname(__file__)]",
        "[str(Path(__file__).parent)]",
        "[Path(__file__).parent]",
    }
)


class Calls(ObjectCalls, BuiltinCalls):
    """The part of the interpreter that makes calls."""

    def call(self, target: Value, call: Call) -> Value:
        match target:
            case FunctionValue():
                return self.call_function(target, call.args, call.keywords)
            case LambdaValue():
                return self._lambda(target, call.args)
            case PartialValue():
                args, keywords = [*target.args, *call.args], {**target.keywords, **call.keywords}
                return self.call(target.function, replace(call, args=args, keywords=keywords))
            case ClassValue():
                return self._construct(target.info, call)
            case ExternalValue():
                return self._external(target.dotted, call)
            case Pending():
                return self.apply(target, call)
            case Method():
                return self._method(target, call)
            case _:
                if call.decorates is not None and call.args:
                    return call.args[0]
                return self.by_name(call)

    # -- functions of the repository

    def call_function(
        self, target: FunctionValue, args: list[Value], keywords: Mapping[str, Value] | None = None
    ) -> Value:
        key = target.info.key
        if len(self.stack) > DEPTH or self.stack.count(key) > 2 or self.budget <= 0:
            return UNKNOWN
        definition = target.info.node
        if target.bound is not None:
            args = [target.bound, *args]
        frame = Frame(target.info.module, parent=target.frame, function=target.info)
        self._bind(frame, target, definition.args, args, keywords or {})
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
        keywords: Mapping[str, Value],
    ) -> None:
        by_position = [a.arg for a in positional(parameters)]
        names = [*by_position]
        defaults = dict(zip(reversed(by_position), reversed(parameters.defaults), strict=False))
        for name, default in defaults.items():
            frame.names[name] = self.evaluate(target.frame, default)
        for keyword, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            names.append(keyword.arg)
            frame.names[keyword.arg] = (
                UNKNOWN if value is None else self.evaluate(target.frame, value)
            )
        for name in names:
            frame.names.setdefault(name, UNKNOWN)
        frame.names.update(zip(by_position, args, strict=False))
        rest = dict(keywords)
        for name in names:
            if name in rest:
                frame.names[name] = rest.pop(name)
        if parameters.vararg is not None:
            frame.names[parameters.vararg.arg] = Items(list(args[len(by_position) :]))
        if parameters.kwarg is not None:
            frame.names[parameters.kwarg.arg] = Dict(dict(rest))

    def _lambda(self, target: LambdaValue, args: list[Value]) -> Value:
        frame = Frame(target.frame.module, parent=target.frame)
        self._bind(frame, target, target.node.args, args, {})
        return self.evaluate(frame, target.node.body)

    # -- objects

    def _construct(self, cls: ClassInfo, call: Call) -> Value:
        made: Scaffold | Instance
        if self.is_flask(cls):
            made = self._scaffold("app", call, cls)
            for base in CONNEXION.intersection(self.project.external_bases(cls)):
                self._connexion(made, base)
        elif self.is_blueprint(cls):
            made = self._scaffold("blueprint", call, cls)
            made.dotted = next(b for b in self.project.external_bases(cls) if b in BLUEPRINT)
        else:
            bases = self.project.external_bases(cls)
            made = made_by(call, bases[0] if bases else "", cls)
            self.instances.append(made)
        method = self.project.method(cls, "__init__")
        if isinstance(made, Instance):
            own = method is not None or not made.dotted
            self.given_application(made, made.dotted, call, own=own)
        if method is not None and not self._is_model(cls):
            value = FunctionValue(method, self.run_module(method.module), "__init__", bound=made)
            self.call_function(value, call.args, call.keywords)
        return made

    def _is_model(self, cls: ClassInfo) -> bool:
        return any(base.endswith(".Model") for base in self.project.external_bases(cls))

    def _scaffold(self, kind: str, call: Call, cls: ClassInfo | None = None) -> Scaffold:
        made = Scaffold(
            kind, call.node, call.module, call.args, call.keywords, cls, call.frame.function
        )
        self.scaffolds.append(made)
        return made

    def _external(self, dotted: str, call: Call) -> Value:
        args, keywords = call.args, call.keywords
        if dotted in FLASK:
            return self._scaffold("app", call)
        if dotted in CONNEXION:
            return self._connexion(self._scaffold("app", call), dotted)
        if dotted in BLUEPRINT:
            blueprint = self._scaffold("blueprint", call)
            blueprint.dotted = dotted
            return blueprint
        if dotted.startswith("builtins."):
            return self.builtin(dotted.removeprefix("builtins."), call)
        if dotted == "functools.partial" and args:
            return PartialValue(args[0], args[1:], keywords)
        if dotted in {"functools.wraps", "functools.update_wrapper"} and args:
            return PartialValue(ExternalValue("wrapping"), [args[0]], {})
        if dotted == "wrapping" and len(args) == 2:
            original, wrapper = args
            if isinstance(original, FunctionValue) and isinstance(wrapper, FunctionValue):
                return FunctionValue(wrapper.info, wrapper.frame, original.name)
            if isinstance(original, ViewClass):
                return original
            return wrapper
        if dotted in IMPORTERS and args and isinstance(args[0], Const):
            return self.imported(_absolute(str(args[0].value), [*args[1:], *keywords.values()]))
        if dotted in WALKERS and args:
            own = call.node.args and ast.unparse(call.node.args[0]) in _OWN_FOLDER
            package = ModuleValue(call.module) if own else args[0]
            if isinstance(package, ModuleValue):
                prefix = call.argument(1, "prefix", Const(""))
                return self._walked(package.module, prefix, dotted == _DEEP)
        if is_decorating(args, keywords):
            return args[0]
        made = made_by(call, dotted)
        self.instances.append(made)
        self.given_application(made, dotted, call)
        return made

    def _connexion(self, made: Scaffold, dotted: str) -> Scaffold:
        """Connexion's application, which stands for the one of Flask that it makes as well."""
        made.attributes["app"] = made
        self.extension_uses.append(ExtensionUse(None, dotted, made.node, made.module, made))
        return made

    def _walked(self, package: Module, prefix: Value, deep: bool) -> Value:
        """(finder, name, whether it is a package) for each module of a package, as pkgutil gives them."""
        found: list[Value] = []
        inside = f"{package.name}." if package.name else ""
        for name in sorted(n for n in self.project.modules if n != package.name):
            rest = name.removeprefix(inside)
            if name.startswith(inside) and (deep or "." not in rest):
                is_package = self.project.modules[name].is_package
                given = Const(f"{prefix.value}{rest}") if isinstance(prefix, Const) else UNKNOWN
                found.append(FoundModule([UNKNOWN, given, Const(is_package)]))
        return Items(found)

    def imported(self, name: str) -> Value:
        module = self.project.find_module(name.replace(":", "."))
        if module is not None:
            self.run_module(module)
            return ModuleValue(module)
        owner, _, member = name.replace(":", ".").rpartition(".")
        found = self.project.find_module(owner)
        return self.module_member(found, member) if found is not None else ExternalValue(name)

    # -- methods

    def _method(self, target: Method, call: Call) -> Value:
        owner, args = target.owner, call.args
        above = self._above(call.frame, target)
        if above is not None:
            value = FunctionValue(above, self.run_module(above.module), above.name, bound=owner)
            return self.call_function(value, args, call.keywords)
        match owner:
            case Scaffold():
                return self.scaffold_method(owner, target, call)
            case Instance():
                return self.instance_method(owner, target, call)
            case ClassValue() if target.name == "as_view":
                return ViewClass(owner, call.argument(0, "name"))
            case ClassValue():
                bases = self.project.external_bases(owner.info)
                known = next((base for base in bases if extensions.effect(base)), bases[0])
                self.given_application(None, known, call, by_class=True)
                return args[0] if call.decorates is not None and args else UNKNOWN
            case Items():
                list_method(owner, target.name, args)
                return UNKNOWN
            case Dict():
                return dict_method(owner, target.name, args)
            case Const(value=str() as text):
                return string_method(text, target.name, args)
            case _:
                return UNKNOWN

    def _above(self, frame: Frame, target: Method) -> FunctionInfo | None:
        """The method of the repository that `super().name` means."""
        first, _, name = target.name.partition(".")
        here = frame.function.owner if frame.function is not None else None
        cls = target.owner.cls if isinstance(target.owner, Scaffold | Instance) else None
        if isinstance(target.owner, ClassValue):
            cls = target.owner.info
        if first != "super" or here is None or cls is None:
            return None
        order = self.project.mro(cls)
        below = order[order.index(here) + 1 :] if here in order else []
        return next((c.methods[name] for c in below if name in c.methods), None)


def is_decorating(args: list[Value], keywords: dict[str, Value]) -> bool:
    """Whether a call of an unknown name looks like a decorator at work on a function."""
    return len(args) == 1 and not keywords and isinstance(args[0], FunctionValue)


def best(values: list[Value]) -> Value:
    """The most telling of the values a function may return: of several applications the one with most routes."""
    made = [value for value in values if isinstance(value, Scaffold)]
    if made:
        return max(made, key=lambda scaffold: len(scaffold.events))
    for value in values:
        if isinstance(value, FunctionValue | Pending | ClassValue | Instance | Items | Dict):
            return value
    return next((v for v in values if v is not UNKNOWN), UNKNOWN) if values else Const(None)


def _absolute(name: str, more: list[Value]) -> str:
    """The name that `import_module(".views", "shop")` means."""
    package = more[0].value if more and isinstance(more[0], Const) else None
    if not name.startswith(".") or not isinstance(package, str):
        return name
    try:
        return resolve_name(name, package)
    except ImportError:  # beyond the top
        return name
