"""Places in the application's own code, from the frames of a running program."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

#: Folders below the root whose code is not the application's.
_FOREIGN = frozenset(
    {"site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox", ".nox"}
)
_TESTS = frozenset({"tests", "test", "testing"})
_OURS = os.path.dirname(os.path.realpath(__file__)) + os.sep
_CALLS = 12  # how many calls of the application a chain names


class Place(NamedTuple):
    """One expression: lines from 1, columns in UTF-8 bytes from 0 as `ast` has them (-1: unknown)."""

    path: str
    line: int
    end_line: int
    column: int
    end_column: int
    function: str


class Places:
    """The application's frames on the stack; code objects are looked at once."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._prefix = str(self.root) + os.sep
        self._paths: dict[CodeType, str | None] = {}
        self._known: dict[tuple[CodeType, int], Place] = {}

    def chain(self) -> tuple[Place, ...]:
        """The application's calls on the stack, innermost first; empty where there are none."""
        found: list[Place] = []
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and len(found) < _CALLS:
            code = frame.f_code
            try:
                path = self._paths[code]
            except KeyError:
                path = self._paths[code] = self._relative(code)
            if path is not None:
                found.append(self._place(frame, path))
            frame = frame.f_back
        return tuple(found)

    def _relative(self, code: CodeType) -> str | None:
        """The path below the root, or None for code that is not the application's."""
        name = os.path.realpath(code.co_filename)
        if not name.startswith(self._prefix) or name.startswith(_OURS) or not os.path.isfile(name):
            return None
        parts = name[len(self._prefix) :].split(os.sep)
        last = parts[-1]
        if not _FOREIGN.isdisjoint(parts) or not _TESTS.isdisjoint(parts[:-1]):
            return None
        if last.startswith(("test_", "conftest.")) or last.endswith("_test.py"):
            return None
        return "/".join(parts)

    def _place(self, frame: FrameType, path: str) -> Place:
        code = frame.f_code
        key = (code, frame.f_lasti)
        place = self._known.get(key)
        if place is None:
            template = frame.f_globals.get("__jinja_template__")
            if template is not None:
                line = template.get_corresponding_lineno(frame.f_lineno)
                place = Place(path, line, line, -1, -1, "template")
            else:
                place = _position(frame, path)
            self._known[key] = place
        return place


def _position(frame: FrameType, path: str) -> Place:
    code = frame.f_code
    function = getattr(code, "co_qualname", code.co_name)
    line = frame.f_lineno or code.co_firstlineno
    # Python 3.11 and later know the columns.
    positions = code.co_positions() if hasattr(code, "co_positions") else iter(())
    start, end, column, end_column = next(
        islice(positions, frame.f_lasti // 2, None), (None, None, None, None)
    )
    if start is None or end is None or column is None or end_column is None:
        return Place(path, line, line, -1, -1, function)
    return Place(path, start, end, column, end_column, function)
