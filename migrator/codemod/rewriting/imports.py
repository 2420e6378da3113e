"""Adding the imports that new code needs, merged into those that the module has."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from contextlib import suppress

from migrator.codemod.rewriting.context import Context
from migrator.index.source import lines_of
from migrator.index.walk import walk

_DEFINITION = re.compile(r"^(?:@|def |class |async )", re.MULTILINE)
_IMPORT = re.compile(r"(?:^|;[ \t]*)(?:from|import)\b", re.MULTILINE)


def add_imports(text: str, context: Context) -> str:
    """The text with `from module import name` for everything that the rules asked for."""
    wanted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for (module, name), names in context.needed.items():
        wanted[module].extend((name, local) for local in names)
    if not wanted:
        return text
    lines = lines_of(text)
    body = _top(text)
    newline = (lines[0][len(lines[0].rstrip("\r\n")) :] if lines else "") or "\n"
    running = False
    for statement in body:
        running = running or not _harmless(statement)
        # Behind code that runs, it may be too late.
        if isinstance(statement, ast.ImportFrom) and not (
            running and statement.module in context.early
        ):
            _merge(lines, statement, context.absolute(statement), wanted)
    new = [
        _statement(f"from {module} import", list(map(_alias, sorted(names))), "", newline)
        for module, names in sorted(wanted.items())
    ]
    position = _after_imports(body)
    if position and not lines[position - 1].endswith(("\n", "\r")):
        lines[position - 1] += newline
    if position == 0:
        position = _after_comments(lines)
        new.append(newline)
    return "".join([*lines[:position], *new, *lines[position:]])


def _top(text: str) -> list[ast.stmt]:
    """The module's statements, at least as far as there are imports among them."""
    definition = _DEFINITION.search(text)
    if definition is not None and _IMPORT.search(text, definition.start()) is None:
        # In a string it defines nothing, and the text before it is none that can be parsed.
        with suppress(SyntaxError):
            return ast.parse(text[: definition.start()]).body
    return ast.parse(text).body


def _alias(item: tuple[str, str]) -> str:
    name, local = item
    return name if name == local else f"{name} as {local}"


def _merge(
    lines: list[str],
    statement: ast.ImportFrom,
    module: str,
    wanted: dict[str, list[tuple[str, str]]],
) -> None:
    """Add the wanted names to a one-line import from the same module, however that is written."""
    names = wanted.get(module)
    if names is None or statement.lineno != statement.end_lineno:
        return
    line = lines[statement.lineno - 1]
    if "(" in line or "#" in line or ";" in line or statement.names[0].name == "*":
        return
    del wanted[module]
    have = [f"{a.name} as {a.asname}" if a.asname else a.name for a in statement.names]
    texts = [*have, *(t for t in map(_alias, sorted(names)) if t not in have)]
    indent = line[: len(line) - len(line.lstrip())]
    end = line[len(line.rstrip("\r\n")) :]
    # The list keeps one item a line of the original, so that later positions stay right.
    lines[statement.lineno - 1] = _statement(
        f"{indent}from {'.' * statement.level}{statement.module or ''} import", texts, indent, end
    )


def _statement(head: str, names: list[str], indent: str, end: str) -> str:
    """The import on one line, or with one name a line where that is too long."""
    joined = f"{head} {', '.join(names)}"
    if len(joined) > 100:
        inner = "".join(f"{indent}    {name},{end or chr(10)}" for name in names)
        joined = f"{head} ({end or chr(10)}{inner}{indent})"
    return joined + end


def _harmless(statement: ast.stmt) -> bool:
    """Whether it runs nothing that an import below it could serve: an import, or plain data."""
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
        return not any(isinstance(n, ast.Call | ast.Attribute) for n in walk(statement))
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _after_imports(body: list[ast.stmt]) -> int:
    """The line after which new imports go: the leading block of imports, or the docstring."""
    position = 0
    for index, statement in enumerate(body):
        if isinstance(statement, ast.Import | ast.ImportFrom) or (
            index == 0 and isinstance(statement, ast.Expr)
        ):
            position = statement.end_lineno or statement.lineno
        elif position:
            break
    return position


def _after_comments(lines: list[str]) -> int:
    """Behind a shebang and an encoding line."""
    position = 0
    while position < min(2, len(lines)) and lines[position].startswith("#"):
        position += 1
    return position
