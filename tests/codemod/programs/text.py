"""The text of a program that is being made: its modules, their definitions, and where code is written."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Type:
    """What an expression gives: a query, rows, an object, a number or text, or a function of no arguments."""

    kind: str
    of: str = ""


QUERY, ROWS, ONE, SHOWN, SELECT = "query", "rows", "one", "shown", "select"
SCALAR = Type(SHOWN)


class Module:
    """A module's imports and what it defines, in turn."""

    def __init__(self, name: str, level: int) -> None:
        self.name, self.level = name, level
        self.imports: dict[str, None] = {}
        self.definitions: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join([*self.imports, "", *self.definitions, ""])


class Program:
    """The modules of one program; what is random in it comes of `seed` alone."""

    def __init__(self, seed: int, flavour: str, absent: tuple[str, str] = ("", "")) -> None:
        self.rng = random.Random(seed)
        self.seed, self.flavour = seed, flavour
        #: An expression that is nothing where the program runs, and the import that it needs.
        self.absent = absent
        #: Whether its code runs within a request.
        self.requested = False
        self.name = f"p{seed}"
        self._serial = 0
        layers = ["views", "services", "helpers"]
        self.modules = [Module(f"{self.name}_{n}", level) for level, n in enumerate(layers)]
        #: Further files, which no other module imports.
        self.scripts: list[Module] = []
        #: Templates, by the names of their files.
        self.templates: dict[str, str] = {}
        #: How the program is asked: paths, commands and scripts.
        self.paths: list[str] = []
        #: How many expressions may still be more than leaves.
        self.left = 0

    def fresh(self, word: str) -> str:
        self._serial += 1
        return f"{word}{self._serial}"

    def files(self) -> dict[str, str]:
        modules = [m for m in self.modules + self.scripts if m.definitions]
        pages = {f"templates/{name}": text for name, text in self.templates.items()}
        return {**{f"{m.name}.py": m.text for m in modules}, **pages}

    def refer(self, where: Module, home: Module, name: str, scope: Scope | None = None) -> str:
        """An expression for what another module defines; it is imported in some way."""
        if where is home:
            return name
        if home.level < where.level:
            # A circle: imported where it runs.
            assert scope is not None
            scope.emit(f"from PKG.{home.name} import {name}")
            return name
        style = self.rng.randrange(6)
        if style == 0:
            where.imports[f"from .{home.name} import {name}"] = None
        elif style == 1:
            where.imports[f"from PKG.{home.name} import {name} as {name}_"] = None
            return f"{name}_"
        elif style == 2:
            where.imports[f"from . import {home.name}"] = None
            return f"{home.name}.{name}"
        elif style == 3:
            where.imports[f"import PKG.{home.name} as other_{home.level}"] = None
            return f"other_{home.level}.{name}"
        elif style == 4 and scope is not None and not scope.pure:
            scope.emit(f"from .{home.name} import {name}")
        else:
            where.imports[f"from PKG.{home.name} import *"] = None
        return name


class Scope:
    """Where statements are written: the names that are there, and how a session is said."""

    def __init__(
        self, program: Program, module: Module, sessions: list[str], pure: bool = False
    ) -> None:
        self.program, self.module, self.sessions = program, module, sessions
        self.names: dict[str, Type] = {}
        self.lines: list[str] = []
        self.pure = pure
        self.in_generator = False

    @property
    def rng(self) -> random.Random:
        return self.program.rng

    def emit(self, line: str) -> None:
        assert not self.pure
        self.lines.append(line)

    def block(self, head: str) -> Scope:
        """The scope below a statement; it is written by `end`."""
        inner = Scope(self.program, self.module, self.sessions)
        inner.names = dict(self.names)
        inner.in_generator = self.in_generator
        inner.lines.append(head)
        return inner

    def end(self, inner: Scope) -> None:
        head, *body = inner.lines
        self.emit(head)
        for line in body or ["pass"]:
            self.emit(indented(line))

    def expression(self, **names: Type) -> Scope:
        """The scope inside of a lambda or a comprehension: no statement can be written there."""
        inner = Scope(self.program, self.module, self.sessions, pure=True)
        inner.names = {**self.names, **names}
        return inner

    def session(self) -> str:
        return self.rng.choice(self.sessions)

    def known(self, type: Type) -> list[str]:
        return [name for name, t in self.names.items() if t == type]


def indented(text: str) -> str:
    return "\n".join("    " + line if line else line for line in text.split("\n"))


def function(name: str, parameters: str, body: list[str]) -> str:
    return f"def {name}({parameters}):\n" + indented("\n".join(body or ["pass"]))
