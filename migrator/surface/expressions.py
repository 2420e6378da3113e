"""Values of the expressions in set-up code."""

from __future__ import annotations

import ast
import builtins
from http import HTTPMethod

from migrator.index.declared import is_enumeration
from migrator.surface.machine import Machine
from migrator.surface.operators import binary
from migrator.surface.statements import elements, truth
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
    Member,
    Method,
    ModuleValue,
    ObjectKey,
    Scaffold,
    Value,
)

BUILTINS = frozenset(dir(builtins))


class Expressions(Machine):
    """The part of the interpreter that evaluates expressions."""

    def evaluate(self, frame: Frame, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return Const(node.value)
            case ast.Name():
                return self._name(frame, node.id)
            case ast.Attribute():
                return self.attribute(self.evaluate(frame, node.value), node.attr)
            case ast.Call():
                return self._call(frame, node)
            case ast.List() | ast.Tuple() | ast.Set():
                return self._sequence(frame, node.elts)
            case ast.Dict():
                return self._dict(frame, node)
            case ast.JoinedStr():
                return self._joined(frame, node)
            case ast.BinOp():
                return binary(
                    node.op, self.evaluate(frame, node.left), self.evaluate(frame, node.right)
                )
            case ast.BoolOp():
                return self._boolean(frame, node)
            case ast.UnaryOp(op=ast.Not()):
                known = truth(self.evaluate(frame, node.operand))
                return UNKNOWN if known is None else Const(not known)
            case ast.Compare():
                return self._compare(frame, node)
            case ast.IfExp():
                known = truth(self.evaluate(frame, node.test))
                first = self.evaluate(frame, node.body)
                second = self.evaluate(frame, node.orelse)
                if known is None:
                    return first if first is not UNKNOWN and first != Const(None) else second
                return first if known else second
            case ast.Subscript():
                return self._item(frame, node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._comprehension(frame, node)
            case ast.Lambda():
                return LambdaValue(node, frame)
            case ast.NamedExpr():
                value = self.evaluate(frame, node.value)
                frame.names[node.target.id] = value
                return value
            case ast.Await() | ast.Starred():
                return self.evaluate(frame, node.value)
            case _:
                return UNKNOWN

    def _name(self, frame: Frame, name: str) -> Value:
        found = frame.find(name)
        if found is not None:
            return found
        if name == "__name__":
            return Const(frame.module.name)
        if name == "__path__":
            return ModuleValue(frame.module)
        if name == "__package__":
            return Const(frame.module.absolute("", 1))
        if name in BUILTINS:
            return ExternalValue(f"builtins.{name}")
        return UNKNOWN

    def attribute(self, owner: Value, name: str) -> Value:
        """The value of `owner.name`."""
        match owner:
            case ModuleValue() if name == "__name__":
                return Const(owner.module.name)
            case ModuleValue() if name == "__path__":
                return owner  # what walks along it asks for nothing else
            case ModuleValue():
                return self.module_member(owner.module, name)
            case ExternalValue("http.HTTPMethod") if name in HTTPMethod.__members__:
                return Member(name, name)
            case ExternalValue("flask.current_app") if (app := self.only_application()) is not None:
                return self._scaffold_attribute(app, name)
            case ExternalValue():
                return ExternalValue(f"{owner.dotted}.{name}")
            case Scaffold():
                return self._scaffold_attribute(owner, name)
            case Instance():
                return self._instance_attribute(owner, name)
            case ClassValue():
                found = self._class_attribute(owner, name)
                # What a base from elsewhere does with it, `View.register(app)`, is not seen.
                elsewhere = found is UNKNOWN and self.project.external_bases(owner.info)
                return Method(owner, name) if elsewhere else found
            case FunctionValue() if name == "__name__":
                return Const(owner.name)
            case Method(owner=Scaffold() | Instance() as inner):
                setting = f"{owner.name}.{name}"
                if isinstance(inner, Scaffold) and setting in inner.settings:
                    return inner.settings[setting]
                return Method(inner, setting)
            case Method(owner=ClassValue() as inner, name="super"):
                return Method(inner, f"super.{name}")
            case Member() if name in ("name", "value"):
                return Const(owner.name if name == "name" else owner.value)
            case FoundModule() if name in ("name", "ispkg"):
                return owner.items[1 if name == "name" else 2]
            case Const() | Items() | Dict() | FunctionValue():
                return Method(owner, name)
            case _:
                return UNKNOWN

    def _scaffold_attribute(self, owner: Scaffold, name: str) -> Value:
        if owner.cls is not None:
            method = self.project.method(owner.cls, name)
            if method is not None:
                return FunctionValue(
                    method, self.run_module(method.module), method.name, bound=owner
                )
        if name in owner.attributes:
            return owner.attributes[name]
        if name in {"name", "import_name"}:
            return owner.args[0] if owner.args else owner.keywords.get(name, UNKNOWN)
        if name == "url_prefix":
            return owner.keywords.get("url_prefix", Const(None))
        return Method(owner, name)

    def _instance_attribute(self, owner: Instance, name: str) -> Value:
        if name in owner.attributes:
            return owner.attributes[name]
        if owner.cls is not None:
            method = self.project.method(owner.cls, name)
            if method is not None:
                static = "staticmethod" in method.decorators()
                return FunctionValue(
                    method,
                    self.run_module(method.module),
                    method.name,
                    bound=None if static else owner,
                )
            value = self._class_attribute(ClassValue(owner.cls), name)
            if value is not UNKNOWN:
                return value
        return Method(owner, name)

    def _class_attribute(self, owner: ClassValue, name: str) -> Value:
        method = self.project.method(owner.info, name)
        if method is not None:
            bound = owner if "classmethod" in method.decorators() else None
            return FunctionValue(method, self.run_module(method.module), method.name, bound=bound)
        for cls in self.project.mro(owner.info):
            if name in cls.attributes:
                value = cls.attributes[name][1]
                frame = self.run_module(cls.module)
                found = UNKNOWN if value is None else self.evaluate(frame, value)
                if isinstance(found, Const) and is_enumeration(self.project.external_bases(cls)):
                    return Member(found.value, name)
                return found
        if name == "as_view":
            return Method(owner, name)
        if name in {"__name__", "__qualname__"}:
            return Const(owner.info.name)
        return UNKNOWN

    def _call(self, frame: Frame, node: ast.Call) -> Value:
        target = self.evaluate(frame, node.func)
        args: list[Value] = []
        for argument in node.args:
            value = self.evaluate(frame, argument)
            if isinstance(argument, ast.Starred):
                args.extend(elements(value) or [])
            else:
                args.append(value)
        keywords: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.evaluate(frame, keyword.value)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value, Dict):
                keywords.update({str(k): v for k, v in value.items.items()})
        return self.call(target, Call(frame, node, args, keywords))

    def _sequence(self, frame: Frame, nodes: list[ast.expr]) -> Items:
        items = Items([])
        for node in nodes:
            value = self.evaluate(frame, node)
            if isinstance(node, ast.Starred):
                more = elements(value)
                items.items.extend(more or [])
                items.complete = items.complete and more is not None
            else:
                items.items.append(value)
        return items

    def _dict(self, frame: Frame, node: ast.Dict) -> Dict:
        result = Dict()
        for key, value in zip(node.keys, node.values, strict=True):
            content = self.evaluate(frame, value)
            if key is None:
                if isinstance(content, Dict):
                    result.items.update(content.items)
                continue
            name = self.evaluate(frame, key)
            if isinstance(name, Const):
                result.items[name.value] = content
            elif isinstance(name, Value):
                # An object as a key, `{bp: "/prefix"}`: identity is what matters.
                result.items[ObjectKey(name)] = content
        return result

    def _joined(self, frame: Frame, node: ast.JoinedStr) -> Value:
        text = ""
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.evaluate(frame, inner)
            if not isinstance(value, Const):
                return UNKNOWN
            text += str(value.value)
        return Const(text)

    def _boolean(self, frame: Frame, node: ast.BoolOp) -> Value:
        last: Value = UNKNOWN
        unknown = False
        for part in node.values:
            last = self.evaluate(frame, part)
            known = truth(last)
            if known is None:
                unknown = True
            elif known is isinstance(node.op, ast.Or):
                return UNKNOWN if unknown else last
        return UNKNOWN if unknown else last

    def _compare(self, frame: Frame, node: ast.Compare) -> Value:
        left = self.evaluate(frame, node.left)
        right = self.evaluate(frame, node.comparators[0])
        if len(node.ops) != 1 or left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        match node.ops[0]:
            case ast.Eq() if isinstance(left, Const) and isinstance(right, Const):
                return Const(left.value == right.value)
            case ast.NotEq() if isinstance(left, Const) and isinstance(right, Const):
                return Const(left.value != right.value)
            case ast.Is() | ast.IsNot() if isinstance(right, Const) and _settled(left):
                same = isinstance(left, Const) and left.value is right.value
                return Const(same is isinstance(node.ops[0], ast.Is))
            case ast.In() if isinstance(left, Const) and isinstance(right, Items | Dict):
                found = elements(right)
                return UNKNOWN if found is None else Const(left in found)
            case _:
                return UNKNOWN

    def _item(self, frame: Frame, node: ast.Subscript) -> Value:
        owner = self.evaluate(frame, node.value)
        key = self.evaluate(frame, node.slice)
        if isinstance(key, Const):
            if isinstance(owner, Method) and isinstance(owner.owner, Scaffold):
                return self.setting(owner.owner, owner.name, key.value)
            if isinstance(owner, Dict):
                return owner.items.get(key.value, UNKNOWN)
            if isinstance(owner, Items) and isinstance(key.value, int):
                inside = -len(owner.items) <= key.value < len(owner.items)
                return owner.items[key.value] if inside else UNKNOWN
        return UNKNOWN

    def setting(self, app: Scaffold, name: str, key: object) -> Value:
        """`app.config["URL_PREFIX"]`: what the set-up code gave it, where that is a string.

        Switches are left unknown: both ways are read then, since a deployment may set them.
        """
        if name != "config":
            return UNKNOWN
        found: Value = app.config.get(str(key), UNKNOWN)
        for source in reversed(app.config_sources):
            if isinstance(found, Const):
                break
            found = self.attribute(source, str(key))
        return found if isinstance(found, Const) and isinstance(found.value, str) else UNKNOWN

    def _comprehension(
        self, frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp
    ) -> Value:
        if len(node.generators) != 1:
            return UNKNOWN
        generator = node.generators[0]
        items = elements(self.evaluate(frame, generator.iter))
        if items is None:
            return UNKNOWN
        result = Items([])
        for item in items[:1000]:
            inner = Frame(frame.module, parent=frame, function=frame.function)
            if isinstance(generator.target, ast.Name):
                inner.names[generator.target.id] = item
            elif isinstance(generator.target, ast.Tuple):
                for part, value in zip(generator.target.elts, elements(item) or [], strict=False):
                    if isinstance(part, ast.Name):
                        inner.names[part.id] = value
            if all(truth(self.evaluate(inner, test)) is not False for test in generator.ifs):
                result.items.append(self.evaluate(inner, node.elt))
        return result


def _settled(value: Value) -> bool:
    return isinstance(
        value, Const | Items | Dict | Scaffold | FunctionValue | ClassValue | Instance
    )
