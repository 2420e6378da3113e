"""Reading an application's surface from its source, without importing it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from migrator.index.project import Project
from migrator.queries.step import Refusal
from migrator.surface import class_views, connexion, extensions, frames, integrations
from migrator.surface.application import Candidate, find_applications
from migrator.surface.decorated import Decorated
from migrator.surface.documents import Document, documents
from migrator.surface.levels import Leaving
from migrator.surface.made import Made, Making, check_clear, with_more
from migrator.surface.model import (
    ApplicationSite,
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
from migrator.surface.set_up import setting_up, to_be_called
from migrator.surface.signals import unsent
from migrator.surface.site import (
    also_converted,
    application_site,
    entry_module,
    put_together,
    without_arguments,
)
from migrator.surface.urls import UrlMap, together, view_key
from migrator.surface.values import Hook, Instance, Value, ViewClass


def read_surface(
    project: Project, app: str = "", frame: FrameChoice = "auto", keep: tuple[str, ...] = ()
) -> Surface | None:
    """The surface of a project's Flask applications; None when it has none.

    `app` is `module:attribute-or-factory`, or "" to look for it. `frame` is what the converted
    application has to be one of. `keep` are names in other distributions, or beginnings of names,
    of parts that work with the converted application as they are. Raises UsageError when `app`
    names nothing, or when several applications are found and none is the usual one. The others are
    converted with it.
    """
    candidate, others = find_applications(project, app)
    if candidate is None:
        return None
    return Reader(project, candidate, others, app, frame, keep).surface()


class Reader:
    """One run of the set-up code, and what follows from it."""

    def __init__(
        self,
        project: Project,
        candidate: Candidate,
        others: Sequence[Candidate] = (),
        named: str = "",
        frame: FrameChoice = "auto",
        keep: tuple[str, ...] = (),
    ) -> None:
        self.project = project
        self.frame = frame
        self.setting_up = setting_up(project)
        self.runner = Runner(project, keep)
        self.first = Making(project, self.runner, self.setting_up).made(candidate, named)
        self.made = [self.first]
        more = list(with_more(project, keep, self.first, others))
        if not named:
            check_clear(project, self.first, more)
        for other in more:
            self.made.append(Making(project, self.runner, ()).made(other))
        self.runner.register_resources(self.first.app)
        self.documents: tuple[Document, ...] = ()
        if any(self._is_connexion(made) for made in self.made):
            self.documents = documents(project)
            for made in filter(self._is_connexion, self.made):
                connexion.register(project, self.runner, made.app, self.documents)
        self.maps = [UrlMap(project, made.app) for made in self.made]
        self.urls = together(self.maps)
        unknown = (u.dotted for u in self.runner.extension_uses if not u.effect and not u.is_own)
        self.reach = Reach(project, frozenset(unknown))
        self.planner = Planner(project, self.runner, self.urls, self.reach)

    def _is_connexion(self, made: Made) -> bool:
        return connexion.is_connexion(self.runner, made.app)

    def surface(self) -> Surface:
        """Everything together."""
        modules = frozenset(self.runner.frames)
        entries = self._entries()
        leaving = [
            Leaving(self.project, self.runner, urls, self.reach, urls.app) for urls in self.maps
        ]
        decorated = Decorated(self.project, self.runner)
        why = {e: refusal for one in leaving for e, refusal in one.endpoints.items()}
        endpoints = tuple(
            replace(e, refusal=why.get(e) or e.refusal)
            for e in (m.endpoint for m in self.urls.mounted)
        )
        endpoints = self._together(endpoints)
        keeping = (frames.keeps_flask(self.frame, one, endpoints) for one in leaving)
        flask = next((found for found in keeping if found is not None), None)
        if flask is not None:
            endpoints = tuple(replace(e, refusal=frames.on_flask(e)) for e in endpoints)
            findings = [left_finding(e, e.refusal) for e in endpoints if e.refusal]
            for made in self.made:
                findings += frames.websockets(self.runner, made.app)
        else:
            findings = [*(f for one in leaving for f in one.findings), *self._lost()]
            findings += unsent(self.project)
            told = {use.dotted for use in self.runner.extension_uses}
            findings += integrations.asking(self.project, told)
        findings += own_parts(self.project, "fastapi" if flask is None else "flask")
        left = {e.function: e.refusal for e in endpoints if e.function and e.refusal}
        found = self._extensions()
        sites = [self._site(made, endpoints) for made in self.made]
        for index, site in enumerate(sites[1:], 1):
            taken = {other.entry for other in sites[:index]}
            sites[index] = replace(site, entry=entry_module(self.project, site, taken))
        for made, site in zip(self.made, sites, strict=True):
            if site.connexion:
                findings += connexion.missing(self.runner, made.app, self.documents)
            findings += without_arguments(made.candidate, site)
        findings += put_together(self.project, sites)
        findings += [to_be_called(sites[0], function) for function in self.first.started]
        findings += [
            also_converted(made, site) for made, site in zip(self.made[1:], sites[1:], strict=True)
        ]
        starts = frozenset(key for site in sites for key in site.starts)
        surface = Surface(
            replace(sites[0], starts=starts),
            endpoints,
            entries,
            left,
            decorated.kinds,
            decorated.functions,
            found,
            tuple(sorted(findings, key=lambda f: (f.path, f.line, f.column, f.code))),
            {},
            modules,
            flask,
            frames.plain_functions(entries) if flask is not None else {},
            self.planner.plan,
            tuple(sites[1:]),
        )
        return self.planner.plan(surface)

    def _site(self, made: Made, endpoints: tuple[Endpoint, ...]) -> ApplicationSite:
        """Where one of the applications comes from, and which of its static files stay on the mount."""
        site = application_site(
            self.project, made.candidate, made.app.node, made.imports, self.setting_up
        )
        own = next(urls for urls in self.maps if urls.app is made.app)
        here = {(m.endpoint.endpoint, m.endpoint.path, m.endpoint.line) for m in own.mounted}
        static = [
            e.endpoint
            for e in endpoints
            if e.static and e.refusal is not None and (e.endpoint, e.path, e.line) in here
        ]
        return replace(site, connexion=self._is_connexion(made), static=tuple(static))

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
                self._extension(
                    found, use.dotted, use.module.path, use.node, [], by_class=use.by_class
                )
        return tuple(found.values())

    def _extension(
        self,
        found: dict[tuple[str, int], Extension],
        dotted: str,
        path: str,
        node: ast.AST,
        names: list[str],
        *,
        by_class: bool = False,
    ) -> None:
        line = getattr(node, "lineno", 1)
        found.setdefault(
            (path, line),
            Extension(
                dotted, extensions.effect(dotted) or "unknown", path, line, tuple(names), by_class
            ),
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
                findings.append(left_finding(endpoint, endpoint.refusal))
        return findings


def left_finding(endpoint: Endpoint, refusal: Refusal) -> Finding:
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
