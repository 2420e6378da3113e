"""Which endpoint a request belongs to, and which endpoints no case asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .model import Request
from .report import Endpoint

_IMPLIED = {"HEAD", "OPTIONS"}
_NOT_ALLOWED, _NO_ROUTE, _NOT_ROUTED = "(method not allowed)", "(no such route)", "(not routed)"
#: What stands in the place of an endpoint where the routing finds none.
NO_ENDPOINT = frozenset({_NOT_ALLOWED, _NO_ROUTE, _NOT_ROUTED})


class UrlMap:
    """The legacy application's endpoints; empty for an application without a URL map."""

    def __init__(self, app: Any | None) -> None:
        self._map = None if app is None else app.url_map
        self.endpoints: dict[str, Endpoint] = {}
        if self._map is None:
            return
        methods: dict[str, set[str]] = {}
        rules: dict[str, list[str]] = {}
        views = getattr(app, "view_functions", None)
        for rule in self._map.iter_rules():
            if views is not None and rule.endpoint not in views:
                continue  # one that a mount has taught it, or that only builds URLs
            methods.setdefault(rule.endpoint, set()).update((rule.methods or set()) - _IMPLIED)
            rules.setdefault(rule.endpoint, []).append(rule.rule)
        for name, paths in rules.items():
            self.endpoints[name] = Endpoint(name, paths[0], tuple(sorted(methods[name])))

    def match(self, request: Request) -> str:
        """The endpoint that answers, as the routing sees it; a text in parentheses where none does."""
        if self._map is None:
            return f"({request.path})"
        from urllib.parse import unquote

        from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
        from werkzeug.routing import RequestRedirect

        adapter = self._map.bind(request.host, url_scheme=request.scheme)
        path = unquote(request.path, errors="replace")
        try:
            endpoint, _ = adapter.match(path, method=request.method)
        except RequestRedirect as redirect:
            return self._redirected(redirect.new_url, request, adapter)
        except MethodNotAllowed:
            return _NOT_ALLOWED
        except NotFound:
            return _NO_ROUTE
        except HTTPException:
            return _NOT_ROUTED
        return str(endpoint)

    def _redirected(self, url: str, request: Request, adapter: Any) -> str:
        from urllib.parse import unquote, urlsplit

        from werkzeug.exceptions import HTTPException
        from werkzeug.routing import RequestRedirect

        try:
            endpoint, _ = adapter.match(unquote(urlsplit(url).path), method=request.method)
        except (HTTPException, RequestRedirect):
            return "(redirect)"
        return str(endpoint)

    def uncovered(self, asked: Iterable[str]) -> tuple[Endpoint, ...]:
        """Endpoints that no case asks; serving static files is the framework's."""
        seen = set(asked)
        return tuple(
            endpoint
            for name, endpoint in sorted(self.endpoints.items())
            if name not in seen and name.rpartition(".")[2] != "static"
        )
