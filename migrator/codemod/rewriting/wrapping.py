"""A statement that is handed to a function, as text: what `nodes.with_statement` makes of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from migrator.codemod.rewriting.splice import Tangled

_LEVEL = "    "
#: Comments, strings over several lines, and whitespace that is no plain indentation.
_ODD = re.compile(r"#|\"\"\"|'''|\\\n|[\t\r\f]|\n +\n")


def with_statement(function: str, code: str, indent: str, others: Sequence[str] = ()) -> str:
    """`function(code, others...)`; a chain over several lines goes on lines of its own.

    `indent` is that of the statement that all of it stands in. Raises Tangled where libcst is needed.
    """
    broken = _chain_break(code, indent) if "\n" in code else None
    if broken is None:
        return f"{function}({', '.join([code, *others])})"
    inner = f"\n{broken}{_LEVEL}"
    deeper = re.sub(r"\n(?!\n)", f"\n{_LEVEL}", code)
    return f"{function}({inner}{f',{inner}'.join([deeper, *others])}\n{broken})"


def _chain_break(code: str, indent: str) -> str | None:
    """The indentation of the chain's own continuation lines; None for a chain on one line."""
    if _ODD.search(code):
        raise Tangled
    lines = code.split("\n")
    node = ast.parse(f"({code})", mode="eval").body
    while True:
        match node:
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                pass
            case ast.Attribute(value=inner):
                line, column = inner.end_lineno or 0, inner.end_col_offset or 0
                first = lines[line - 1].encode()[column - (line == 1) :].decode()
                before, dot, _ = "\n".join([first, *lines[line:]]).partition(".")
                if before.strip() or not dot:
                    raise Tangled
                found = before.rpartition("\n")[2]
                if "\n" in before and found.startswith(indent):
                    return found
            case _:
                return None
        node = inner
