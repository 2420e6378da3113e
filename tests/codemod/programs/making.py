"""Whole programs: views which show what carriers have brought them."""

from __future__ import annotations

from tests.codemod.programs.carriers import Carriers
from tests.codemod.programs.effects import effect
from tests.codemod.programs.homes import session_of
from tests.codemod.programs.text import ONE, QUERY, ROWS, SCALAR, Program, Scope, Type, indented
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
    rng, views = made.rng, made.modules[0]
    made.left = 50
    scope = Scope(made, views, [session_of(made.flavour, views, rng)])
    blocks = made.flavour != "extension" and rng.random() < 0.4
    if blocks:
        scope.sessions = ["session"]
    scope.emit("out = []")
    for _ in range(rng.choice([1, 2, 3])):
        way = rng.randrange(7)
        if way == 0:
            effect(carriers.some, scope, 2)
        elif way == 1:
            type = Type(rng.choice([ONE, ROWS, QUERY]), rng.choice(MODELS))
            name = made.fresh("v")
            scope.emit(f"{name} = {carriers.some(scope, type, 3)}")
            scope.names[name] = type
        else:
            scope.emit(f"out.append({carriers.some(scope, SCALAR, rng.choice([2, 3, 4, 5]))})")
    if len(scope.names) and rng.random() < 0.7:
        if rng.random() < 0.7:
            effect(carriers.some, scope, 1)
        for name, type in list(scope.names.items()):
            if type.kind == ONE:
                scope.emit(f"out.append({carriers.values._show(scope, name, type.of)})")
            elif type.kind == ROWS:
                item = made.fresh("i")
                scope.emit(
                    f"out.append([{carriers.values._show(scope, item, type.of)} for {item} in {name}])"
                )
            elif type.kind == QUERY:
                scope.emit(f"out.append({name}.count())")
    lines = scope.lines
    if blocks:
        kind = (
            rng.choice(["Session()", "Session(expire_on_commit=False)", "Session.begin()"])
            if made.flavour == "factory"
            else "closing(Session())"
        )
        views.imports["from PKG.models import Session"] = None
        views.imports["from contextlib import closing"] = None
        lines = [f"with {kind} as session:", *(indented(line) for line in lines)]
    if rng.random() < 0.5:
        lines = [*lines, "return jsonify(out)"]
    else:
        lines = [*lines, "return {'out': out}"]
    path = f"/{made.name}/{number}"
    head = rng.choice(
        ["@bp.route('{}')", "@bp.get('{}')", "@bp.route('{}', methods=['GET', 'POST'])"]
    ).format(path)
    if rng.random() < 0.12:
        views.imports["from flask.views import MethodView"] = None
        text = f"class View{number}(MethodView):\n    def get(self):\n" + indented(
            indented("\n".join(lines))
        )
        text += f"\n\n\nbp.add_url_rule('{path}', view_func=View{number}.as_view('view{number}'))"
    else:
        text = f"{head}\ndef view{number}():\n" + indented("\n".join(lines))
    views.definitions.append(f"\n{text}\n")
    made.paths.append(path)
