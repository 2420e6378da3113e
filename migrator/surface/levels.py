"""Which endpoints have to stay on the mount because of what is around them, and the findings."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property

from migrator.index.project import Project
from migrator.index.template_files import as_rendered
from migrator.queries.step import Refusal
from migrator.surface import class_views, extensions, rules, settings
from migrator.surface.machine import ExtensionUse, Machine
from migrator.surface.model import Endpoint, Finding
from migrator.surface.reach import Reach
from migrator.surface.templates import Templates
from migrator.surface.urls import Mounted, Placed, UrlMap, view_key
from migrator.surface.values import ClassValue, ExternalValue, Hook, Scaffold, Value

RENDERING = frozenset(
    {
        "flask.render_template",
        "flask.render_template_string",
        "flask.templating.render_template",
        "flask.templating.render_template_string",
    }
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: Hooks that every request of their scope goes through.
EVERY_REQUEST = frozenset({"hook", "teardown", "url_processor", "loader", "error_handler"})
#: What is not to be had while a URL is matched.
NEEDING_CONTEXT = ("flask", "sqlalchemy")


class Leaving:
    """`endpoints`: those that stay on the mount for what they use or what they go through."""

    def __init__(
        self, project: Project, machine: Machine, urls: UrlMap, reach: Reach, app: Scaffold
    ) -> None:
        self.project = project
        self.machine = machine
        self.urls = urls
        self.reach = reach
        self.app = app
        self.endpoints: dict[Endpoint, Refusal] = {}
        self.findings: list[Finding] = []
        self._views()
        self._hooks()
        self._extensions()
        self._settings()
        self._templates()

    def _leave(self, endpoint: Endpoint, refusal: Refusal) -> None:
        if endpoint.refusal is None:
            self.endpoints.setdefault(endpoint, refusal)

    def _why(self, key: str) -> Refusal | None:
        found = self.reach.function(key)
        if found is None:
            function = self.project.functions.get(key)
            if function is not None and function.parent is not None:
                found = self.reach.expression(function.module, function.node)
        return found

    def _views(self) -> None:
        for mounted in self.urls.mounted:
            refusal = self._view(mounted) or self._converters(mounted.endpoint.rule)
            if refusal is not None:
                self._leave(mounted.endpoint, refusal)

    def _view(self, mounted: Mounted) -> Refusal | None:
        """What the view uses, every method of a class; and what `add_url_rule` puts around it."""
        own = mounted.endpoint.function
        if self.reach.needs_context(own) and own in self.project.functions:
            # The view gets Flask's context; a hook or handler of the same function would not.
            return self._why(own) if own in self._hooked() else None
        for key in self._functions(mounted.endpoint):
            refusal = self._why(key)
            if refusal is not None:
                return refusal
        route = mounted.route
        if mounted.endpoint.function in self.project.classes:
            refusal = self.reach.cls(mounted.endpoint.function)
            if refusal is None and route is not None:
                refusal = self.reach.expression(route.module, route.node)
            return refusal
        return None

    def _hooked(self) -> set[str]:
        hooks = [h for placed in self.urls.placed for h in placed.scaffold.hooks]
        return {view_key(h.view) for h in (*hooks, *self.machine.hooks)}

    def _functions(self, endpoint: Endpoint) -> list[str]:
        return class_views.functions(self.project, endpoint.function) if endpoint.function else []

    def _converters(self, rule: str) -> Refusal | None:
        for variable in rules.variables(rule):
            if variable.converter in self.app.converters:
                refusal = self._converter(self.app.converters[variable.converter])
                if refusal is not None:
                    return refusal
        return None

    def _converter(self, converter: Value) -> Refusal | None:
        """A URL is matched outside of any request and of any session: nothing may need one."""
        hint = "take the value as a string and convert it in the view"
        if isinstance(converter, ClassValue):
            used = self.reach.externals(converter.info)
        elif isinstance(converter, ExternalValue):
            used = frozenset({converter.dotted})
        else:
            return Refusal("MIG401", "its converter is no class that can be found", hint)
        for dotted in sorted(used):
            if dotted.startswith(NEEDING_CONTEXT):
                return Refusal("MIG401", f"its converter uses {dotted}", hint)
        return None

    def _hooks(self) -> None:
        for placed in self.urls.placed:
            for hook in placed.scaffold.hooks:
                self._hook(hook, placed)
        for hook in self.machine.hooks:
            # What only an extension calls, and only where it is used, is left with what uses it.
            if hook.kind == "loader" and extensions.effect(hook.method) != "usage":
                self._hook(hook, self.urls.placed[0])

    def _hook(self, hook: Hook, placed: Placed) -> None:
        key = view_key(hook.view)
        why = (self._why(key) or self._page(key)) if key else None
        if why is None or (hook.kind == "error_handler" and self._never_raised(hook)):
            return
        function = self.project.functions.get(key)
        name = function.name if function is not None else key
        refusal = Refusal("MIG414", f"{hook.method} {name} stays behind: {why.reason}", why.hint)
        everywhere = not placed.name or "app_" in hook.method
        for mounted in self.urls.mounted:
            inside = everywhere or placed.name in mounted.scope
            if not inside:
                continue
            if hook.kind in EVERY_REQUEST or (
                hook.kind in {"context_processor", "template_helper"}
                and any(self.reach.uses(k, RENDERING) for k in self._functions(mounted.endpoint))
            ):
                self._leave(mounted.endpoint, refusal)

    def _never_raised(self, hook: Hook) -> bool:
        """An error handler for what only an extension raises: no converted code raises it."""
        if not isinstance(hook.node, ast.Call) or not hook.node.args:
            return False
        return self.reach.expression(hook.module, hook.node.args[0]) is not None

    def concerns(self, use: ExtensionUse) -> bool:
        """Whether an extension works on the application, or on a blueprint of it."""
        return any(placed.scaffold is use.app for placed in self.urls.placed)

    def _extensions(self) -> None:
        for use in self.machine.extension_uses:
            if not self.concerns(use):
                continue
            effect = use.effect
            if effect in {"supported", "keep"} or use.is_own:
                continue
            name = extensions.distribution(use.dotted)
            if effect == "global":
                refusal = Refusal(
                    "MIG412",
                    f"{name} has a part in every request",
                    f"give its work to the ASGI server or a middleware, then convert without {name}",
                )
                self._all(refusal, writes_only=False)
            elif effect == "writes":
                refusal = Refusal(
                    "MIG413",
                    f"{name} guards every request that changes something",
                    "protect these requests some other way, then convert again",
                )
                self._all(refusal, writes_only=True)
            self._found(use, effect, name)

    def _settings(self) -> None:
        name = settings.replaced_part(self.project, self.machine, self.app)
        if name:
            self._all(settings.refusal(name), writes_only=False)
        for setting in self.machine.settings:
            if setting.name == "wsgi_app" and setting.app is self.app:
                self.findings.append(
                    Finding(
                        setting.module.path,
                        setting.node.lineno,
                        setting.node.col_offset,
                        "MIG416",
                        "WSGI middleware serves the mounted application only: converted endpoints "
                        "don't pass through it.",
                        "",
                        "Do its work at the ASGI edge, around the application of asgi.py; for "
                        "ProxyFix that is uvicorn's --proxy-headers.",
                    )
                )

    def _templates(self) -> None:
        """Views whose templates use what an extension adds: it adds nothing to ours."""
        for mounted in self.urls.mounted:
            if mounted.endpoint.refusal or mounted.endpoint in self.endpoints:
                continue
            for key in self._functions(mounted.endpoint) if self._needing else ():
                refusal = self._page(key)
                if refusal is not None:
                    self._leave(mounted.endpoint, refusal)

    @cached_property
    def _needing(self) -> Mapping[str, str]:
        """The templates that need an extension, with what it is."""
        uses = [u.dotted for u in self.machine.extension_uses if extensions.refusal(u.dotted)]
        return Templates(self.project).using(uses) if uses else {}

    def _page(self, key: str) -> Refusal | None:
        """Why what a function renders can't be rendered without Flask; None when it can."""
        strings = self.reach.strings(key) if self._needing else frozenset()
        name = next((n for n in sorted(map(as_rendered, strings)) if n in self._needing), None)
        if name is None:
            return None
        extension = extensions.distribution(self._needing[name])
        return Refusal(
            "MIG409",
            f"the template {name} uses what {extension} adds to templates",
            f"take {extension} out of the template, then convert again",
        )

    def _all(self, refusal: Refusal, writes_only: bool) -> None:
        for mounted in self.urls.mounted:
            safe = SAFE_METHODS.issuperset(mounted.endpoint.methods)
            if not (writes_only and safe):
                self._leave(mounted.endpoint, refusal)

    def _found(self, use: ExtensionUse, effect: str, name: str) -> None:
        if effect == "dev":
            self.findings.append(
                finding(
                    use,
                    "MIG410",
                    f"{name} serves development only: the converted application does without it.",
                    "Go on using it with the legacy application.",
                    info=True,
                )
            )
        elif effect in {"usage", "writes", "global", "views", "websocket"}:
            self.findings.append(
                finding(
                    use,
                    "MIG411",
                    f"{name} works on a Flask application only: what uses it stays on the mount.",
                    f"Replace {name} to convert those endpoints.",
                )
            )
        else:
            self.findings.append(
                finding(
                    use,
                    "MIG415",
                    f"{use.dotted} is given the application and is not known: the converted "
                    "application does without it, and what uses it stays on the mount.",
                    "Check whether it changes requests or responses; if it reads only app.config, name "
                    "it in keep-parts.",
                )
            )


def finding(use: ExtensionUse, code: str, message: str, hint: str, info: bool = False) -> Finding:
    """A finding at the place where an extension is given the application."""
    return Finding(
        use.module.path,
        use.node.lineno,
        use.node.col_offset,
        code,
        message,
        "",
        hint,
        "info" if info else "warning",
    )
