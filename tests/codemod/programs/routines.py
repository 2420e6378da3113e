"""Functions that a program defines: their parameters, what their callers give, and their bodies."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from tests.codemod.programs.effects import effect
from tests.codemod.programs.homes import session_of
from tests.codemod.programs.kinds import model
from tests.codemod.programs.text import ONE, QUERY, ROWS, SHOWN, Module, Scope, Type, function
from tests.codemod.programs.values import Values


@dataclass
class Routine:
    """A function that is being written: its body, its parameters and what its callers give."""

    scope: Scope
    home: Module
    parameters: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The parameters without what stands around their names."""
        return [re.sub(r"[*, ]|[:=].*", "", text) for text in self.parameters]

    def heads(self, *first: str) -> str:
        return ", ".join([*first, *self.parameters])

    def call(self, target: str, *first: str) -> str:
        return f"{target}({', '.join([*first, *self.given])})"


class Routines(ABC):
    """Writes functions whose last statement gives a value of a type."""

    def __init__(self) -> None:
        self.values = Values(self.carry)

    @abstractmethod
    def carry(self, scope: Scope, type: Type, depth: int) -> str | None:
        """A value that comes from another place, in the words of the scope; None where it can't."""

    def some(self, scope: Scope, type: Type, depth: int) -> str:
        return self.values.some(scope, type, depth)

    def routine(self, scope: Scope, home: Module | None = None) -> Routine:
        rng, program = scope.rng, scope.program
        if home is None:
            home = rng.choice(
                [
                    m
                    for m in program.modules
                    if m.level >= scope.module.level or (not scope.pure and rng.random() < 0.15)
                ]
            )
        made = Routine(Scope(program, home, []), home)
        way = rng.random()
        if way < 0.35:
            self._parameter(made, "session", scope.session(), "session")
            made.scope.sessions = ["session"]
        else:
            made.scope.sessions = [session_of(program.flavour, home, rng)]
        objects = [(n, t) for n, t in scope.names.items() if t.kind in (ONE, ROWS, QUERY, SHOWN)]
        if objects and rng.random() < 0.5:
            name, type = rng.choice(objects)
            inner = program.fresh("given")
            self._parameter(made, inner, name, inner, type)
            made.scope.names[inner] = type
        return made

    def _parameter(
        self, made: Routine, name: str, given: str, keyword: str, type: Type | None = None
    ) -> None:
        rng = made.scope.rng
        hint = (
            f": {model(made.scope, type.of)}"
            if type is not None and type.kind == ONE and rng.random() < 0.25
            else ""
        )
        if type is not None and type.kind == ROWS and rng.random() < 0.2:
            hint = f": list[{model(made.scope, type.of)}]"
        star = any(p.startswith("*") for p in made.parameters)
        default = any("=" in p for p in made.parameters)
        way = rng.randrange(6)
        if way == 0 or star or default:
            made.parameters.append(f"{name}{hint}=None")
            made.given.append(f"{keyword}={given}")
        elif way == 1:
            made.parameters.append(f"*, {name}{hint}")
            made.given.append(f"{keyword}={given}")
        else:
            made.parameters.append(f"{name}{hint}")
            made.given.append(given)

    def body(self, made: Routine, type: Type, depth: int) -> list[str]:
        """The function's statements, the last of which returns the value."""
        scope, rng = made.scope, made.scope.rng
        if rng.random() < 0.25:
            effect(self.some, scope, depth - 1)
        way = rng.randrange(8)
        if way == 0:
            flag = self.some(scope, Type(SHOWN), 0)
            inner = scope.block(f"if {flag}:")
            inner.emit(f"return {self.some(inner, type, depth - 1)}")
            scope.end(inner)
        elif way == 1 and not scope.in_generator:
            inner = scope.block("try:")
            inner.emit(f"return {self.some(inner, type, depth - 1)}")
            scope.end(inner)
            inner = scope.block("except LookupError:")
            inner.emit(f"return {self.some(inner, type, 0)}")
            scope.end(inner)
            if rng.random() < 0.4:
                inner = scope.block("finally:")
                effect(self.some, inner, 0)
                scope.end(inner)
            return scope.lines
        elif way == 2:
            name = scope.program.fresh("found")
            scope.emit(f"{name} = {self.some(scope, type, depth - 1)}")
            scope.names[name] = type
            if rng.random() < 0.5:
                effect(self.some, scope, depth - 1)
            scope.emit(f"return {name}")
            return scope.lines
        scope.emit(f"return {self.some(scope, type, depth - 1)}")
        return scope.lines

    def define(
        self,
        scope: Scope,
        type: Type,
        depth: int,
    ) -> tuple[Routine, str]:
        """A function of a module which gives the value; the routine and how it's named here."""
        made = self.routine(scope)
        name = scope.program.fresh("make")
        lines = self.body(made, type, depth)
        made.home.definitions.append(f"\n{function(name, made.heads(), lines)}\n")
        return made, scope.program.refer(scope.module, made.home, name, scope)
