"""One module's definitions, from its tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from migrator.index.declared import makes_base, makes_member
from migrator.index.definitions import (
    ClassInfo,
    Earlier,
    FunctionInfo,
    FunctionNode,
    Import,
    Module,
    Variable,
)
from migrator.index.read_at_once import ReadAtOnce
from migrator.index.walk import walk

#: Where statements hold others, in the order of the source.
_PARTS = ("body", "handlers", "orelse", "finalbody", "cases")
_COMPOUND = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match,
    ast.ExceptHandler, ast.match_case,
)  # fmt: skip


class Binder:
    """Collects a module's bindings, functions and classes in one walk."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.keys: set[str] = set()
        #: Inside of `if`, `try` or the like.
        self.conditional = False
        #: What each star found bound.
        self._above: list[tuple[str, dict[str, object]]] = []
        self._read_at_once = ReadAtOnce(module)

    def bind(self) -> None:
        """Fill in what the module binds."""
        assert self.module.source.tree is not None
        self._body(self.module.source.tree.body)
        for star, above in reversed(self._above):
            for name, binding in above.items():
                if self.module.bindings.get(name) is binding:
                    self.module.covering.setdefault(name, []).append(star)
        self._read_at_once.say_which()
        if self.module.source.says("global "):
            self._made_later()

    def _made_later(self) -> None:
        """`db = None`, which one function makes: `global db; db = SQLAlchemy()`."""
        made: dict[str, dict[int, ast.expr]] = {}
        for info in self.module.functions:
            names = {n for node in info.nodes if isinstance(node, ast.Global) for n in node.names}
            for node in info.nodes if names else ():
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                        made.setdefault(name, {})[id(value)] = value
        for name, values in made.items():
            known, [value, *more] = self.module.bindings.get(name), values.values()
            is_call = isinstance(value, ast.Call) and not more
            if is_call and isinstance(known, Variable) and _is_nothing(known.value):
                self.module.bindings[name] = replace(known, value=value)

    def _body(self, body: list[ast.stmt]) -> None:
        for node in body:
            match node:
                case ast.FunctionDef(args=given) | ast.AsyncFunctionDef(args=given):
                    self._read_at_once.note([*given.defaults, *given.kw_defaults])
                    self._bind_function(self._function(node, "", None, None))
                case ast.ClassDef():
                    self._read_at_once.note(node.bases)
                    cls = self._class(node, "", None)
                    self._bind_class(cls)
                case ast.Import():
                    for alias in node.names:
                        if alias.asname:
                            self._bind(alias.asname, Import(alias.name))
                        else:
                            root = alias.name.partition(".")[0]
                            self._bind(root, Import(root))
                case ast.ImportFrom():
                    target = self.module.absolute(node.module, node.level)
                    for alias in node.names:
                        if alias.name == "*":
                            self._star(target)
                        else:
                            self._bind(alias.asname or alias.name, Import(target, alias.name))
                case ast.Assign():
                    for to in node.targets:
                        for place, value in _pairs(to, node.value):
                            if isinstance(place, ast.Name):
                                self._variable(place.id, value, None)
                            elif isinstance(place, ast.Attribute):
                                self._mapped(place, value)
                case ast.AnnAssign():
                    if isinstance(node.target, ast.Name):
                        self._variable(node.target.id, node.value, node.annotation)
                case ast.If(test=test) if node.orelse and (apart := of_types(test, node)):
                    self._apart(*apart)
                case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                    outer, self.conditional = self.conditional, True
                    for part in ("body", "handlers", "orelse", "finalbody"):
                        for child in getattr(node, part, []):
                            self._body(
                                child.body if isinstance(child, ast.ExceptHandler) else [child]
                            )
                    self.conditional = outer
                case _:
                    pass

    def _apart(self, unread: list[ast.stmt], run: list[ast.stmt]) -> None:
        """Names are what the run gives them, and not what type checkers alone read.

        `else: Base = declarative_base()`. What stands in for a type, `else: Order = Any`, says nothing.
        """
        bindings = self.module.bindings
        before = dict(bindings)
        outer, self.conditional = self.conditional, True
        self._body(unread)
        self.conditional = outer
        typed = dict(bindings)
        bindings.clear()
        bindings.update(before)
        self._body(run)
        for name, binding in typed.items():
            found = bindings.get(name)
            if found is before.get(name) or _stands_in(found):
                bindings[name] = binding
            elif found is not binding:
                self.module.otherwise.pop(name, None)

    def _star(self, target: str) -> None:
        if self.conditional:
            self.module.stars.append(target)
        else:
            self.module.stars.insert(0, target)
            self._above.append((target, dict(self.module.bindings)))

    def _bind(self, name: str, value: Import | FunctionInfo | ClassInfo) -> None:
        if not self.conditional:
            self.module.bindings[name] = value
            self.module.otherwise.pop(name, None)
            return
        # The first real binding wins over a fallback in `except ImportError`.
        known = self.module.bindings.setdefault(name, value)
        if self._is_own(known) != self._is_own(value):
            imported = next(b for b in (known, value) if not self._is_own(b))
            self._either(name, imported if isinstance(imported, Import) else None)
        elif isinstance(known, Import) and isinstance(value, Import) and value != known:
            self.module.otherwise.setdefault(name, []).append(value)

    def _either(self, name: str, imported: Import | None) -> None:
        """Only the run knows what the name is."""
        self.module.bindings[name] = Variable(self.module.name, name, None, None, imported)

    def _is_own(self, binding: object) -> bool:
        """Whether it is surely of the repository: a definition, what comes from the same package."""
        if isinstance(binding, Import):
            return binding.module.partition(".")[0] == self.module.name.partition(".")[0]
        return isinstance(binding, FunctionInfo | ClassInfo)

    def _bind_class(self, cls: ClassInfo) -> None:
        """As functions: the last one, or of a condition's any."""
        if self.conditional and isinstance(self.module.bindings.get(cls.name), ClassInfo):
            self._either(cls.name, None)
        else:
            self._bind(cls.name, cls)

    def _bind_function(self, info: FunctionInfo) -> None:
        """The last definition is the one that is called; of a condition's, any may be."""
        if is_overload(info.node):
            return
        known = self.module.bindings.get(info.name)
        if self.conditional and isinstance(known, FunctionInfo | Import):
            self._either(info.name, None)
        else:
            self._bind(info.name, info)

    def _variable(self, name: str, value: ast.expr | None, annotation: ast.expr | None) -> None:
        known = self.module.bindings.get(name)
        if known is None:
            self.module.bindings[name] = Variable(self.module.name, name, value, annotation)
        elif isinstance(known, FunctionInfo | ClassInfo) or not (
            self.conditional or isinstance(known, Variable)
        ):
            self._again(known, name, value)
        elif (
            isinstance(known, Import)
            and self.conditional
            and not self._is_own(known)
            and any(
                isinstance(node, ast.Name) and self._is_own(self.module.bindings.get(node.id))
                for node in (ast.walk(value) if value is not None else ())
            )
        ):
            self._either(name, known)

    def _again(
        self, known: FunctionInfo | ClassInfo | Import, name: str, value: ast.expr | None
    ) -> None:
        """What has a name already gets it again: `total = counted(total)`.

        What another distribution's decorator makes of a function, and what is made of a class, is taken for what
        it was; so is what a condition replaces by a constant: nobody can call that.
        """
        nodes = walk(value) if value is not None else ()
        itself = [node for node in nodes if isinstance(node, ast.Name) and node.id == name]
        if value is None or (isinstance(value, ast.Constant) and self.conditional):
            return
        if itself and isinstance(known, ClassInfo):
            if not makes_base(value):
                return
        elif itself and self._is_own(known) and not self._is_own(self._first(value)):
            return
        if self.conditional:
            if not isinstance(known, ClassInfo):
                self._either(name, None)
            return
        before = Earlier(name)
        for node in itself:
            node.id = before
        self.module.earlier[before.key] = known
        self.module.bindings[name] = Variable(self.module.name, name, value, None)

    def _first(self, value: ast.expr) -> object:
        """What is called by `value`: of `a.b(c)(d)`, what `a` is bound to."""
        while isinstance(value, ast.Call | ast.Attribute):
            value = value.func if isinstance(value, ast.Call) else value.value
        return self.module.bindings.get(value.id) if isinstance(value, ast.Name) else None

    def _mapped(self, target: ast.Attribute, value: ast.expr) -> None:
        """`Order.lines = relationship(...)` below the class is one of its attributes, as in it."""
        owner = target.value
        cls = self.module.bindings.get(owner.id) if isinstance(owner, ast.Name) else None
        if isinstance(cls, ClassInfo) and makes_member(value):
            cls.attributes.setdefault(target.attr, (None, value))

    def _function(
        self, node: FunctionNode, prefix: str, owner: ClassInfo | None, parent: FunctionInfo | None
    ) -> FunctionInfo:
        info = FunctionInfo(self._key(f"{prefix}{node.name}"), self.module, node, owner, parent)
        self.module.functions.append(info)
        self._nested(node, f"{info.qualname}.<locals>.", info)
        return info

    def _nested(self, node: ast.AST, prefix: str, parent: FunctionInfo) -> None:
        for part in _PARTS:
            for child in getattr(node, part, ()):
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                    info = self._function(child, prefix, None, parent)
                    parent.locals.setdefault(child.name, []).append(info)
                elif isinstance(child, ast.ClassDef):
                    self._class(child, prefix, parent)
                elif isinstance(child, _COMPOUND):
                    self._nested(child, prefix, parent)

    def _class(self, node: ast.ClassDef, prefix: str, parent: FunctionInfo | None) -> ClassInfo:
        info = ClassInfo(self._key(f"{prefix}{node.name}"), self.module, node)
        self.module.classes.append(info)
        inner = f"{info.key.partition(':')[2]}."
        unread = {id(child) for child in _for_types_alone(node.body)}
        for child in _flat(node.body):
            match child:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    method = self._function(child, inner, info, parent)
                    if id(child) in unread:
                        continue
                    # A property's setter must not hide its getter.
                    known = info.methods.get(child.name)
                    if known is not None and (
                        _is_kept(info, known) or (child not in node.body and not is_overload(child))
                    ):
                        info.variants.setdefault(child.name, []).append(known)
                    elif child in node.body and not child.decorator_list:
                        info.variants.pop(child.name, None)
                    if not is_overload(child) and (known is None or not child.decorator_list):
                        info.methods[child.name] = method
                case ast.ClassDef():
                    self._class(child, inner, parent)
                case ast.Assign(targets=targets):
                    for to in targets:
                        if isinstance(to, ast.Name):
                            info.attributes[to.id] = (None, self._itself(child.value))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    info.attributes[name] = (child.annotation, self._itself(child.value))
                case ast.Delete(targets=targets):
                    for gone in targets:
                        info.methods.pop(getattr(gone, "id", ""), None)
                case _:
                    pass
        return info

    def _itself(self, value: ast.expr | None) -> ast.expr | None:
        """`cast(Mapped["User"], relationship("User"))` is the relationship: only type checkers read more."""
        match value:
            case ast.Call(func=ast.Name(id=name), args=[_, inner], keywords=[]):
                found = self.module.bindings.get(name)
            case ast.Call(func=ast.Attribute(ast.Name(id="typing"), name), args=[_, inner]):
                found = Import("typing", name)
            case _:
                return value
        return (
            inner
            if found in (Import("typing", "cast"), Import("typing_extensions", "cast"))
            else value
        )

    def _key(self, qualname: str) -> str:
        """`module:qualname`; with a number where there are several of that name.

        Overloads, property setters and conditional definitions share one. No line would do: it is
        another one after each change further up.
        """
        first = f"{self.module.name}:{qualname}"
        key, count = first, 1
        while key in self.keys:
            count += 1
            key = f"{first}@{count}"
        self.keys.add(key)
        return key


