"""What tasks of Celery and threads bring."""

from __future__ import annotations

from tests.codemod.programs.kinds import needs
from tests.codemod.programs.listeners import Listeners
from tests.codemod.programs.places import begun
from tests.codemod.programs.text import SHOWN, Scope, Type, function, indented


class Tasks(Listeners):
    """Each `e_` is a way."""

    def e_task(self, scope: Scope, type: Type, depth: int) -> str | None:
        """A task, run at once in this process."""
        if type.kind != SHOWN:
            return None
        made = self.routine(scope)
        if made.parameters:
            return None
        name = scope.program.fresh("task")
        made.home.imports["from PKG.jobs import celery"] = None
        head, first = scope.rng.choice(
            [("", ""), ("", ""), (", bind=True", "self"), (", ignore_result=False", "")]
        )
        lines = self.body(made, type, depth)
        made.home.definitions.append(
            f"\n@celery.task(shared=False{head})\n{function(name, first, lines)}\n"
        )
        called = scope.program.refer(scope.module, made.home, name, scope)
        return scope.rng.choice(
            ["{}.delay().get()", "{}.apply().get()", "{}.apply_async().get()", "{}()", "{}.si().delay().get()"]
        ).format(called)  # fmt: skip

    def e_thread(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a thread gives, with a context of its own."""
        if type.kind != SHOWN:
            return None
        made = self.routine(scope)
        if made.parameters:
            return None
        name = scope.program.fresh("threaded")
        lines = begun(scope.program.flavour, made.home, self.body(made, type, depth))
        inside = ["with app.app_context():", *map(indented, lines)]
        made.home.definitions.append(f"\n{function(name, 'app', inside)}\n")
        needs(scope, "from concurrent.futures import ThreadPoolExecutor")
        needs(scope, "from flask import current_app")
        called = scope.program.refer(scope.module, made.home, name, scope)
        app = "current_app._get_current_object()"
        return scope.rng.choice(
            ["ThreadPoolExecutor(1).submit({}, {}).result()", "list(ThreadPoolExecutor(1).map({}, [{}]))[0]"]
        ).format(called, app)  # fmt: skip
