"""Making an application: its set-up code is run on abstract values, from the place that gives it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migrator.errors import UnclearApplication
from migrator.frozen import frozen
from migrator.index.definitions import FunctionInfo, Module, Resolved
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.surface.application import Candidate, is_test, needs_arguments
from migrator.surface.runner import Runner
from migrator.surface.set_up import starters
from migrator.surface.urls import UrlMap
from migrator.surface.values import (
    UNKNOWN,
    Call,
    ClassValue,
    Const,
    ExternalValue,
    Frame,
    FunctionValue,
    Scaffold,
    Value,
)


@frozen
class Made:
    """One application as its set-up code leaves it.

    `imports` are modules that add to a module-level application and that it does not import;
    `started` are functions that set it up and that importing it does not call.
    """

    candidate: Candidate
    app: Scaffold
    imports: tuple[str, ...]
    started: tuple[FunctionInfo, ...]


class Making:
    """Makes applications of a project in one run of its set-up code."""

    def __init__(
        self, project: Project, runner: Runner, setting_up: tuple[FunctionInfo, ...]
    ) -> None:
        self.project = project
        self.runner = runner
        self.setting_up = setting_up

    def made(self, candidate: Candidate, named: str = "") -> Made:
        """The application of a candidate; `named` is how the user named it, "" where it was found.

        Raises UnclearApplication where what the user named gives none.
        """
        runner = self.runner
        frame = runner.run_module(candidate.module)
        before = len(runner.scaffolds)
        imports: tuple[str, ...] = ()
        value: Value = UNKNOWN
        if candidate.function is not None:
            call = ast.Call(ast.Name(candidate.attribute, ast.Load()), [], [])
            factory = frame.names.get(candidate.attribute, UNKNOWN)
            if not isinstance(factory, FunctionValue):
                factory = FunctionValue(candidate.function, frame, candidate.attribute)
            given = [self._given(candidate, frame)] if candidate.fills else []
            value = runner.call(factory, Call(frame, call, given))
            apps = [value] if isinstance(value, Scaffold) else []
            apps += [s for s in runner.scaffolds[before:] if s.kind == "app"]
            apps += [s for s in runner.scaffolds[:before] if s.kind == "app"]
        else:
            value = frame.names.get(candidate.attribute, UNKNOWN)
            apps = [value] if isinstance(value, Scaffold) and value.kind == "app" else []
            apps += [s for s in runner.scaffolds if s.kind == "app"]
            imports = self._importers(candidate, apps[0] if apps else None)
        if apps:
            known = any(value is apps[0] for value in frame.names.values())
            return Made(candidate, apps[0], imports, self._started(apps[0]) if known else ())
        if named:
            raise UnclearApplication(
                f"{named!r} names no application.",
                "Nothing there makes a Flask application, as far as its source tells.",
                "Name the application object, or the function that calls Flask(...).",
            )
        return Made(
            candidate, Scaffold("app", _flask_call(), candidate.module, [], {}), imports, ()
        )

    def _given(self, candidate: Candidate, frame: Frame) -> Value:
        """The application that a factory takes as its argument."""
        cls = self.project.classes.get(candidate.fills)
        made = ExternalValue(candidate.fills) if cls is None else ClassValue(cls)
        name = candidate.module.name.partition(".")[0]
        return self.runner.call(made, Call(frame, _flask_call(), [Const(name)]))

    def _importers(self, candidate: Candidate, app: Scaffold | None) -> tuple[str, ...]:
        """Run modules that add to a module-level application and that it does not import.

        With `app` made in one module and `views.py` importing it, a start script imports both.
        """
        if app is None:
            return ()
        found: list[str] = []
        own = self.project.lookup(candidate.module, candidate.attribute)
        for module in list(self.project.modules.values()):
            if module.name in self.runner.frames or is_test(module):
                continue
            bound = [self.project.lookup(module, name) for name in module.bindings]
            if own is not None and any(
                b is own or self._through(candidate, module, b) for b in bound
            ):
                before = len(app.events) + len(app.hooks)
                self.runner.run_module(module)
                if len(app.events) + len(app.hooks) > before:
                    found.append(module.name)
        return tuple(found)

    def _through(self, candidate: Candidate, module: Module, bound: Resolved) -> bool:
        """Whether a module may have the application through the module of it: `config.app`."""
        return bound is candidate.module and module.source.says(f".{candidate.attribute}")

    def _started(self, app: Scaffold) -> tuple[FunctionInfo, ...]:
        """Call what registers blueprints on a module-level application when a script calls it."""
        started = []
        for function in starters(self.project, self.setting_up):
            known = {id(event.node) for event in app.events}
            if not any(id(node) in known for node in walk(function.node)):
                frame = self.runner.run_module(function.module)
                value = FunctionValue(function, frame, function.name)
                self.runner.call(value, Call(frame, _flask_call(), []))
                started.append(function)
        return tuple(started)


def with_more(
    project: Project, keep: tuple[str, ...], first: Made, others: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Those of the other candidates whose application has what none before it has.

    They are tried in runs of their own: an application without routes, for a worker or a script,
    says nothing about the one that is served.
    """
    known = _registered(project, first.app)
    for candidate in others:
        tried = Making(project, Runner(project, keep), ()).made(candidate)
        more = _registered(project, tried.app) - known
        if any(kind == "route" for kind, _ in more):
            known |= more
            yield candidate


def check_clear(project: Project, first: Made, others: Sequence[Candidate]) -> None:
    """Raise UnclearApplication where the first is only what makes the others: `make_app(blueprints)`."""
    if not others or not needs_arguments(first.candidate.function):
        return
    if not any(kind == "route" for kind, _ in _registered(project, first.app)):
        raise UnclearApplication(
            f"{project.root} holds {len(others)} Flask applications.",
            f"{first.candidate.spec} makes them, and has no routes of its own.",
            "Name one with --app, which asgi.py serves; the candidates are "
            f"{', '.join(sorted(other.spec for other in others))}.",
        )


def _registered(project: Project, app: Scaffold) -> set[tuple[str, int]]:
    """The calls that register something on an application and on what is registered there."""
    urls = UrlMap(project, app)
    found = {("route", id(m.route.node)) for m in urls.mounted if m.route is not None}
    return found | {("hook", id(h.node)) for placed in urls.placed for h in placed.scaffold.hooks}


def _flask_call() -> ast.Call:
    """`Flask()`, where the repository has no such call."""
    return ast.fix_missing_locations(ast.Call(ast.Name("Flask", ast.Load()), [], []))
