"""Whole programs, which show what carriers have brought them."""

from __future__ import annotations

from tests.codemod.programs.carriers import Carriers
from tests.codemod.programs.effects import effect
from tests.codemod.programs.homes import HOMES, session_of
from tests.codemod.programs.hooks import Hooks
from tests.codemod.programs.kinds import MODELS
from tests.codemod.programs.places import PLACES
from tests.codemod.programs.text import (
    ONE,
    QUERY,
    ROWS,
    SCALAR,
    Program,
    Scope,
    Type,
    indented,
)

#: Most programs are views.
_PLACES = (*["requests"] * 4, *PLACES)


def program(seed: int, flavour: str, place: str | None = None, way: str = "") -> Program:
    """The program of a seed; in a place, and with one way of carriers or hooks above all others."""
    made = Program(seed, flavour)
    rng, views = made.rng, made.modules[0]
    views.imports["from flask import Blueprint, jsonify, request, g, current_app"] = None
    views.definitions.append(f"\nbp = Blueprint('{made.name}', __name__)\n")
    chosen = rng.choice(_PLACES)
    runs_in = PLACES[place or chosen]
    made.absent, made.requested = runs_in.absent, runs_in is PLACES["requests"]
    carriers = Carriers(way)
    for number in range(rng.choice([1, 1, 2])):
        runs_in.put(made, number, _statements(made, carriers, way))
    return made


def _statements(made: Program, carriers: Carriers, way: str) -> list[str]:
    """What fills the list `out`; requests may have run a hook before."""
    rng, views = made.rng, made.modules[0]
    made.left = 50
    scope = Scope(made, views, [session_of(made.flavour, views, rng)])
    if made.requested and (rng.random() < 0.25 or way.startswith("h_")):
        Hooks(carriers, way).some(scope)
    blocks = not HOMES[made.flavour].extension and rng.random() < 0.4
    if blocks:
        scope.sessions = ["session"]
    _shows(carriers, scope)
    if not blocks:
        return scope.lines
    views.imports["from PKG.models import Session"] = None
    views.imports["from contextlib import closing"] = None
    kinds = ["Session()", "Session(expire_on_commit=False)", "Session.begin()"]
    kind = rng.choice(kinds) if made.flavour == "factory" else "closing(Session())"
    return [f"with {kind} as session:", *map(indented, scope.lines)]


def _shows(carriers: Carriers, scope: Scope) -> None:
    """What the view appends to its answer, and what happens in between."""
    rng = scope.rng
    for _ in range(rng.choice([1, 2, 3])):
        way = rng.randrange(7)
        if way == 0:
            effect(carriers.some, scope, 2)
        elif way == 1:
            type = Type(rng.choice([ONE, ROWS, QUERY]), rng.choice(MODELS))
            name = scope.program.fresh("v")
            scope.emit(f"{name} = {carriers.some(scope, type, 3)}")
            scope.names[name] = type
        else:
            scope.emit(f"out.append({carriers.some(scope, SCALAR, rng.choice([2, 3, 4, 5]))})")
    if not scope.names or rng.random() < 0.3:
        return
    if rng.random() < 0.7:
        effect(carriers.some, scope, 1)
    show = carriers.values.show
    for name, type in list(scope.names.items()):
        if type.kind == ONE:
            scope.emit(f"out.append({show(scope, name, type.of)})")
        elif type.kind == ROWS:
            item = scope.program.fresh("i")
            scope.emit(f"out.append([{show(scope, item, type.of)} for {item} in {name}])")
        elif type.kind == QUERY:
            scope.emit(f"out.append({name}.count())")
