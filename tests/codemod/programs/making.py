"""Whole programs: views which show what carriers have brought them."""

from __future__ import annotations

from tests.codemod.programs.carriers import Carriers
from tests.codemod.programs.effects import effect
from tests.codemod.programs.homes import session_of
from tests.codemod.programs.text import (
    ONE,
    QUERY,
    ROWS,
    SCALAR,
    Program,
    Scope,
    Type,
    function,
    indented,
)
from tests.codemod.programs.values import MODELS


def program(seed: int, flavour: str) -> Program:
    made = Program(seed, flavour)
    rng, views = made.rng, made.modules[0]
    views.imports["from flask import Blueprint, jsonify, request, g, current_app"] = None
    views.definitions.append(f"\nbp = Blueprint('{made.name}', __name__)\n")
    carriers = Carriers()
    for number in range(rng.choice([1, 1, 2])):
        view(made, carriers, number)
    return made


def view(made: Program, carriers: Carriers, number: int) -> None:
    """One view of the program, with its path."""
    rng, views = made.rng, made.modules[0]
    made.left = 50
    scope = Scope(made, views, [session_of(made.flavour, views, rng)])
    if rng.random() < 0.2:
        _hook(made, carriers, scope)
    blocks = made.flavour != "extension" and rng.random() < 0.4
    if blocks:
        scope.sessions = ["session"]
    scope.emit("out = []")
    _shows(carriers, scope)
    lines = scope.lines
    if blocks:
        views.imports["from PKG.models import Session"] = None
        views.imports["from contextlib import closing"] = None
        kinds = ["Session()", "Session(expire_on_commit=False)", "Session.begin()"]
        kind = rng.choice(kinds) if made.flavour == "factory" else "closing(Session())"
        lines = [f"with {kind} as session:", *(indented(line) for line in lines)]
    lines = [*lines, rng.choice(["return jsonify(out)", "return {'out': out}"])]
    path = f"/{made.name}/{number}"
    heads = ["@bp.route('{}')", "@bp.get('{}')", "@bp.route('{}', methods=['GET', 'POST'])"]
    head = rng.choice(heads).format(path)
    way = rng.random()
    if way < 0.12:
        views.imports["from flask.views import MethodView"] = None
        text = f"class View{number}(MethodView):\n" + indented(function("get", "self", lines))
        text += f"\n\n\nbp.add_url_rule('{path}', view_func=View{number}.as_view('view{number}'))"
    else:
        # Flask runs an async view in a thread of its own, whose session no teardown removes from a registry.
        asynchronous = way > 0.92 and made.flavour != "registry"
        text = f"{head}\n{'async ' if asynchronous else ''}{function(f'view{number}', '', lines)}"
    views.definitions.append(f"\n{text}\n")
    made.paths.append(path)


def _hook(made: Program, carriers: Carriers, scope: Scope) -> None:
    """A function before each request of the blueprint, which puts something on `g` for the view."""
    type = Type(made.rng.choice([ONE, ROWS]), made.rng.choice(MODELS))
    name = made.fresh("before")
    inner = Scope(made, scope.module, scope.sessions)
    inner.emit(f"g.{name} = {carriers.some(inner, type, 2)}")
    text = function(name, "", inner.lines)
    scope.module.definitions.append(f"\n@bp.before_request\n{text}\n")
    scope.names[f"g.{name}"] = type


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
