"""A module of a test's own beside the kit's models: written, converted, and run on both sides."""

from __future__ import annotations

import ast
import asyncio
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from migrator.codemod.convert import Conversion, convert
from tests.codemod.kit.run import SHOP, Converted, Legacy, Pair, SqlitePair, agree, load_package

_FURNITURE = ("__init__.py", "models.py", "seed.py")


class Beside:
    """A module `beside.py` of a package that has the kit's models."""

    def __init__(self, pair: Pair, conversion: Conversion) -> None:
        self.pair = pair
        self.conversion = conversion

    def compare(self, name: str) -> None:
        """A function does the same on both sides, with the same rows in sight and left."""
        agree(*self.pair.run(f"beside.{name}"))


def of_a_session(text: str) -> list[str]:
    """The names of the module's functions that have to be given a session and nothing else."""
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return [f.name for f in functions if _required(f.args) == ["session"]]


def _required(arguments: ast.arguments) -> list[str]:
    every = [a.arg for a in arguments.args]
    return every[: len(every) - len(arguments.defaults)]


@contextmanager
def beside(text: str, folder: Path) -> Iterator[Beside]:
    """The text as that module, on SQLite."""
    legacy, new = folder / "legacy", folder / "converted"
    for package in (legacy, new):
        package.mkdir()
    for name in _FURNITURE:
        shutil.copy(SHOP / name, legacy / name)
    (legacy / "beside.py").write_text(text)
    conversion = convert(legacy)
    for path, made in conversion.texts.items():
        (new / path).write_text(made)
    tag = re.sub(r"\W", "_", str(folder))
    sides = Legacy(load_package(legacy, f"legacy{tag}")), Converted(load_package(new, f"new{tag}"))
    with asyncio.Runner() as loop:
        yield Beside(SqlitePair(*sides, loop, folder), conversion)
