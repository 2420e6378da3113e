"""A program that differs, reduced: statement by statement, as long as it differs in the same way."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Mapping

from tests.codemod.programs.asking import RAISED
from tests.codemod.programs.sides import Difference, run

#: Seconds for one program.
_LIMIT = 40
_BLOCKS = ("body", "orelse", "finalbody", "handlers")


def reduced(difference: Difference) -> Difference:
    """The least that was found; the difference itself where the program alone does not differ."""
    ends = time.monotonic() + _LIMIT
    found = _again(difference, difference.texts)
    while found is not None and time.monotonic() < ends:
        difference = found
        tried = (_again(difference, texts) for texts in _smaller(difference.texts, ends))
        found = next((one for one in tried if one is not None), None)
    return difference


def _again(difference: Difference, texts: Mapping[str, str]) -> Difference | None:
    """The same difference of a program with these modules, if there is one."""
    name = difference.program
    try:
        ran = run({name: texts}, {name: [difference.path]}, difference.ground)
    except Exception:
        return None  # What is left of it can't be imported, for one.
    return next((d for d in ran.untold if _fails(d) == _fails(difference)), None)


def _fails(difference: Difference) -> tuple[str, str]:
    """How the sides differ, and what the legacy one raises: a name that is gone is no reduction."""
    legacy = difference.legacy
    return difference.kind, legacy.body if legacy.status == RAISED else str(legacy.status)


def _smaller(texts: Mapping[str, str], ends: float) -> Iterator[dict[str, str]]:
    """The modules with one statement less, or with its body in its place."""
    for name, text in texts.items():
        if not name.endswith(".py"):
            continue
        count = len(_places(ast.parse(text)))
        for number in range(2 * count):
            if time.monotonic() > ends:
                return
            tree = ast.parse(text)
            block, index = _places(tree)[number // 2]
            body = getattr(block[index], "body", []) if number % 2 else []
            if number % 2 and (not body or isinstance(block[index], _SCOPES)):
                continue
            block[index : index + 1] = body
            if not block:
                block.append(ast.Pass())
            try:
                found = ast.unparse(ast.fix_missing_locations(tree))
                compile(found, name, "exec")
            except (SyntaxError, ValueError):
                continue
            if found != ast.unparse(ast.parse(text)):
                yield {**texts, name: found}


_SCOPES = ast.FunctionDef | ast.ClassDef


def _places(tree: ast.Module) -> list[tuple[list[ast.stmt], int]]:
    blocks = (getattr(node, name, None) for node in ast.walk(tree) for name in _BLOCKS)
    return [(b, index) for b in blocks if isinstance(b, list) for index in range(len(b))]