def _is_kept(cls: ClassInfo, method: FunctionInfo) -> bool:
    """Whether a class's body has given a method a second name so far: `early = size`."""
    values = [value for _, value in cls.attributes.values() if value is not None]
    return any(isinstance(n, ast.Name) and n.id == method.name for v in values for n in ast.walk(v))


def _stands_in(binding: object) -> bool:
    """Whether a name is `object`, `Any` or None where nobody checks types."""
    value = binding.value if isinstance(binding, Variable) else None
    return getattr(value, "id", getattr(value, "attr", "")) in ("object", "Any") or (
        isinstance(value, ast.Constant) and value.value is None
    )


def of_types(test: ast.expr, node: ast.If) -> tuple[list[ast.stmt], list[ast.stmt]] | None:
    """What type checkers alone read of `if TYPE_CHECKING`, and what is run; None for another `if`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            found = of_types(inner, node)
            return found and (found[1], found[0])
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return node.body, node.orelse
    return None


def _for_types_alone(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """What a class has for type checkers: no object has such a method."""
    for node in body:
        apart = of_types(node.test, node) if isinstance(node, ast.If) else None
        if apart is not None:
            yield from _flat(apart[0])


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target and what it gets: `a, b = A(), B()` are two assignments."""
    match target, value:
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            if not any(isinstance(e, ast.Starred) for e in (*targets, *values)):
                for one, its in zip(targets, values, strict=True):
                    yield from _pairs(one, its)
        case ast.Tuple(elts=targets), ast.Call() | ast.Subscript():
            if not any(isinstance(e, ast.Starred) for e in targets):
                for position, one in enumerate(targets):
                    yield from _pairs(one, _item(value, position))
        case _:
            yield target, value


def _item(value: ast.expr, position: int) -> ast.expr:
    """What `engine, session = connect()` gives its second name: `connect()[1]`."""
    item = ast.Subscript(value, ast.Constant(position), ast.Load())
    return ast.fix_missing_locations(ast.copy_location(item, value))


def is_overload(node: FunctionNode) -> bool:
    """Whether it only says how another definition of its name may be called."""
    last = (getattr(d, "attr", getattr(d, "id", "")) for d in node.decorator_list)
    return "overload" in last


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a class's body, those inside of `if`, `try` and the like among them."""
    for node in body:
        if isinstance(node, _COMPOUND):
            for part in _PARTS:
                yield from _flat(getattr(node, part, []))
        else:
            yield node


def _is_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)
