"""A small local driver: types one expression with the tables and rewrites it with the rules.

It follows nothing but the expression itself and the names it is given, which is enough to test
tables and rules without the interpreter.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.tree import apply_edits
from migrator.plan.model import Edit
from migrator.queries import tables
from migrator.queries.join import item_type, subscript_type
from migrator.queries.refusals import SET_OPERATION, refuse
from migrator.queries.step import Action, Refusal, Step
from migrator.queries.terminals import nameless, unpacks
from migrator.queries.types import (
    ALIASED,
    NONE,
    OPAQUE,
    TARGET,
    UNKNOWN,
    Alias,
    Column,
    Db,
    External,
    Instance,
    ListOf,
    ModelType,
    Opaque,
    Pagination,
    Query,
    RelationshipAttribute,
    Result,
    Row,
    Select,
    Selectable,
    Session,
    Type,
)

#: (model key, attribute) → what it is.
Members = Mapping[tuple[str, str], Type]


@dataclass
class Chain:
    """Types of one expression, and the steps found at its nodes."""

    names: dict[str, Type]
    members: Members
    session: Session = field(default_factory=lambda: Session("session"))
    steps: list[tuple[ast.expr, Step]] = field(default_factory=list)
    cache: dict[int, Type] = field(default_factory=dict)
    connecting: ast.expr | None = None

    def typeof(self, node: ast.expr) -> Type:
        known = self.cache.get(id(node))
        if known is None:
            known = self.cache[id(node)] = self._eval(node)
        return known

    def step(self, node: ast.expr, step: Step) -> Type:
        self.steps.append((node, step))
        return step.result

    def _eval(self, node: ast.expr) -> Type:
        match node:
            case ast.Constant(value=value):
                return NONE if value is None else Opaque(type(value).__name__)
            case ast.Name(id=name):
                return self.names.get(name, UNKNOWN)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                owner = self.typeof(node.value)
                if isinstance(owner, Query):
                    return self.step(node, tables.query_subscript(owner, node, self.typeof))
                return subscript_type(owner, node.slice)
            case ast.Compare() | ast.BinOp() | ast.UnaryOp() | ast.BoolOp():
                types = [
                    self.typeof(c) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)
                ]
                columns = (Column, RelationshipAttribute)
                return Column() if any(isinstance(t, columns) for t in types) else OPAQUE
            case ast.List() | ast.Tuple() | ast.Set():
                items = [self.typeof(e) for e in node.elts]
                return ListOf(items[0] if len(set(items)) == 1 else UNKNOWN)
            case ast.Dict():
                for child in (*node.keys, *node.values):
                    if child is not None:
                        self.typeof(child)
                return OPAQUE
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                generator = node.generators[0]
                source = self.consumed(generator.iter)
                inside = {id(n) for n in ast.walk(generator.iter)}
                for index, (place, step) in enumerate(self.steps):
                    named = step.action is not None and step.action.rule == "after_union"
                    if named and id(place) in inside:
                        refused = refuse(SET_OPERATION, "in a comprehension")
                        self.steps[index] = place, replace(step, action=None, refusal=refused)
                if unpacks(generator.target):
                    place, step = self.steps[-1]
                    self.steps[-1] = place, nameless(step)
                if isinstance(generator.target, ast.Name):
                    self.names[generator.target.id] = item_type(source)
                elif isinstance(generator.target, ast.Tuple):
                    for index, target in enumerate(generator.target.elts):
                        assert isinstance(target, ast.Name)
                        one = item_type(source)
                        self.names[target.id] = subscript_type(one, ast.Constant(index))
                return ListOf(self.typeof(node.elt))
        return UNKNOWN

    def consumed(self, node: ast.expr) -> Type:
        value = self.typeof(node)
        if isinstance(value, Query):
            return self.step(node, tables.query_iteration(value))
        return value

    def _attribute(self, node: ast.Attribute) -> Type:
        owner, name = self.typeof(node.value), node.attr
        match owner:
            case ModelType(key=key) if name == "query":
                step = tables.query_attribute(owner)
                assert isinstance(step.result, Query)
                result = Query(
                    **{f: getattr(step.result, f) for f in Query.__match_args__}
                    | {"session": Session("db.session", "pkg:db.session")}
                )
                self.steps.append((node, step))
                return result
            case ModelType(key=key) | Alias(key=key):
                member = self.members.get((key, name), Column(ast.unparse(node), key))
                if isinstance(owner, Alias) and isinstance(member, Column | RelationshipAttribute):
                    return replace(member, key=ALIASED + member.key)
                return member
            case Instance(key=key):
                found = self.members.get((key, name))
                if isinstance(found, RelationshipAttribute) and found.lazy == "dynamic":
                    step = tables.dynamic_attribute(owner, found.target, self.session)
                    return self.step(node, step)
                return OPAQUE
            case Query():
                return self.step(node, tables.query_member(owner, name))
            case Session():
                return self.step(node, tables.session_member(name))
            case Pagination():
                return self.step(node, tables.pagination_attribute(owner, name))
            case Row():
                return self.step(node, tables.row_attribute(owner, name))
            case External(dotted=dotted):
                return External(f"{dotted}.{name}")
            case Db():
                return (
                    Session("db.session", "pkg:db.session")
                    if name == "session"
                    else External(f"sqlalchemy.{name}")
                )
            case Selectable():
                return owner if name in ("c", "columns") else Column(unhashable=True)
            case RelationshipAttribute() if name == TARGET:
                return ModelType(owner.target, "")
            case Opaque() | Column():
                return OPAQUE
        return UNKNOWN

    def _call(self, node: ast.Call) -> Type:
        consuming = isinstance(node.func, ast.Name) and node.func.id in (
            *("list", "tuple", "set", "sorted", "sum", "any", "all", "max", "min", "dict"),
            *("enumerate", "iter", "next"),
        )
        for argument in (*node.args, *(k.value for k in node.keywords)):
            if consuming:
                self.consumed(argument)
            else:
                self.typeof(argument)
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name in tables.ON_CONNECTION:
                self.connecting = node.func.value
            owner = self.typeof(node.func.value)
            if isinstance(owner, Query | Session):
                # A method that is called at once is not read as a value.
                self.cache[id(node.func)] = UNKNOWN
            match owner:
                case Query():
                    return self.step(node, tables.query_step(owner, name, node, self.typeof))
                case tables.CONNECTION:
                    return self.step(node, tables.on_connection(name, node, self.typeof))
                case Session() if name == "connection" and self.connecting is node:
                    return self.step(node, tables.connection_step(owner))
                case Session():
                    return self.step(node, tables.session_step(owner, name, node, self.typeof))
                case Select():
                    return self.step(node, tables.select_step(owner, name, node, self.typeof))
                case Result():
                    return self.step(node, tables.result_step(owner, name, node))
                case Row():
                    return self.step(node, tables.row_call(owner, name))
                case Column() | RelationshipAttribute():
                    return Column(ast.unparse(node))
                case Selectable():
                    return owner
                case Db() if name in ("get_or_404", "first_or_404", "one_or_404", "paginate"):
                    return self.step(node, tables.db_step(name, node, self.typeof))
        target = self.typeof(node.func)
        if isinstance(target, External):
            return self.step(node, tables.select_call(target.dotted, node, self.typeof))
        if isinstance(target, ModelType):
            return Instance(target.key, fresh=True)
        return UNKNOWN


@dataclass(frozen=True)
class Converted:
    """The new source, or why there is none."""

    source: str
    refusals: tuple[Refusal, ...]
    imports: dict[tuple[str, str], str]
    result: Type


def convert(
    source: str, names: Mapping[str, Type], members: Members, *, consume: bool = False
) -> Converted:
    """Convert one expression. With `consume`, the value itself is iterated over."""
    source = textwrap.dedent(source).strip()
    text = f"value = (\n{source}\n)\n" if "\n" in source else f"value = {source}\n"
    tree = ast.parse(text)
    statement = tree.body[0]
    assert isinstance(statement, ast.Assign)
    chain = Chain(dict(names), members)
    result = chain.consumed(statement.value) if consume else chain.typeof(statement.value)
    refusals = tuple(s.refusal for _, s in chain.steps if s.refusal is not None)
    edits: dict[int, tuple[ast.expr, list[Action]]] = {}
    for node, step in chain.steps:
        if step.action is not None:
            edits.setdefault(id(node), (node, []))[1].append(step.action)
    context = Context(text=text)
    if refusals:
        return Converted("", refusals, {}, result)
    planned = [Edit(node, tuple(a)) for node, a in edits.values()]
    code = apply_edits(text, ast.parse(text), planned, context)
    needed = {key: local for key, (local,) in context.needed.items()}
    return Converted(code.removeprefix("value = ").strip(), (), needed, result)
