"""Running statements of set-up code on abstract values."""

from __future__ import annotations

import ast

from migrator.index.definitions import Module
from migrator.index.installed import public
from migrator.surface.machine import Machine, Setting
from migrator.surface.values import (
    UNKNOWN,
    Call,
    ClassValue,
    Const,
    Dict,
    ExternalValue,
    Frame,
    FunctionValue,
    Hook,
    Instance,
    Items,
    Method,
    ModuleValue,
    ObjectKey,
    Scaffold,
    Value,
)


class Statements(Machine):
    """The part of the interpreter that runs statements."""

    def execute(self, frame: Frame, body: list[ast.stmt]) -> bool:
        for node in body:
            if self.budget <= 0:
                return False
            self.budget -= 1
            if self._statement(frame, node):
                return True
        return False

    def _statement(self, frame: Frame, node: ast.stmt) -> bool:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(frame, node)
            case ast.ClassDef():
                self._class(frame, node)
            case ast.Import():
                self._import(frame, node)
            case ast.ImportFrom():
                self._import_from(frame, node)
            case ast.Assign():
                value = self.evaluate(frame, node.value)
                for target in node.targets:
                    self._assign(frame, target, value, node)
            case ast.AnnAssign():
                if node.value is not None:
                    self._assign(frame, node.target, self.evaluate(frame, node.value), node)
            case ast.AugAssign():
                self._augment(frame, node)
            case ast.Expr():
                self.evaluate(frame, node.value)
            case ast.Return():
                result = self.evaluate(frame, node.value) if node.value else Const(None)
                frame.returns.append(result)
                return True
            case ast.Raise():
                return True
            case ast.Global():
                frame.global_names.update(node.names)
            case ast.If():
                return self._if(frame, node)
            case ast.For() | ast.AsyncFor():
                self._for(frame, node)
            case ast.While():
                self.execute(frame, node.body)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.evaluate(frame, item.context_expr)
                    if item.optional_vars is not None:
                        self._assign(frame, item.optional_vars, value, node)
                return self.execute(frame, node.body)
            case ast.Try():
                # Handlers hold fallbacks for what is not installed: the main road is read.
                ended = self.execute(frame, node.body)
                if not ended:
                    ended = self.execute(frame, node.orelse)
                return self.execute(frame, node.finalbody) or ended
            case ast.Match():
                for case in node.cases:
                    self.execute(frame, case.body)
            case _:
                pass
        return False

    def _if(self, frame: Frame, node: ast.If) -> bool:
        known = truth(self.evaluate(frame, node.test))
        if known is True:
            return self.execute(frame, node.body)
        if known is False:
            return self.execute(frame, node.orelse)
        first = self.execute(frame, node.body)
        second = self.execute(frame, node.orelse)
        return first and second

    def _for(self, frame: Frame, node: ast.For | ast.AsyncFor) -> None:
        items = elements(self.evaluate(frame, node.iter))
        if items is None:
            self._assign(frame, node.target, UNKNOWN, node)
            self.execute(frame, node.body)
        else:
            for item in items[:1000]:
                self._assign(frame, node.target, item, node)
                self.execute(frame, node.body)
        self.execute(frame, node.orelse)

    # -- definitions

    def _define(self, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        info = self.functions.get(id(node))
        if info is None:
            return
        value: Value = FunctionValue(info, frame, node.name)
        for decorator in reversed(node.decorator_list):
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            self.decorations.setdefault(id(decorator), self.evaluate(frame, func))
            value = self._decorate(frame, node, decorator, value)
        frame.names[node.name] = value

    def _decorate(self, frame: Frame, node: ast.AST, decorator: ast.expr, value: Value) -> Value:
        target = self.evaluate(frame, decorator)
        call = decorator if isinstance(decorator, ast.Call) else as_call(decorator)
        result = self.call(target, Call(frame, call, [value], decorates=node))
        if not isinstance(value, FunctionValue):
            return result if result is not UNKNOWN else value
        if isinstance(result, FunctionValue) and result.info is value.info:
            return result
        name = result.name if isinstance(result, FunctionValue) else value.name
        key = self._decorator_key(target, frame, decorator)
        return FunctionValue(value.info, value.frame, name, (*value.decorators, key), value.bound)

    def _decorator_key(self, target: Value, frame: Frame, decorator: ast.expr) -> str:
        """What names the decorator: the function written, not the closure it returned."""
        if isinstance(decorator, ast.Call):
            target = self.evaluate(frame, decorator.func)
        match target:
            case FunctionValue():
                return target.info.key
            case ExternalValue():
                return target.dotted
            case ClassValue():
                return target.info.key
            case Method(owner=Instance() as owner):
                return f"{owner.dotted}.{target.name}"
            case _:
                return ""

    def _class(self, frame: Frame, node: ast.ClassDef) -> None:
        info = self.classes.get(id(node))
        if info is None:
            return
        frame.names[node.name] = ClassValue(info)
        for decorator in reversed(node.decorator_list):
            target = self.evaluate(frame, decorator)
            call = decorator if isinstance(decorator, ast.Call) else as_call(decorator)
            self.call(target, Call(frame, call, [ClassValue(info)], decorates=node))

    # -- imports

    def _import(self, frame: Frame, node: ast.Import) -> None:
        for alias in node.names:
            module = self.project.find_module(alias.name)
            if module is not None:
                self.run_module(module)
            if alias.asname:
                bound: Value = ModuleValue(module) if module else ExternalValue(alias.name)
                frame.names[alias.asname] = bound
                continue
            root = alias.name.partition(".")[0]
            top = self.project.find_module(root)
            if top is not None:
                self.run_module(top)
            frame.names[root] = ModuleValue(top) if top else ExternalValue(root)

    def _import_from(self, frame: Frame, node: ast.ImportFrom) -> None:
        name = frame.module.absolute(node.module, node.level)
        module = self.project.find_module(name)
        for alias in node.names:
            if module is None:
                if alias.name == "*":
                    given = {taken: ExternalValue(f"{name}.{taken}") for taken in public(name)}
                    frame.names.update(given)
                else:
                    child = self.project.find_module(f"{name}.{alias.name}" if name else alias.name)
                    value: Value = ExternalValue(f"{name}.{alias.name}")
                    if child is not None:
                        self.run_module(child)
                        value = ModuleValue(child)
                    frame.names[alias.asname or alias.name] = value
                continue
            if alias.name == "*":
                exported = self._exported(module)
                frame.names.update({n: self.module_member(module, n) for n in exported})
                continue
            frame.names[alias.asname or alias.name] = self.module_member(module, alias.name)

    def _exported(self, module: Module) -> list[str]:
        """What `from module import *` binds: submodules that `__all__` names are imported for that.

        Where only the run knows `__all__`, it may name every submodule: `[f.stem for f in here.glob("*.py")]`.
        https://docs.python.org/3/tutorial/modules.html#importing-from-a-package
        """
        own = self.run_module(module).names
        listed = own.get("__all__")
        if isinstance(listed, Items) and listed.complete:
            named = [item.value for item in listed.items if isinstance(item, Const)]
            if len(named) == len(listed.items):
                return named
        plain = [name for name in own if not name.startswith("_")]
        if listed is None or not module.is_package:
            return plain
        below = f"{module.name}." if module.name else ""
        inside = (n.removeprefix(below) for n in self.project.modules if n.startswith(below))
        return plain + [n for n in inside if n and "." not in n and n not in own]

    # -- assignments

    def _assign(self, frame: Frame, target: ast.expr, value: Value, node: ast.stmt) -> None:
        match target:
            case ast.Name():
                place = frame.top() if target.id in frame.global_names else frame
                place.names[target.id] = value
            case ast.Tuple() | ast.List():
                items = elements(value)
                for index, part in enumerate(target.elts):
                    known = items is not None and index < len(items)
                    part = part.value if isinstance(part, ast.Starred) else part
                    self._assign(frame, part, items[index] if items and known else UNKNOWN, node)
            case ast.Attribute():
                self._assign_attribute(frame, target, value, node)
            case ast.Subscript():
                self._assign_item(frame, target, value, node)
            case _:
                pass

    def _assign_attribute(
        self, frame: Frame, target: ast.Attribute, value: Value, node: ast.stmt
    ) -> None:
        owner = self.evaluate(frame, target.value)
        match owner:
            case Scaffold():
                owner.attributes[target.attr] = value
                self.settings.append(Setting(target.attr, value, node, frame.module, owner))
            case Method(owner=Scaffold() as app):
                name = f"{owner.name}.{target.attr}"
                app.settings[name] = value
                self.settings.append(Setting(name, value, node, frame.module, app))
            case Instance():
                owner.attributes[target.attr] = value
            case _:
                pass

    def _assign_item(
        self, frame: Frame, target: ast.Subscript, value: Value, node: ast.stmt
    ) -> None:
        owner = self.evaluate(frame, target.value)
        key = self.evaluate(frame, target.slice)
        match owner:
            case Dict() if isinstance(key, Const):
                owner.items[key.value] = value
            case Method(owner=Scaffold() as app, name="config") if isinstance(key, Const):
                app.config[str(key.value)] = value
            case Method(owner=Scaffold() as app, name="url_map.converters"):
                if isinstance(key, Const):
                    app.converters[str(key.value)] = value
                self.settings.append(Setting("url_map.converters", value, node, frame.module, app))
            case Method(owner=Scaffold() as app, name=name) if name.startswith("jinja_env."):
                if isinstance(value, FunctionValue):
                    app.hooks.append(Hook("template_helper", value, node, frame.module, name))
            case _:
                pass

    def _augment(self, frame: Frame, node: ast.AugAssign) -> None:
        value = self.evaluate(frame, node.value)
        if isinstance(node.target, ast.Name):
            current = frame.find(node.target.id)
            if isinstance(current, Items):
                more = elements(value)
                current.items.extend(more or [])
                current.complete = current.complete and more is not None
            else:
                frame.names[node.target.id] = UNKNOWN


def truth(value: Value) -> bool | None:
    """Whether a value is true, or None where that is not known."""
    match value:
        case Const():
            return bool(value.value)
        case Items():
            return bool(value.items) if value.complete or value.items else None
        case Scaffold() | FunctionValue() | ClassValue() | ModuleValue():
            return True
        case _:
            return None


def key_value(key: object) -> Value:
    """A dictionary's key as a value."""
    return key.value if isinstance(key, ObjectKey) else Const(key)


def elements(value: Value) -> list[Value] | None:
    """The items of an iterable value in order, or None where they are not known."""
    match value:
        case Items():
            return list(value.items) if value.complete or value.items else None
        case Dict():
            return [key_value(k) for k in value.items]
        case Const(value=str() as text):
            return [Const(c) for c in text]
        case _:
            return None


def as_call(node: ast.expr) -> ast.Call:
    """A stand-in call for a decorator without arguments, at the decorator's place."""
    return ast.copy_location(ast.Call(func=node, args=[], keywords=[]), node)
