"""Reading an application's surface from its source, without importing it."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.errors import UnclearApplication
from migrator.index.definitions import FunctionInfo, Module, Resolved
from migrator.index.project import Project
from migrator.queries.step import Refusal
from migrator.surface import class_views, connexion, extensions, frames
from migrator.surface.application import (
    Candidate,
    find_application,
    is_test,
)
from migrator.surface.decorated import Decorated
from migrator.surface.documents import Document, documents
from migrator.surface.levels import Leaving
from migrator.surface.model import (
    Endpoint,
    Entry,
    EntryKind,
    Extension,
    Finding,
    FrameChoice,
    Surface,
)
from migrator.surface.own_parts import own_parts
from migrator.surface.plan import Planner
from migrator.surface.reach import Reach
from migrator.surface.runner import Runner
from migrator.surface.set_up import setting_up, starters, to_be_called
from migrator.surface.site import application_site, without_arguments
from migrator.surface.urls import UrlMap, view_key
from migrator.surface.values import (
    UNKNOWN,
    ClassValue,
    Const,
    ExternalValue,
    Frame,
    FunctionValue,
    Hook,
    Instance,
    Scaffold,
    Value,
    ViewClass,
)


def read_surface(
    project: Project, app: str = "", frame: FrameChoice = "auto", keep: tuple[str, ...] = ()
) -> Surface | None:
    """The surface of a project's Flask application; None when it has none.

    `app` is `module:attribute-or-factory`, or "" to look for it. `frame` is what the converted
    application has to be one of. `keep` are names in other distributions, or beginnings of names,
    of parts that work with the converted application as they are. Raises UsageError when `app`
    names nothing or several applications are found.
    """
    candidate = find_application(project, app)
    if candidate is None:
        return None
    return Reader(project, candidate, app, frame, keep).surface()


class Reader:
    """One run of the set-up code, and what follows from it."""

    def __init__(
        self,
        project: Project,
        candidate: Candidate,
        named: str = "",
        frame: FrameChoice = "auto",
        keep: tuple[str, ...] = (),
    ) -> None:
        self.project = project
        self.frame = frame
        #: How the user named the application, "" where it was looked for.
        self.named = named
        self.candidate = candidate
        self.setting_up = setting_up(project)
        #: Those of them that importing the application does not call.
        self.started: list[FunctionInfo] = []
        self.runner = Runner(project, keep)
        self.imports: tuple[str, ...] = ()
        self.app = self._run()
        self.runner.register_resources(self.app)
        self.documents: tuple[Document, ...] = ()
        if connexion.is_connexion(self.runner, self.app):
            self.documents = documents(project)
            connexion.register(project, self.runner, self.app, self.documents)
        self.urls = UrlMap(project, self.app)
        unknown = (u.dotted for u in self.runner.extension_uses if not u.effect and not u.is_own)
        self.reach = Reach(project, frozenset(unknown))
        self.planner = Planner(project, self.runner, self.urls, self.reach)

    def surface(self) -> Surface:
        """Everything together."""
        modules = frozenset(self.runner.frames)
        entries = self._entries()
        leaving = Leaving(self.project, self.runner, self.urls, self.reach, self.app)
        decorated = Decorated(self.project, self.runner)
        endpoints = tuple(
            replace(e, refusal=leaving.endpoints.get(e) or e.refusal)
            for e in (m.endpoint for m in self.urls.mounted)
        )
        endpoints = self._together(endpoints)
        flask = frames.keeps_flask(self.frame, leaving, endpoints)
        if flask is not None:
            endpoints = tuple(replace(e, refusal=frames.on_flask(e)) for e in endpoints)
            findings = [left_finding(self.project, e, e.refusal) for e in endpoints if e.refusal]
            findings += frames.websockets(self.runner, self.app)
        else:
            findings = [*leaving.findings, *self._lost()]
        findings += own_parts(self.project, "fastapi" if flask is None else "flask")
        left = {e.function: e.refusal for e in endpoints if e.function and e.refusal}
        found = self._extensions()
        site = application_site(
            self.project, self.candidate, self.app.node, self.imports, self.setting_up
        )
        if connexion.is_connexion(self.runner, self.app):
            site = replace(site, connexion=True)
            findings += connexion.missing(self.runner, self.app, self.documents)
        findings += without_arguments(self.candidate, site)
        findings += [to_be_called(site, function) for function in self.started]
        surface = Surface(
            site,
            endpoints,
            entries,
            left,
            decorated.kinds,
            decorated.functions,
            found,
            tuple(sorted(findings, key=lambda f: (f.path, f.line, f.column, f.code))),
            {},
            modules,
            frozenset(
                filter(self.reach.needs_context, self.project.functions) if not flask else ()
            ),
            flask,
            frames.plain_functions(entries) if flask is not None else {},
            self.planner.plan,
        )
        return self.planner.plan(surface)

    def _together(self, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        """A view is on one side with all of its rules, and with those registered by the same call."""
        calls: dict[int, list[int]] = {}
        for index, mounted in enumerate(self.urls.mounted):
            if mounted.route is not None:
                calls.setdefault(id(mounted.route.node), []).append(index)
        found = list(endpoints)
        changed = True
        while changed:
            changed = False
            left = {e.function: e.refusal for e in found if e.function and e.refusal}
            for group in calls.values():
                refusal = next((r for i in group if (r := found[i].refusal) is not None), None)
                for index in group:
                    why = refusal or left.get(found[index].function)
                    if found[index].refusal is None and why is not None:
                        found[index] = replace(found[index], refusal=why)
                        changed = True
        return tuple(found)

    def _run(self) -> Scaffold:
        runner, candidate = self.runner, self.candidate
        frame = runner.run_module(candidate.module)
        value: Value = UNKNOWN
        if candidate.function is not None:
            call = ast.Call(ast.Name(candidate.attribute, ast.Load()), [], [])
            factory = frame.names.get(candidate.attribute, UNKNOWN)
            if not isinstance(factory, FunctionValue):
                factory = FunctionValue(candidate.function, frame, candidate.attribute)
            given = [self._given(frame)] if candidate.fills else []
            value = runner.call(frame, factory, given, {}, call)
            apps = [value] if isinstance(value, Scaffold) else []
            apps += [s for s in runner.scaffolds if s.kind == "app"]
        else:
            value = frame.names.get(candidate.attribute, UNKNOWN)
            apps = [value] if isinstance(value, Scaffold) and value.kind == "app" else []
            apps += [s for s in runner.scaffolds if s.kind == "app"]
            self.imports = self._importers(apps[0] if apps else None)
        if apps:
            if any(known is apps[0] for known in frame.names.values()):
                self._start(apps[0])
            return apps[0]
        if self.named:
            raise UnclearApplication(
                f"{self.named!r} names no application.",
                "Nothing there makes a Flask application, as far as its source tells.",
                "Name the application object, or the function that calls Flask(...).",
            )
        return Scaffold("app", _flask_call(), candidate.module, [], {})

    def _given(self, frame: Frame) -> Value:
        """The application that a factory takes as its argument."""
        cls = self.project.classes.get(self.candidate.fills)
        made = ExternalValue(self.candidate.fills) if cls is None else ClassValue(cls)
        name = self.candidate.module.name.partition(".")[0]
        return self.runner.call(frame, made, [Const(name)], {}, _flask_call())

    def _importers(self, app: Scaffold | None) -> tuple[str, ...]:
        """Run modules that add to a module-level application and that it does not import.

        With `app` made in one module and `views.py` importing it, a start script imports both.
        """
        if app is None:
            return ()
        found: list[str] = []
        own = self.project.lookup(self.candidate.module, self.candidate.attribute)
        for module in list(self.project.modules.values()):
            if module.name in self.runner.frames or is_test(module):
                continue
            bound = [self.project.lookup(module, name) for name in module.bindings]
            if own is not None and any(b is own or self._through(module, b) for b in bound):
                before = len(app.events) + len(app.hooks)
                self.runner.run_module(module)
                if len(app.events) + len(app.hooks) > before:
                    found.append(module.name)
        return tuple(found)

    def _through(self, module: Module, bound: Resolved) -> bool:
        """Whether a module may have the application through the module of it: `config.app`."""
        name = f".{self.candidate.attribute}"
        return bound is self.candidate.module and name in module.source.text

    def _start(self, app: Scaffold) -> None:
        """Call what registers blueprints on a module-level application when a script calls it."""
        for function in starters(self.project, self.setting_up):
            known = {id(event.node) for event in app.events}
            if not any(id(node) in known for node in ast.walk(function.node)):
                frame = self.runner.run_module(function.module)
                value = FunctionValue(function, frame, function.name)
                self.runner.call(frame, value, [], {}, _flask_call())
                self.started.append(function)

    # -- entries

    def _entries(self) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for mounted in self.urls.mounted:
            if mounted.route is not None and mounted.endpoint.function:
                scope = mounted.scope[-1] if mounted.scope else ""
                self._enter(
                    entries,
                    mounted.route.view,
                    "view",
                    scope,
                    mounted.endpoint.path,
                    mounted.endpoint.line,
                )
        for placed in self.urls.placed:
            for hook in placed.scaffold.hooks:
                self._hook(entries, hook, placed.name)
        for hook in self.runner.hooks:
            self._hook(entries, hook, "")
        return entries

    def _hook(self, entries: dict[str, Entry], hook: Hook, scope: str) -> None:
        kind: EntryKind = hook.kind  # type: ignore[assignment]  # a str in the tables
        line = getattr(hook.node, "lineno", 1)
        self._enter(entries, hook.view, kind, scope, hook.module.path, line)

    def _enter(
        self,
        entries: dict[str, Entry],
        view: Value,
        kind: EntryKind,
        scope: str,
        path: str,
        line: int,
    ) -> None:
        for key in self._keys(view):
            known = entries.get(key)
            if known is None:
                entries[key] = Entry(key, kind, scope, path, line, (kind,))
            elif kind not in known.kinds:
                entries[key] = Entry(
                    key, known.kind, known.scope, known.path, known.line, (*known.kinds, kind)
                )

    def _keys(self, view: Value) -> list[str]:
        if isinstance(view, ViewClass):
            cls = self.project.classes.get(view_key(view))
            if cls is None:
                return []
            return [method.key for method in class_views.entries(self.project, cls)]
        key = view_key(view)
        return [key] if key else []

    # -- extensions and findings

    def _extensions(self) -> tuple[Extension, ...]:
        bound: dict[int, list[str]] = {}
        for name, frame in self.runner.frames.items():
            for variable, value in frame.names.items():
                if isinstance(value, Instance) and value.module.name == name:
                    bound.setdefault(id(value), []).append(f"{name}:{variable}")
        found: dict[tuple[str, int], Extension] = {}
        for instance in self.runner.instances:
            effect = extensions.effect(instance.dotted)
            is_object = instance.dotted.rpartition(".")[2][:1].isupper()
            if not effect or not is_object or id(instance) not in bound:
                continue
            self._extension(
                found, instance.dotted, instance.module.path, instance.node, bound[id(instance)]
            )
        for use in self.runner.extension_uses:
            if use.instance is None or id(use.instance) not in bound:
                self._extension(found, use.dotted, use.module.path, use.node, [])
        return tuple(found.values())

    def _extension(
        self,
        found: dict[tuple[str, int], Extension],
        dotted: str,
        path: str,
        node: ast.AST,
        names: list[str],
    ) -> None:
        line = getattr(node, "lineno", 1)
        found.setdefault(
            (path, line),
            Extension(dotted, extensions.effect(dotted) or "unknown", path, line, tuple(names)),
        )

    def _lost(self) -> list[Finding]:
        findings = [
            Finding(
                event.module.path,
                event.node.lineno,
                event.node.col_offset,
                "MIG407",
                "A blueprint is registered here that can't be found statically; its endpoints are "
                "not converted.",
                "",
                "Register the blueprint by its own name.",
            )
            for event in self.urls.unknown
        ]
        for endpoint in (m.endpoint for m in self.urls.mounted):
            if endpoint.refusal is not None:
                findings.append(left_finding(self.project, endpoint, endpoint.refusal))
        return findings


def _flask_call() -> ast.Call:
    """`Flask()`, where the repository has no such call."""
    return ast.fix_missing_locations(ast.Call(ast.Name("Flask", ast.Load()), [], []))


def left_finding(project: Project, endpoint: Endpoint, refusal: Refusal) -> Finding:
    """The finding for an endpoint that stays on the mount."""
    symbol = endpoint.function.partition(":")[2]
    return Finding(
        endpoint.path,
        endpoint.line,
        0,
        refusal.code,
        f"{endpoint.endpoint} ({endpoint.rule}) stays on the mount: {refusal.reason}.",
        symbol,
        refusal.hint,
    )
