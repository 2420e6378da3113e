"""Where a program's code runs: in a request's view, in a thread of one, as a command or as a script."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod

from tests.codemod.programs.text import Module, Program, function, indented


class Place(ABC):
    """What a function is that runs a program's statements, which fill a list `out`."""

    #: What is nothing, and nobody knows who reads the code; the import that it needs.
    absent = ("os.environ.get('FLAG')", "import os")

    @abstractmethod
    def put(self, made: Program, number: int, lines: list[str]) -> None:
        """Writes the function, and notes how it is asked."""


class Requests(Place):
    absent = ("request.args.get('flag')", "from flask import request")

    def put(self, made: Program, number: int, lines: list[str]) -> None:
        _view(made, number, ["out = []", *lines])


def _view(made: Program, number: int, lines: list[str]) -> None:
    rng, views = made.rng, made.modules[0]
    # Flask runs what tears down before a stream begins: what was put on `g` is gone then.
    hooked = made.flavour == "factory" or any("\n@bp." in text for text in views.definitions)
    if rng.random() < 0.08 and not hooked:
        lines = _streamed(views, rng, lines)
    else:
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


def _streamed(views: Module, rng: random.Random, lines: list[str]) -> list[str]:
    """The answer is made while it is sent."""
    views.imports["from flask import Response, stream_with_context"] = None
    end = rng.choice(["yield current_app.json.dumps(out)", "for one in out:\n    yield str(one)"])
    text = function("produced", "", [*lines, end])
    if rng.random() < 0.5:
        return [f"@stream_with_context\n{text}", "return Response(produced())"]
    returned = rng.choice(
        ["Response(stream_with_context(produced()))", "stream_with_context(produced()), 202"]
    )
    return [text, f"return {returned}"]


class Threads(Place):
    """A view which waits for a thread of its own."""

    def put(self, made: Program, number: int, lines: list[str]) -> None:
        rng, views = made.rng, made.modules[0]
        for line in (
            "import threading",
            "from concurrent.futures import ThreadPoolExecutor, as_completed",
            "from flask import copy_current_request_context",
        ):
            views.imports[line] = None
        name = f"work{number}"
        inside = ["with app.app_context():", *map(indented, begun(made.flavour, views, lines))]
        text = function(name, "app, out", inside)
        views.definitions.append(f"\n{text}\n")
        app = "current_app._get_current_object()"
        started = rng.choice([
            ["thread = threading.Thread(target={0}, args=({1}, out))", "thread.start()", "thread.join()"],
            ["thread = threading.Thread(target={0}, kwargs={{'app': {1}, 'out': out}})", "thread.start()", "thread.join()"],
            ["app = {1}", "thread = threading.Thread(target=lambda: {0}(app, out))", "thread.start()", "thread.join()"],
            ["with ThreadPoolExecutor(1) as pool:", "    pool.submit({0}, {1}, out).result()"],
            ["copied = copy_current_request_context({0})", "thread = threading.Thread(target=copied, args=({1}, out))", "thread.start()", "thread.join()"],
            ["with ThreadPoolExecutor(1) as pool:", "    pool.submit(copy_current_request_context({0}), {1}, out).result()"],
            ["with ThreadPoolExecutor(max_workers=1) as pool:", "    list(pool.map({0}, [{1}], [out]))"],
            ["pool = ThreadPoolExecutor()", "for done in as_completed([pool.submit({0}, {1}, out)]):", "    done.result()", "pool.shutdown()"],
            ["class Worker(threading.Thread):", "    def __init__(self, app):", "        super().__init__()", "        self.app = app",
             "    def run(self):", "        {0}(self.app, out)", "worker = Worker({1})", "worker.start()", "worker.join()"],
        ])  # fmt: skip
        _view(made, number, ["out = []", *(line.format(name, app) for line in started)])


class Commands(Place):
    def put(self, made: Program, number: int, lines: list[str]) -> None:
        rng, views = made.rng, made.modules[0]
        for line in ("import click, json", "from flask.cli import with_appcontext"):
            views.imports[line] = None
        name = f"view{number}"
        end = rng.choice(["click.echo(json.dumps(out))", "print(json.dumps(out))"])
        text = function(name, "", begun(made.flavour, views, ["out = []", *lines, end]))
        head = rng.choice([
            f"@bp.cli.command('{name}')",
            f"@bp.cli.command('{name}')\n@with_appcontext",
            f"@bp.cli.command('{name}', help='runs')\n@click.pass_context",
        ])  # fmt: skip
        if "pass_context" in head:
            text = text.replace("()", "(context)", 1)
        views.definitions.append(f"\n{head}\n{text}\n")
        made.paths.append(f"cli {made.name} {name}")


class Scripts(Place):
    def put(self, made: Program, number: int, lines: list[str]) -> None:
        rng, views = made.rng, made.modules[0]
        script, name = Module(f"{made.name}_script{number}", -1), f"main{number}"
        script.imports["import json"] = None
        script.imports["from PKG import create_app, models"] = None
        script.imports[f"from PKG.{views.name} import {name}"] = None
        inside = begun(made.flavour, views, ["out = []", *lines, "return out"])
        views.definitions.append(f"\n{function(name, '', inside)}\n")
        context = rng.choice(
            ["app.app_context()", "app.app_context(), app.test_request_context('/')"]
        )
        work = [
            "app = create_app()",
            "try:",
            f"    with {context}:",
            f"        print(json.dumps({name}()))",
            "finally:",
            "    models.dispose(app)",
        ]
        if rng.random() < 0.5:
            script.definitions.append(f"\n{function('main', '', work)}\n")
            work = ["main()"]
        script.definitions.append("\n".join(["if __name__ == '__main__':", *map(indented, work)]))
        made.scripts.append(script)
        made.paths.append(f"run {script.name}")


def begun(flavour: str, module: Module, lines: list[str]) -> list[str]:
    """The statements, with a session on `g` where requests have one."""
    if flavour != "factory":
        return lines
    module.imports["from flask import g"] = None
    module.imports["from PKG.models import Session"] = None
    return [
        "g.session = Session()",
        "try:",
        *map(indented, lines),
        "finally:",
        "    g.session.close()",
    ]


PLACES: dict[str, Place] = {
    "requests": Requests(),
    "threads": Threads(),
    "commands": Commands(),
    "scripts": Scripts(),
}
