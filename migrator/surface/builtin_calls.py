"""Calls of Python's own functions and of the methods of lists, dicts and strings."""

from __future__ import annotations

from migrator.index.signature import positional
from migrator.surface.machine import Machine
from migrator.surface.statements import elements, key_value
from migrator.surface.values import UNKNOWN, Call, Const, Dict, Items, Method, Value

STRING_METHODS = frozenset(
    {"lower", "upper", "strip", "rstrip", "lstrip", "format", "replace", "title", "capitalize"}
)


class BuiltinCalls(Machine):
    """The part of the interpreter that knows the builtins."""

    def builtin(self, name: str, call: Call) -> Value:
        frame, args = call.frame, call.args
        first = args[0] if args else UNKNOWN
        items = elements(first)
        match name:
            case "list" | "tuple" | "set" | "sorted" | "iter" if items is not None:
                return Items(items)
            case "list" | "tuple" | "set" if not args:
                return Items([])
            case "dict":
                keywords = {
                    k.arg: self.evaluate(frame, k.value) for k in call.node.keywords if k.arg
                }
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
                own = positional(frame.function.node.args) if frame.function is not None else []
                owner = frame.find(own[0].arg) if own else None
                return Method(owner, "super") if owner is not None else UNKNOWN
            case "map" if len(args) == 2:
                values = elements(args[1])
                if values is not None:
                    return Items([self.call(first, Call(frame, call.node, [v])) for v in values])
            case _:
                pass
        return UNKNOWN

    def evaluate_attribute(self, owner: Value, name: str) -> Value:
        """`owner.name`; the part that evaluates expressions knows how."""
        raise NotImplementedError


def list_method(owner: Items, name: str, args: list[Value]) -> None:
    if name == "append" and args:
        owner.items.append(args[0])
    elif name == "extend" and args:
        more = elements(args[0])
        owner.items.extend(more or [])
        owner.complete = owner.complete and more is not None


def dict_method(owner: Dict, name: str, args: list[Value]) -> Value:
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
        case "setdefault" if len(args) == 2 and isinstance(args[0], Const):
            return owner.items.setdefault(args[0].value, args[1])
        case "update" if args and isinstance(args[0], Dict):
            owner.items.update(args[0].items)
            return Const(None)
        case _:
            return UNKNOWN


def string_method(text: str, name: str, args: list[Value]) -> Value:
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
