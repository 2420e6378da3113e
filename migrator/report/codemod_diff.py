"""A conversion as a unified diff that `patch -p1` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from migrator.codemod.result import Change

_COLOURS = {"+": "32", "-": "31", "@": "36"}
_NO_NEWLINE = "\\ No newline at end of file"


def patch(changes: Iterable[Change]) -> bytes:
    """The changes as bytes, each file's in its own encoding: what `patch` finds in the files."""
    return b"".join(_encoded(line, change) for change in changes for line in _lines(change))


def unified(changes: Iterable[Change], *, colour: bool = False) -> str:
    """The changes as text; with `colour`, with a terminal's escapes."""
    return "".join(_painted(line, colour) for change in changes for line in _lines(change))


def split_lines(text: str) -> list[str]:
    """Lines as `patch` counts them, ends kept: a form feed or U+2028 ends none."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _encoded(line: str, change: Change) -> bytes:
    if line.startswith(("--- a/", "+++ b/", "@@ ", "\\ ")):
        return line.encode("utf-8", "surrogateescape")
    return line.encode(change.encoding)


def _lines(change: Change) -> Iterator[str]:
    mark = "\ufeff" if change.bom else ""
    before, after = split_lines(mark + change.before), split_lines(mark + change.after)
    old = f"a/{change.path}" if change.before else "/dev/null"
    for line in difflib.unified_diff(before, after, old, f"b/{change.path}"):
        if line.endswith("\n"):
            yield line
        else:
            yield f"{line}\n{_NO_NEWLINE}\n"


def _painted(line: str, colour: bool) -> str:
    if not colour:
        return line
    bold = line.startswith(("--- ", "+++ "))
    code = "1" if bold else _COLOURS.get(line[:1])
    return f"\x1b[{code}m{line.removesuffix(chr(10))}\x1b[0m\n" if code else line
