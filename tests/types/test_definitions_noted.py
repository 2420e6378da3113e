"""An evaluation that can be replayed reaches what comes and goes where its journal sees it.

Imports and functions are added and removed while evaluations of the run before are replayed (`migrator.index.bodies`).
So an evaluation may look names up (`Project.lookup`, `Project.binds`, `State.read`), and may list neither a
module's names nor functions, nor look at a module's text.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

import migrator.types
from migrator.codemod.cache import Texts
from migrator.codemod.convert import convert
from migrator.index.definitions import Module
from migrator.types import analysis
from migrator.types.state import State

ROOT = Path(__file__).parents[2]
#: Of modules and of the project: what has all definitions, or the text of all bodies.
_LISTS = {"bindings", "functions", "source", "nodes", "uses_of"}
#: By file and function: why it may look there.
_ALLOWED = {
    ("analysis", "analyse"): "before there are evaluations",
    ("analysis", "_module"): "the module's own code",
    ("setting", "Setting._setters"): "methods, which are of the frame",
    ("by_name", "ByName.reachable_by_name"): "methods, which are of the frame",
    ("defining", "Defining.again"): "the module's own code",
    ("defining", "Defining.several"): "the module's own code",
    ("widening", "Widening._taken_from"): "the module's own code",
    ("generator_bodies", "is_generator"): "says at most that a body need not be looked at",
    ("parameters", "_session_parameters"): "says at most that a body need not be looked at",
    ("keys", "_is_commented"): "lines of the function's own body",
    ("patched", "_patched_by"): "before there are evaluations",
    ("telling", "telling"): "before there are evaluations",
}
#: The doors, and what they are made of.
_DOORS = {
    ("project", "Project._lookup"),
    ("project", "Project.binds"),
    ("tables", "_names_of"),
    ("tables", "<lambda>"),
    ("definitions", "Module.path"),
    ("definitions", "FunctionInfo.shared_names"),
    ("definitions", "Module.defined"),
    ("import_order", "comes_first"),
    ("import_order", "_imports"),
    # Asked by the evaluation of the module's own code.
    ("passing", "passing"),
}


def _evaluating() -> Iterator[Path]:
    """The files of the room that an evaluation runs through: all but the doors."""
    home = Path(migrator.types.__file__).parent
    return (
        path
        for path in home.glob("*.py")
        if path.stem not in {"state", "tables", "replay", "course"}
    )


def _listings(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The functions that look at a list of definitions, by their qualified names, and which one."""
    within: dict[ast.AST, str] = {}
    asked: set[int] = set()
    for node in ast.walk(tree):
        name = within.get(node, "")
        match node:
            case ast.ClassDef() | ast.FunctionDef():
                name = f"{name}.{node.name}".lstrip(".")
            # One entry by its key: whoever has the key has it from somewhere.
            case ast.Attribute(attr="get", value=value) | ast.Subscript(value=value):
                asked.add(id(value))
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
                asked.add(id(value))
        within.update(dict.fromkeys(ast.iter_child_nodes(node), name))
        if isinstance(node, ast.Attribute) and node.attr in _LISTS:
            of_function = getattr(node.value, "id", getattr(node.value, "attr", ""))
            one = node.attr == "functions" and id(node) in asked
            # A function's own nodes are noted where they are listed.
            if not one and not (node.attr == "nodes" and of_function in ("info", "function")):
                yield name, node.attr


def test_no_evaluation_lists_definitions() -> None:
    found = {
        (path.stem, name)
        for path in _evaluating()
        for name, _ in _listings(ast.parse(path.read_text()))
    }
    assert found == set(_ALLOWED)


def test_a_loop_over_definitions_is_found() -> None:
    source = """
class Reader:
    def names(self):
        return [name for name in self.module.bindings]
    def one(self, key):
        return self.project.functions.get(key) or self.project.functions[key]
"""
    assert [*_listings(ast.parse(source))] == [("Reader.names", "bindings")]


def test_evaluations_of_the_sample_application_list_no_definitions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other rooms' code as well, as far as it runs."""
    found: set[tuple[str, str]] = set()
    running: list[str] = []

    def noted(name: str) -> property:
        slot = Module.__dict__[name]

        def get(module: Module) -> object:
            if running:
                found.add(_named(sys._getframe(1).f_code))
            return slot.__get__(module)

        return property(get, slot.__set__)

    evaluate = analysis.evaluate

    def evaluated(state: State, key: str) -> None:
        running.append(key)
        evaluate(state, key)
        running.pop()

    for name in ("bindings", "functions", "source"):
        monkeypatch.setattr(Module, name, noted(name))
    monkeypatch.setattr(analysis, "evaluate", evaluated)
    convert(ROOT / "legacy_app", kept=Texts())
    assert ("project", "Project._lookup") in found
    assert found - _ALLOWED.keys() <= _DOORS


def _named(code: CodeType) -> tuple[str, str]:
    return Path(code.co_filename).stem, code.co_qualname.partition(".<locals>")[0]
