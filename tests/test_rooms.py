"""A room of many modules opens with a map that names each of them, once."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

import migrator
from migrator.types.statements import Statements

_PACKAGE = Path(migrator.__file__).parent
#: As many modules are found without a map.
_FEW = 25
#: Each has a page, and docs/rules/README.md lists them.
_OF_PAGES = {"codemod/rules"}
ROOMS = sorted(
    str(room.parent.relative_to(_PACKAGE))
    for room in _PACKAGE.rglob("__init__.py")
    if len([*room.parent.glob("*.py")]) > _FEW
)


def _map(room: str) -> list[str]:
    """The names in the lists of the room's docstring, in their order."""
    text = ast.get_docstring(ast.parse((_PACKAGE / room / "__init__.py").read_text())) or ""
    items = re.findall(r"^- .+(?:\n  .+)*", text, re.M)
    return [name for item in items for name in re.findall(r"`(\w+)`", item)]


@pytest.mark.parametrize("room", [r for r in ROOMS if r not in _OF_PAGES])
def test_the_map_names_each_module_once(room: str) -> None:
    modules = {file.stem for file in (_PACKAGE / room).glob("*.py")} - {"__init__"}
    assert Counter(_map(room)) == Counter(modules)


def test_the_layers_of_the_evaluation_stand_in_their_order() -> None:
    layers = [cls.__module__.rpartition(".")[2] for cls in reversed(Statements.__mro__[:-1])]
    assert _map("types")[: len(layers)] == layers
