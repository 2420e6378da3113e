"""Adding the imports that new code needs, merged into those that the module has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import libcst as cst

from migrator.codemod.context import Context


def add_imports(tree: cst.Module, context: Context) -> cst.Module:
    """The module with `from module import name` for everything that the rules asked for."""
    wanted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for (module, name), local in context.needed.items():
        wanted[module].append((name, local))
    if not wanted:
        return tree
    body = list(tree.body)
    for index, statement in enumerate(body):
        merged = _merged(statement, wanted)
        if merged is not None:
            body[index] = merged
    position = _after_imports(body)
    new = [
        cst.parse_statement(f"from {module} import {', '.join(map(_alias, sorted(names)))}\n")
        for module, names in sorted(wanted.items())
    ]
    if position == 0 and body and not _is_import(body[0]):
        header = tree.header
        return tree.with_changes(body=[*new, *body], header=header)
    return tree.with_changes(body=[*body[:position], *new, *body[position:]])


def _alias(item: tuple[str, str]) -> str:
    name, local = item
    return name if name == local else f"{name} as {local}"


def _merged(
    statement: cst.BaseStatement | cst.BaseSmallStatement,
    wanted: dict[str, list[tuple[str, str]]],
) -> cst.SimpleStatementLine | None:
    """The statement with the wanted names added, when it imports from one of the modules."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    small = statement.body[0]
    if not isinstance(small, cst.ImportFrom) or isinstance(small.names, cst.ImportStar):
        return None
    if small.relative or small.module is None or small.lpar is not None:
        return None
    module = cst.Module([]).code_for_node(small.module)
    names = wanted.get(module)
    if names is None:
        return None
    del wanted[module]
    have = [
        cst.Module([]).code_for_node(n.with_changes(comma=cst.MaybeSentinel.DEFAULT))
        for n in small.names
    ]
    texts = [*have, *(a for a in map(_alias, sorted(names)) if a not in have)]
    new = cst.parse_statement(f"from {module} import {', '.join(texts)}\n")
    assert isinstance(new, cst.SimpleStatementLine)
    return statement.with_changes(body=new.body)


def _is_import(statement: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(s, cst.Import | cst.ImportFrom) for s in statement.body
    )


def _after_imports(body: Sequence[cst.BaseStatement]) -> int:
    """After the last import of the leading block; else after docstring and `__future__`."""
    position = 0
    for index, statement in enumerate(body):
        if _is_import(statement):
            position = index + 1
        elif isinstance(statement, cst.SimpleStatementLine) and isinstance(
            statement.body[0], cst.Expr
        ):
            if index == 0:
                position = 1
        elif position:
            break
    return position
