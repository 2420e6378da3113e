"""A URL map bound to the request at hand, as Flask and `compat` bind theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.routing import Map, MapAdapter

from migrator.runtime.mount.environ import split_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope


class Binder:
    """Gives adapters of `url_map`; one for all requests where neither host nor subdomain counts."""

    def __init__(
        self, url_map: Map, config: Mapping[str, Any], *, subdomain_matching: bool = False
    ) -> None:
        self.url_map = url_map
        self._config = config
        self._by_host = url_map.host_matching
        self._by_subdomain = subdomain_matching and not url_map.host_matching
        self._any = None if self._by_host else url_map.bind("localhost", subdomain=self._subdomain)

    @property
    def _subdomain(self) -> str:
        return self.url_map.default_subdomain or ""

    def for_matching(self, scope: Scope) -> MapAdapter:
        """An adapter that matches as the application would for `scope`."""
        if self._any is not None and not self._by_subdomain:
            return self._any
        return self.for_building(scope)

    def for_building(self, scope: Scope) -> MapAdapter:
        """An adapter that also knows the request's host, scheme and root path."""
        server, port = scope.get("server") or ("localhost", 80)
        root, _ = split_root(scope)
        environ = {
            "wsgi.url_scheme": scope.get("scheme", "http"),
            "SERVER_NAME": server,
            "SERVER_PORT": str(port or 80),
            "SCRIPT_NAME": root.encode().decode("latin1"),
            "PATH_INFO": "/",
            "REQUEST_METHOD": scope.get("method", "GET"),
            "QUERY_STRING": "",
        }
        for name, value in scope["headers"]:
            if name == b"host":
                environ["HTTP_HOST"] = value.decode("latin1")
        return self.url_map.bind_to_environ(
            environ,
            server_name=None if self._by_host else self._config["SERVER_NAME"],
            subdomain=None if self._by_host or self._by_subdomain else self._subdomain,
        )
