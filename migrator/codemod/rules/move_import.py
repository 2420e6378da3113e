"""`from flask import Flask, request` becomes `from migrator.runtime.compat import App, request`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.markers import Dropped, MovedImport
from migrator.codemod.rewriting.splice import Source, Tangled
from migrator.queries.step import Action

#: A longer import is written with one name a line.
LINE = 88


def rewrite(
    node: cst.ImportFrom, action: Action, context: Context
) -> cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]:
    """The imports that take this one's place; what has no counterpart stays as it was."""
    groups = dict(action.args["groups"])
    kept = action.args["kept"]
    if not groups and not kept:
        return Dropped()
    if len(groups) == 1 and not kept and not isinstance(node.names, cst.ImportStar):
        ((module, names),) = groups.items()
        return _in_place(node, module, names)
    result: list[cst.BaseSmallStatement] = [
        _imported(module, names) for module, names in groups.items()
    ]
    if kept:
        assert node.module is not None
        result.insert(0, _imported(cst.Module([]).code_for_node(node.module), kept))
    return cst.FlattenSentinel(result)


def _in_place(
    node: cst.ImportFrom, module: str, names: Sequence[tuple[str, str]]
) -> cst.ImportFrom:
    """Everything moves to one module: the layout stays, only names change."""
    assert not isinstance(node.names, cst.ImportStar)
    target = cst.parse_expression(module)
    if len(node.names) != len(names):
        new = _imported(module, names)
        return cst.ImportFrom(module=new.module, names=new.names, lpar=new.lpar, rpar=new.rpar)
    aliases = []
    for alias, (name, asname) in zip(node.names, names, strict=True):
        changed = alias.with_changes(name=cst.Name(name))
        if asname and alias.asname is None:
            changed = changed.with_changes(asname=_as(asname))
        aliases.append(changed)
    return node.with_changes(module=target, names=aliases)


def _as(name: str) -> cst.AsName:
    return cst.AsName(
        cst.Name(name),
        whitespace_before_as=cst.SimpleWhitespace(" "),
        whitespace_after_as=cst.SimpleWhitespace(" "),
    )


def _imported(module: str, names: Sequence[tuple[str, str]]) -> MovedImport:
    text = _text(module, names)
    if len(text) > LINE:
        text = f"from {module} import (\n    " + ",\n    ".join(_listed(names)) + ",\n)"
    statement = cst.parse_statement(text + "\n")
    assert isinstance(statement, cst.SimpleStatementLine)
    parsed = statement.body[0]
    assert isinstance(parsed, cst.ImportFrom)
    return MovedImport(module=parsed.module, names=parsed.names, lpar=parsed.lpar, rpar=parsed.rpar)


def _text(module: str, names: Sequence[tuple[str, str]]) -> str:
    return f"from {module} import {', '.join(_listed(names))}"


def _listed(names: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name} as {asname}" if asname else name for name, asname in names]


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> None:
    """The same as text, for an import that has one short line for itself."""
    assert isinstance(node, ast.ImportFrom)
    groups, kept = dict(action.args["groups"]), action.args["kept"]
    line = source.lines[node.lineno - 1]
    indent = line[: node.col_offset]
    own = [(alias.name, alias.asname or "") for alias in node.names]
    # A carriage return, a comment, other statements: all of that is something else.
    if line != f"{indent}{_text(node.module or '', own)}\n" or node.level or indent.strip():
        raise Tangled
    if len(groups) == 1 and not kept and len(own) == len(next(iter(groups.values()))):
        ((module, names),) = groups.items()
        pairs = zip(own, names, strict=True)
        texts = [_text(module, [(name, asname or new) for (_, asname), (name, new) in pairs])]
    else:
        listed = [*([(node.module, kept)] if kept else ()), *groups.items()]
        texts = [_text(module or "", names) for module, names in listed]
        if not texts or any(len(text) > LINE for text in texts):
            raise Tangled
    start = source.offset(node.lineno, node.col_offset)
    source.write(start, start + len(line) - len(indent) - 1, f"\n{indent}".join(texts))
