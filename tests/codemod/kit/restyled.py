"""What the kit's functions are written anew by: a helper's text is filled, names get other expressions."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass
class Restyled(ABC):
    """Hands out styles; `used` has that of each function, by `module.function`."""

    styles: ClassVar[frozenset[str]]
    used: dict[str, str] = field(default_factory=dict)

    @abstractmethod
    def rewrite(self, stem: str, text: str) -> str:
        """The text of the module `stem`, each function that a style fits written in it."""

    @abstractmethod
    def sample(self, names: list[str], step: int) -> list[str]:
        """About each `step`-th of the functions, and every style among them."""


def filled(text: str, helper: str, names: Iterable[str], **given: str) -> str:
    """A helper's text: its name for `NAME`, what it is given for `ARGS`, and what else is `given`."""
    for key, value in {"ARGS": ", ".join(names), **given, "NAME": helper}.items():
        text = text.replace(key, value)
    return text


def parameters(function: ast.FunctionDef) -> set[str]:
    """The names of a function's parameters."""
    return {n.arg for n in ast.walk(function.args) if isinstance(n, ast.arg)}


@dataclass
class Renamed(ast.NodeTransformer):
    """Other expressions for some names, stored to or read."""

    by: dict[str, str]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.by:
            return node
        made = ast.parse(self.by[node.id], mode="eval").body
        made.ctx = node.ctx  # type: ignore[attr-defined]
        return made


def of_self(names: Iterable[str]) -> Renamed:
    """Attributes of `self` for these names."""
    return Renamed({n: f"self.{n}" for n in names})
