"""Type hints: a function that takes or returns a Query takes or returns a Select."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo, Module
from migrator.index.project import Project
from migrator.index.signature import parameters
from migrator.index.walk import children, walk
from migrator.queries.step import Action
from migrator.types.names import QUERY_CLASSES

_SELECT = "Select"
#: Types that a generator function may say it returns, and what hands on what such a one gives.
_STEPPING = frozenset({"Iterator", "Iterable", "Generator", "ContextManager"})
_MANAGER = "contextlib.AbstractContextManager"


def query_hints(project: Project, info: FunctionInfo) -> Iterator[tuple[ast.expr, Action]]:
    """Every mention of a query class in the annotations of a function, with its rewriting."""
    hints = [a.annotation for a in parameters(info.node.args)]
    hints.append(info.node.returns)
    hints += [n.annotation for n in walk(info.node) if isinstance(n, ast.AnnAssign)]
    for hint in hints:
        if hint is not None:
            yield from _mentions(project, info.module, hint)


def generator_hint(project: Project, info: FunctionInfo) -> Iterator[tuple[ast.expr, Action]]:
    """What a generator's return type hint becomes when it is asynchronous."""
    hint = info.node.returns
    head = hint.value if isinstance(hint, ast.Subscript) else hint
    if not isinstance(head, ast.Name | ast.Attribute):
        return
    found = project.resolve(info.module, head)
    if not isinstance(found, ExternalName):
        return
    if found.dotted == _MANAGER:
        args = {"module": "contextlib", "name": "AbstractAsyncContextManager"}
        yield head, Action("use_name", args)
        return
    module, _, name = found.dotted.rpartition(".")
    if module not in ("typing", "collections.abc") or name not in _STEPPING:
        return
    yield head, Action("use_name", {"module": module, "name": f"Async{name}"})
    if name == "Generator" and isinstance(hint, ast.Subscript):
        yield hint, Action("async_generator_hint")


def _mentions(
    project: Project, module: Module, node: ast.expr
) -> Iterator[tuple[ast.expr, Action]]:
    match node:
        case ast.Name() | ast.Attribute():
            if _is_query(project, module, node):
                yield node, Action("query_hint")
        case ast.Subscript(value=value) if _is_query(project, module, value):
            yield node, Action("query_hint")
        case ast.Constant(value=str() as text):
            new = _in_text(project, module, text)
            if new != text:
                yield node, Action("query_hint", {"text": new})
        case _:
            for child in children(node):
                if isinstance(child, ast.expr):
                    yield from _mentions(project, module, child)


def _is_query(project: Project, module: Module, node: ast.expr) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    found = project.resolve(module, node)
    if isinstance(found, ClassInfo):
        return any(base in QUERY_CLASSES for base in project.external_bases(found))
    return isinstance(found, ExternalName) and found.dotted in QUERY_CLASSES


def _in_text(project: Project, module: Module, text: str) -> str:
    """An annotation in quotes with its query classes replaced; as it was where there are none."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return text
    replacer = _Replacer(project, module)
    new = replacer.visit(tree)
    return ast.unparse(new) if replacer.found else text


class _Replacer(ast.NodeTransformer):
    def __init__(self, project: Project, module: Module) -> None:
        self.project = project
        self.module = module
        self.found = False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._replaced(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._replaced(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if not _is_query(self.project, self.module, node.value):
            return self.generic_visit(node)
        self.found = True
        rows = ast.Subscript(ast.Name("tuple"), node.slice)
        return ast.Subscript(ast.Name(_SELECT), rows)

    def _replaced(self, node: ast.Name | ast.Attribute) -> ast.expr:
        if not _is_query(self.project, self.module, node):
            return node
        self.found = True
        return ast.Name(_SELECT)
