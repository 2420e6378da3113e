"""An evaluation that can be replayed reads and changes the tables where its journal sees it."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import migrator.types
from migrator.types import coded, course
from migrator.types.facts import FunctionFacts
from migrator.types.state import State

#: What an evaluation reads is the same in each of them: the program, and what the frame's digest has.
_STEADY = {
    "project", "models", "templates", "apart", "frame", "library", "waiting", "properties", "query_classes",
    "applications", "current", "evaluations", "refined", "returned", "session_parameters",
}  # fmt: skip
#: What drives the evaluations, or is one of the doors.
_DOORS = {"analysis", "course", "journal", "replay", "state", "tables"}


def test_tables_are_read_and_changed_by_the_methods_of_state() -> None:
    tables = {f.name for f in dataclasses.fields(State)} - _STEADY
    found: set[tuple[str, str]] = set()
    for path in Path(migrator.types.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(
                    value=ast.Name(id="state" | "_state") | ast.Attribute(attr="state" | "_state"),
                    attr=name,
                ) if name in tables:
                    found.add((path.stem, name))
    assert {stem for stem, _ in found} <= _DOORS, found
    assert {name for stem, name in found if stem == "analysis"} <= {"facts", "queue", "open_world"}


def test_a_course_has_every_table() -> None:
    program = {
        "entries",
        "named",
        "names",
        "homes",
        "patched",
        "telling",
        "overriding",
        "_foreign_bases",
        "asked",
        "_hooks",
    }
    kept = {*course.DICTS, *course.SETS, *course.PLAIN, *course.NESTED}
    apart = {"facts", "queue", "journal"}
    assert {f.name for f in dataclasses.fields(State)} - _STEADY - program - apart == kept


def test_everything_that_is_found_in_a_function_has_a_code() -> None:
    fields = {f.name for f in dataclasses.fields(FunctionFacts)}
    assert {*coded._CODES, "key"} == fields
