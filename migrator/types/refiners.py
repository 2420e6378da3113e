"""Functions that refine the query they get: what they return is of the kind that they were given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import FunctionInfo, Import, Resolved
from migrator.index.project import Project
from migrator.index.signature import parameters, positional
from migrator.index.walk import children
from migrator.queries.join import join
from migrator.queries.types import Query, Type, Union

#: Methods that change neither what a query selects nor of which class it is.
REFINING = frozenset(
    {
        *("filter", "filter_by", "where", "order_by", "group_by", "having", "limit", "offset"),
        *("slice", "distinct", "join", "outerjoin", "options", "with_for_update", "params"),
        *("execution_options", "populate_existing", "autoflush", "reset_joinpoint"),
        *("select_from", "with_parent", "yield_per", "enable_eagerloads"),
    }
)


def refined_parameter(
    project: Project, info: FunctionInfo, within: frozenset[str] = frozenset()
) -> str:
    """The parameter whose refinement every `return` gives; "" where that isn't certain.

    Through variables, and through functions that do so themselves: `query = paged(query, 20)`.
    `within` are the functions that ask for this one.
    """
    body = _Body(project, info, within | {info.key})
    found = body.reached()
    return found.pop() if len(found) == 1 and found <= body.parameters else ""


class _Body:
    """What the variables of a function are refinements of."""

    def __init__(self, project: Project, info: FunctionInfo, within: frozenset[str]) -> None:
        self._project = project
        self._info = info
        self._within = within
        self.parameters = {a.arg for a in parameters(info.node.args)}
        self._returned: set[str] = set()
        #: By variable: what is assigned to it, None for what is no plain assignment.
        self._assigned: dict[str, list[ast.expr | None]] = {}
        plain: set[int] = set()
        for node in _own(info.node):
            match node:
                case ast.Return(value=value):
                    self._returned.add(self._root(value))
                case (
                    ast.Assign(targets=[ast.Name() as target], value=value)
                    | ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value)
                ):
                    plain.add(id(target))
                    self._assigned.setdefault(target.id, []).append(value)
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if id(node) not in plain:
                    self._assigned.setdefault(name, []).append(None)
                case ast.Yield() | ast.YieldFrom() | ast.Match():
                    self._returned.add("")
                case ast.ExceptHandler(name=str() as name):
                    self._assigned.setdefault(name, []).append(None)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    self._assigned.setdefault(node.name, []).append(None)
        for name in info.shared_names():
            self._assigned.setdefault(name, []).append(None)

    def reached(self) -> set[str]:
        """The names that what is returned comes from in the end; "" is anything else."""
        reached: set[str] = set()
        work = [*self._returned]
        while work:
            name = work.pop()
            if name not in reached:
                reached.add(name)
                work += [self._root(value) for value in self._assigned.get(name, ())]
        return {name for name in reached if name not in self._assigned or name in self.parameters}

    def _root(self, node: ast.expr | None) -> str:
        """The name that a chain of refinements begins with; "" for anything else."""
        while isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in REFINING:
                node = node.func.value
            else:
                node = self._handed_on(node)
        return node.id if isinstance(node, ast.Name) else ""

    def _handed_on(self, call: ast.Call) -> ast.expr | None:
        """What a call refines, where a function of the repository does nothing else with it."""
        target, bound = self._called(call.func)
        if target is None or target.key in self._within or target.node.decorator_list:
            return None
        if len(self._project.variants(target)) > 1:
            return None
        name = refined_parameter(self._project, target, self._within)
        return argument_for(call, target, name, bound=bound) if name else None

    def _called(self, func: ast.expr) -> tuple[FunctionInfo | None, bool]:
        """The function that is surely called, and whether it is a method of the same object."""
        info = self._info
        found: Resolved = None
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            first = [a.arg for a in positional(info.node.args)][:1]
            if info.owner is not None and first == [func.value.id]:
                below = self._project.subclasses(info.owner)
                if any(func.attr in cls.methods for cls in below):
                    return None, True
                return self._project.method(info.owner, func.attr), True
        root = func
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in info.bound_names():
            return None, False
        match info.imports().get(root.id):
            case None:
                found = self._project.resolve(info.module, func)
            case [ast.ImportFrom() as imported] if root is func:
                names = [a.name for a in imported.names if root.id in (a.asname, a.name)]
                home = info.module.absolute(imported.module, imported.level)
                found = self._project.imported(Import(home, names[0]))
        return (found if isinstance(found, FunctionInfo) else None), False


def argument_for(
    call: ast.Call, target: FunctionInfo, name: str, *, bound: bool
) -> ast.expr | None:
    """What a call gives for a parameter; None where that can't be told, and for a method's first."""
    for parameter, argument in zip(positional(target.node.args)[bound:], call.args, strict=False):
        if isinstance(argument, ast.Starred):
            return None
        if parameter.arg == name:
            return argument
    return next((k.value for k in call.keywords if k.arg == name), None)


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, those in functions and classes inside of it left out."""
    work = children(function)
    while work:
        node = work.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            work += children(node)


def of_kind(value: Type | None, given: Type | None) -> Type | None:
    """What a refiner returns for this argument, of all that it returns for any."""
    if not isinstance(value, Union) or given is None:
        return value
    queries = given.options if isinstance(given, Union) else frozenset({given})
    if not all(isinstance(q, Query) for q in queries):
        return value
    result: Type | None = None
    for option in value.ordered:
        if isinstance(option, Query) and any(
            isinstance(q, Query) and _alike(option, q) for q in queries
        ):
            result = option if result is None else join(result, option)
    return value if result is None else result


def _alike(one: Query, other: Query) -> bool:
    if one.dynamic != other.dynamic or one.cls != other.cls:
        return False
    kinds = [[(s.kind, s.key) for s in q.selects] for q in (one, other)]
    return kinds[0] == kinds[1]
