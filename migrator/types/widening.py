"""What is put into a container, wherever else that is known: by another name, in a module, in a class."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.index.definitions import Import, Resolved, Variable
from migrator.index.signature import parameters
from migrator.queries.types import (
    EMPTY,
    ClassType,
    DictOf,
    External,
    ModuleType,
    Object,
    Type,
    Unknown,
)
from migrator.types.arguments import Arguments
from migrator.types.giving import chosen_from
from migrator.types.lattice import holds_query, join, options


class Widening(Arguments):
    """Adds what containers take in."""

    def widen(self, target: ast.expr, value: Type) -> None:
        """A container has taken something in; `target` is the expression it was reached by."""
        if isinstance(self.known(target), Unknown):
            self.escape(target, value)
        match target:
            case ast.Name(id=name) if name in self.env:
                self.put_into(target, value)
                old = self.env[name]
                self.env[name] = join(old, value)
                self.query_lost(target, old, self.env[name])
                self.query_lost(target, value, self.env[name])
                if holds_query(value) and (self.is_given(name) or self.is_shared(name)):
                    # Whoever has the container as well was not seen to put anything in.
                    self.query_given_away(target, value)
                self.widen_elsewhere(target, name, value)
            case ast.Name(id=name):
                found = self.project.lookup(self.module, name)
                if isinstance(found, Variable):
                    self.keep_variable(target, found.module, found.name, value)
                else:
                    self.escape(target, value)
            case ast.Attribute(value=owner, attr=name):
                for option in options(self.known(owner)):
                    if isinstance(option, Object | ClassType):
                        self.keep(target, option.key, name, value)
                    elif isinstance(option, ModuleType):
                        self.keep_variable(target, option.name, name, value)
                    elif option == External("flask.g"):
                        self.keep(target, "flask.g", name, value)
                    else:
                        self.escape(target, value)
            case (
                ast.Subscript(value=outer)
                | ast.Call(func=ast.Attribute(value=outer, attr="setdefault" | "get"))
            ):
                # A value inside a dict: the dict's values take it in.
                self.widen(outer, DictOf(EMPTY, value))
            case _:
                self.escape(target, value)

    def widen_elsewhere(self, target: ast.expr, name: str, value: Type) -> None:
        """What has a name here has others: an attribute, a variable of a module, what it was taken from."""
        if name in self.widening:
            return
        if self.class_here is not None and name in self.class_here.attributes:
            self.keep(target, self.class_here.key, name, value)
        elif self.function is None or name in self.function.imports():
            found = self._imported_here(name)
            if isinstance(found, Variable):
                self.keep_variable(target, found.module, found.name, value)
        self.widening.add(name)
        for source in self._taken_from(name):
            self.widen(source, value)
        self.widening.discard(name)

    def _imported_here(self, name: str) -> Resolved:
        """What a name stands for that this function imports itself, or the module has."""
        imports = self.function.imports().get(name, ()) if self.function is not None else ()
        for statement in imports:
            if isinstance(statement, ast.ImportFrom):
                target = self.module.absolute(statement.module, statement.level)
                named = (a.name for a in statement.names if name == (a.asname or a.name))
                return self.project.imported(Import(target, next(named)))
        return None if imports else self.project.lookup(self.module, name)

    def _taken_from(self, name: str) -> list[ast.expr]:
        """The places that a name was given the value of: `table = self.table`."""
        if self.function is not None:
            nodes: Sequence[ast.AST] = self.function.nodes
        else:
            nodes = self.module.source.tree.body if self.module.source.tree is not None else ()
        return [
            source
            for node in nodes
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
            for source in chosen_from(node.value)
            if isinstance(source, ast.Name | ast.Attribute | ast.Subscript)
        ]

    def is_shared(self, name: str) -> bool:
        """Whether something else stands for the same here: another name, an attribute, an item."""
        return self.function is not None and any(
            _hands_on(node, name) for node in self.function.nodes
        )

    def is_given(self, name: str) -> bool:
        """Whether it is a parameter of this function."""
        return self.function is not None and any(
            parameter.arg == name for parameter in parameters(self.function.node.args)
        )


def _hands_on(node: ast.AST, name: str) -> bool:
    """Whether a node gives what a name stands for another name or a place in something."""
    given: list[ast.expr] = []
    match node:
        case ast.Assign(targets=targets, value=value):
            given = chosen_from(value)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            targets, given = [target], chosen_from(value)
        case ast.List(elts=given) | ast.Tuple(elts=given) | ast.Set(elts=given):
            targets = []
        case ast.Dict(keys=keys, values=values):
            targets = []
            given = [v for key, v in zip(keys, values, strict=True) if key is not None]
        case ast.Call(func=ast.Attribute(), args=given):
            targets = []
        case _:
            return False
    sources = [v.id for v in given if isinstance(v, ast.Name) and isinstance(v.ctx, ast.Load)]
    own = any(isinstance(t, ast.Name) and t.id == name for t in targets)
    return name in sources or (own and (bool(sources) or len(targets) > 1))
