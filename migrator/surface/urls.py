"""From what was registered on applications and blueprints to the application's URL map."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from copy import copy

from migrator.frozen import frozen
from migrator.index.definitions import ClassInfo
from migrator.index.project import Project
from migrator.queries.step import Refusal
from migrator.surface import class_views, rules
from migrator.surface.model import Endpoint
from migrator.surface.namespaces import RESOURCES
from migrator.surface.values import (
    UNKNOWN,
    ClassValue,
    Const,
    ExternalValue,
    FunctionValue,
    Registered,
    Route,
    Scaffold,
    Value,
    ViewClass,
)

METHOD_VIEWS = class_views.METHOD_VIEWS | RESOURCES
#: `route` options that the target's routes don't have.
UNSUPPORTED_OPTIONS = {
    "redirect_to": ("MIG403", "the rule redirects by itself"),
    "alias": ("MIG403", "the rule is an alias"),
    "subdomain": ("MIG404", "the rule is bound to a subdomain"),
    "host": ("MIG404", "the rule is bound to a host"),
    "websocket": ("MIG404", "the rule is for websockets"),
    "build_only": ("MIG403", "the rule builds URLs only"),
}


@frozen
class Mounted:
    """A route at its place in the application."""

    endpoint: Endpoint
    route: Route | None
    scope: tuple[str, ...]
    owner: Scaffold


@frozen
class Placed:
    """A blueprint at its place: its dotted name, and those of the blueprints around it."""

    scaffold: Scaffold
    name: str
    scope: tuple[str, ...]


class UrlMap:
    """The URL map of one application."""

    def __init__(self, project: Project, app: Scaffold) -> None:
        self.project = project
        self.app = app
        self.mounted: list[Mounted] = []
        self.placed: list[Placed] = [Placed(app, "", ())]
        self.unknown: list[Registered] = []
        #: The names of the converters that the application adds.
        self.converters = frozenset(app.converters)
        self._seen: set[tuple[object, ...]] = set()
        #: The blueprints in whose places others are put now.
        self._around: list[Scaffold] = []
        self._place(app, "", None, (), None)

    def _place(
        self,
        owner: Scaffold,
        name: str,
        prefix: str | None,
        scope: tuple[str, ...],
        subdomain: Value | None,
    ) -> None:
        folder = _text(owner.keywords.get("static_folder"))
        if owner is self.app and "static_folder" not in owner.keywords:
            folder = "static"
        if folder is not None:
            self._static(owner, name, prefix, scope, folder)
        nested: list[Registered] = []
        for event in owner.events:
            if isinstance(event, Registered):
                if owner is self.app:
                    self._register(event, "", None, scope)
                else:
                    nested.append(event)
            else:
                self._route(event, owner, name, prefix, scope, subdomain)
        for event in nested:
            self._register(event, name, prefix, scope)

    def _register(
        self, event: Registered, outer: str, prefix: str | None, scope: tuple[str, ...]
    ) -> None:
        blueprint = event.blueprint
        if blueprint.kind == "unknown":
            self.unknown.append(event)
            return
        own = _text(event.options.get("name")) or blueprint_name(blueprint)
        name = f"{outer}.{own}".lstrip(".")
        given = event.options.get("url_prefix", Const(None))
        if given == Const(None):
            given = blueprint.keywords.get("url_prefix", Const(None))
            if given == Const(None):
                given = blueprint.attributes.get("url_prefix", Const(None))
        own_prefix = "/?" if given is UNKNOWN else _text(given)
        full = rules.nest(prefix, own_prefix)
        key = (id(blueprint), name, full)
        if key in self._seen or blueprint in self._around:
            # Flask refuses a blueprint on itself: whatever says so has not been understood.
            return
        self._seen.add(key)
        inner = (*scope, name)
        self.placed.append(Placed(blueprint, name, inner))
        subdomain = event.options.get("subdomain", blueprint.keywords.get("subdomain"))
        self._around.append(blueprint)
        self._place(blueprint, name, full, inner, subdomain)
        self._around.pop()

    def _static(
        self, owner: Scaffold, name: str, prefix: str | None, scope: tuple[str, ...], folder: str
    ) -> None:
        url = _text(owner.keywords.get("static_url_path"))
        if url is None:
            url = "/" + posixpath.basename(folder.rstrip("/\\").replace("\\", "/"))
        rule = rules.join(prefix, url.rstrip("/") + "/<path:filename>")
        endpoint = Endpoint(
            f"{name}.static".lstrip("."),
            rule,
            ("GET",),
            "",
            owner.module.path,
            owner.node.lineno,
            static=True,
        )
        self.mounted.append(Mounted(endpoint, None, scope, owner))

    def _route(
        self,
        route: Route,
        owner: Scaffold,
        name: str,
        prefix: str | None,
        scope: tuple[str, ...],
        subdomain: Value | None,
    ) -> None:
        text = _text(route.rule)
        rule = rules.join(prefix, "/?" if text is None else text)
        given = _text(route.endpoint)
        last = given or view_name(route.view)
        methods = self._methods(route)
        endpoint = Endpoint(
            f"{name}.{last or '?'}".lstrip("."),
            rule,
            methods,
            view_key(route.view),
            route.module.path,
            route.node.lineno,
            certain="?" not in rule and last is not None and "?" not in methods,
            refusal=self._refusal(route, rule, last, methods, subdomain),
        )
        key = (id(owner), endpoint, id(route.node))
        if key not in self._seen:
            self._seen.add(key)
            self.mounted.append(Mounted(endpoint, route, scope, owner))

    def _methods(self, route: Route) -> tuple[str, ...]:
        found = route.methods
        if found is None and isinstance(route.view, ViewClass):
            found = self._class_methods(route.view.cls)
        kept = set(found or ("GET",))
        return tuple(sorted(kept - {"OPTIONS"} - ({"HEAD"} if "GET" in kept else set())))

    def _class_methods(self, cls: Value) -> tuple[str, ...] | None:
        if not isinstance(cls, ClassValue):
            return ("?",)
        listed = self._attribute(cls.info, "methods")
        if listed is not None:
            return listed
        if METHOD_VIEWS.isdisjoint(self.project.external_bases(cls.info)):
            return None
        return tuple(
            m.upper()
            for m in class_views.HTTP_METHODS
            if self.project.method(cls.info, m) is not None
        )

    def _attribute(self, cls: ClassInfo, name: str) -> tuple[str, ...] | None:
        for owner in self.project.mro(cls):
            value = owner.attributes.get(name, (None, None))[1]
            names = [getattr(e, "value", None) for e in getattr(value, "elts", [])]
            if names and all(isinstance(n, str) for n in names):
                return tuple(str(n).upper() for n in names)
        return None

    def _refusal(
        self,
        route: Route,
        rule: str,
        name: str | None,
        methods: tuple[str, ...],
        subdomain: Value | None,
    ) -> Refusal | None:
        if isinstance(route.view, ViewClass) and route.view.made:
            why = class_views.refusal(self.project, route.view.cls)
            if why is not None:
                return why
        elif not isinstance(route.view, FunctionValue):
            return Refusal(
                "MIG407",
                "its view is not a function of this repository",
                "give the rule a function that is defined in the repository",
            )
        if "?" in rule or name is None or "?" in methods:
            return Refusal(
                "MIG407",
                "its rule, endpoint or methods can't be read statically",
                "write them as literals in the route decorator",
            )
        for option, (code, reason) in UNSUPPORTED_OPTIONS.items():
            if option in route.options and route.options[option] != Const(None):
                return Refusal(code, reason, "write one plain rule for each URL")
        if subdomain is not None and subdomain != Const(None):
            return Refusal("MIG404", "its blueprint is bound to a subdomain", "")
        for variable in rules.variables(rule):
            if not variable.known and variable.converter not in self.app.converters:
                return Refusal(
                    "MIG401",
                    f"the converter {variable.converter!r} is not known",
                    "take the value as a string and check it in the view",
                )
        return None


def together(maps: Sequence[UrlMap]) -> UrlMap:
    """What several applications have, each rule once: two may have a blueprint alike."""
    if len(maps) == 1:
        return maps[0]
    found = copy(maps[0])
    every = {(m.endpoint, id(m.route)): m for urls in maps for m in urls.mounted}
    found.mounted = list(every.values())
    found.placed = [placed for urls in maps for placed in urls.placed]
    found.unknown = [event for urls in maps for event in urls.unknown]
    found.converters = frozenset(name for urls in maps for name in urls.converters)
    return found


def blueprint_name(blueprint: Scaffold) -> str:
    """The name a blueprint was given, "?" where it is not static."""
    first = blueprint.args[0] if blueprint.args else blueprint.keywords.get("name")
    return _text(first) or "?"


def view_key(view: Value) -> str:
    """The key of a view function, or of a class-based view's class."""
    if isinstance(view, FunctionValue):
        return view.info.key
    if isinstance(view, ViewClass) and isinstance(view.cls, ClassValue):
        return view.cls.info.key
    return ""


def view_name(view: Value) -> str | None:
    """The endpoint's name that Flask takes from a view."""
    if isinstance(view, FunctionValue):
        return view.name
    if isinstance(view, ViewClass):
        return _text(view.name)
    if isinstance(view, ExternalValue):
        return view.dotted.rpartition(".")[2]
    return None


def _text(value: Value | None) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
