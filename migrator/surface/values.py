"""Abstract values of the set-up code: what a name may stand for while an application is made."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from migrator.frozen import frozen
from migrator.index.definitions import ClassInfo, FunctionInfo, Module


class Value:
    """Anything; what is not known is a plain `Value`."""


UNKNOWN = Value()


@frozen
class Const(Value):
    """A str, number, bool, bytes or None."""

    value: Any


@frozen
class Member(Const):
    """A member of an enumeration; `value` is its own."""

    name: str


@dataclass(eq=False, slots=True)
class Items(Value):
    """A list, tuple or set; `complete` is False where there may be more."""

    items: list[Value]
    complete: bool = True


class FoundModule(Items):
    """What pkgutil gives for a module: its finder, its name, whether it is a package."""


@dataclass(eq=False, slots=True)
class ObjectKey:
    """An object used as a dictionary's key, `{blueprint: "/prefix"}`."""

    value: Value


@dataclass(eq=False, slots=True)
class Dict(Value):
    """A dict; keys are constants or `ObjectKey`s, entries with unknown keys are lost."""

    items: dict[Any, Value] = field(default_factory=dict)


@frozen
class ModuleValue(Value):
    """A module of the repository."""

    module: Module


@frozen
class ExternalValue(Value):
    """A name of another distribution."""

    dotted: str


@dataclass(eq=False, slots=True)
class FunctionValue(Value):
    """A function; `frame` is where it was defined, `name` its `__name__` after decoration.

    `decorators` are the keys or dotted names applied so far, innermost first.
    """

    info: FunctionInfo
    frame: Frame
    name: str
    decorators: tuple[str, ...] = ()
    bound: Value | None = None


@dataclass(eq=False, slots=True)
class LambdaValue(Value):
    """A lambda."""

    node: ast.Lambda
    frame: Frame


@dataclass(eq=False, slots=True)
class PartialValue(Value):
    """`functools.partial(f, ...)`."""

    function: Value
    args: list[Value]
    keywords: dict[str, Value]


@frozen
class ClassValue(Value):
    """A class of the repository."""

    info: ClassInfo


@dataclass(eq=False, slots=True)
class Instance(Value):
    """An object: of a class of the repository, or made by calling the external name `dotted`."""

    cls: ClassInfo | None
    dotted: str
    node: ast.AST
    module: Module
    args: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Method(Value):
    """`owner.name`, where owner is an application, a blueprint or an external object."""

    owner: Value
    name: str


@dataclass(eq=False, slots=True)
class Call:
    """A call as the code of `frame` makes it.

    `decorates` is the definition where it is made as a decorator: of that alone it is given.
    """

    frame: Frame
    node: ast.Call
    args: list[Value]
    keywords: dict[str, Value] = field(default_factory=dict)
    decorates: ast.AST | None = None

    @property
    def module(self) -> Module:
        return self.frame.module

    @property
    def given(self) -> list[Value]:
        """Every argument."""
        return [*self.args, *self.keywords.values()]

    def argument(self, position: int, name: str, otherwise: Value = UNKNOWN) -> Value:
        """The argument that stands at the position, or is given by the name."""
        if len(self.args) > position:
            return self.args[position]
        return self.keywords.get(name, otherwise)


@dataclass(eq=False, slots=True)
class Pending(Value):
    """A registration method called with its options, waiting for the function: `bp.route("/")`."""

    method: Method
    call: Call


def made_by(call: Call, dotted: str, cls: ClassInfo | None = None) -> Instance:
    """The object that a call makes."""
    return Instance(cls, dotted, call.node, call.module, call.args, call.keywords)


@dataclass(eq=False, slots=True)
class ViewClass(Value):
    """`SomeView.as_view("name")`."""

    cls: Value
    name: Value
    #: False where a rule was given the class itself: APIFlask makes the view, Flask can't.
    made: bool = True


@dataclass(eq=False, slots=True)
class Route:
    """One `route`/`get`/`add_url_rule` call.

    `node` is the call. `decorates` is the function definition where the call is a decorator on it.
    """

    rule: Value
    endpoint: Value
    options: dict[str, Value]
    methods: tuple[str, ...] | None
    view: Value
    node: ast.Call
    module: Module
    decorates: ast.AST | None


@dataclass(eq=False, slots=True)
class Hook:
    """One registration other than a route; `kind` is an EntryKind."""

    kind: str
    view: Value
    node: ast.AST
    module: Module
    method: str
    decorates: ast.AST | None = None


@dataclass(eq=False, slots=True)
class Registered:
    """`owner.register_blueprint(blueprint, **options)`."""

    blueprint: Scaffold
    options: dict[str, Value]
    node: ast.Call
    module: Module


@dataclass(eq=False, slots=True)
class Scaffold(Value):
    """A Flask or Blueprint object: what was registered on it, in order.

    `dotted` names a blueprint's class, or the base of it that is of another distribution.
    """

    kind: str
    node: ast.Call
    module: Module
    args: list[Value]
    keywords: dict[str, Value]
    cls: ClassInfo | None = None
    function: FunctionInfo | None = None
    routes: list[Route] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    events: list[Route | Registered] = field(default_factory=list)
    attributes: dict[str, Value] = field(default_factory=dict)
    converters: dict[str, Value] = field(default_factory=dict)
    settings: dict[str, Value] = field(default_factory=dict)
    config: dict[str, Value] = field(default_factory=dict)
    config_sources: list[Value] = field(default_factory=list)
    dotted: str = ""


@dataclass(eq=False, slots=True)
class Frame:
    """Names of one module, function call or class body."""

    module: Module
    names: dict[str, Value] = field(default_factory=dict)
    parent: Frame | None = None
    function: FunctionInfo | None = None
    returns: list[Value] = field(default_factory=list)
    global_names: set[str] = field(default_factory=set)

    def find(self, name: str) -> Value | None:
        """The value of `name` here or in an enclosing frame."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.parent
        return None

    def top(self) -> Frame:
        """The module's frame."""
        frame = self
        while frame.parent is not None:
            frame = frame.parent
        return frame
