"""`url_for`: builds the URLs of converted endpoints, and asks the mount for those of legacy ones."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.exceptions import BadHost
from werkzeug.routing import BuildError, MapAdapter
from werkzeug.wsgi import get_host

from .context import _app_context, _request_context, active_app, split_blueprint_path
from .running import call

if TYPE_CHECKING:
    from .app import App
    from .request import Request

UrlBuildFallback = Callable[..., str | None]
"""`(endpoint, values, *, method, scheme, external, anchor)` → a URL, or None if it has none."""


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: Any,
) -> str:
    """The URL of an endpoint with the given values; unknown ones become the query string.

    Raises werkzeug's BuildError when neither this application nor the mounted one can build it.
    """
    return active_app().url_for(
        endpoint,
        _anchor=_anchor,
        _method=_method,
        _scheme=_scheme,
        _external=_external,
        **values,
    )


def build_url(
    app: App,
    endpoint: str,
    values: dict[str, Any],
    *,
    anchor: str | None,
    method: str | None,
    scheme: str | None,
    external: bool | None,
) -> str:
    """What `app.url_for` does, after its arguments were sorted."""
    context = _request_context.get(None)
    adapter: MapAdapter | None
    if context is not None:
        adapter = context.url_adapter
        if endpoint[:1] == ".":
            blueprint = context.request.blueprint
            endpoint = f"{blueprint}{endpoint}" if blueprint is not None else endpoint[1:]
        if external is None:
            external = scheme is not None
    else:
        app_context = _app_context.get(None)
        adapter = (
            app_context.url_adapter if app_context is not None else app.create_url_adapter(None)
        )
        if adapter is None:
            raise RuntimeError(
                "Unable to build URLs outside an active request without 'SERVER_NAME' configured. "
                "Also configure 'APPLICATION_ROOT' and 'PREFERRED_URL_SCHEME' as needed."
            )
        if external is None:
            external = True
    if scheme is not None and not external:
        raise ValueError("When specifying '_scheme', '_external' must be True.")

    _inject_defaults(app, endpoint, values)
    try:
        if adapter is None:
            raise BuildError(endpoint, values, method)
        url = adapter.build(
            endpoint, values, method=method, url_scheme=scheme, force_external=external
        )
    except BuildError as error:
        options = {"method": method, "scheme": scheme, "external": external, "anchor": anchor}
        if app.url_build_fallback is not None:
            fallback = app.url_build_fallback(endpoint, dict(values), **options)
            if fallback is not None:
                return fallback
        values.update({f"_{key}": value for key, value in options.items()})
        return app.handle_url_build_error(error, endpoint, values)
    if anchor is not None:
        url = f"{url}#{quote(anchor, safe='%!#$&()*+,/:;=?@' + chr(39))}"
    return url


def _inject_defaults(app: App, endpoint: str, values: dict[str, Any]) -> None:
    names: Any = (None,)
    if "." in endpoint:
        names = chain(names, reversed(split_blueprint_path(endpoint.rpartition(".")[0])))
    for name in names:
        for function in app.url_default_functions.get(name, ()):
            call(function, endpoint, values)


def adapter_for_request(app: App, request: Request) -> MapAdapter:
    """The adapter that matches `request`; raises SecurityError for a host that is not trusted."""
    environ = request.environ
    url_map = app.url_map
    trusted = app.config["TRUSTED_HOSTS"]
    if trusted is not None:
        request.trusted_hosts = trusted
    host = request.host = get_host(environ, request.trusted_hosts)
    server_name = app.config["SERVER_NAME"]
    if url_map.host_matching or app.subdomain_matching or "HTTP_UPGRADE" in environ:
        if url_map.host_matching:
            server_name = None
        subdomain = None if app.subdomain_matching or url_map.host_matching else ""
        if subdomain is not None:
            subdomain = url_map.default_subdomain or ""
        return url_map.bind_to_environ(environ, server_name=server_name, subdomain=subdomain)
    # What bind_to_environ comes to without host or subdomain matching, less the copying.
    scheme = environ["wsgi.url_scheme"]
    if server_name is None:
        server_name = host
    elif scheme == "http":
        server_name = server_name.removesuffix(":80")
    elif scheme == "https":
        server_name = server_name.removesuffix(":443")
    return MapAdapter(
        url_map,
        _ascii_host(server_name),
        _decoded(environ["SCRIPT_NAME"]),
        url_map.default_subdomain or "",
        scheme,
        _decoded(environ["PATH_INFO"]),
        environ["REQUEST_METHOD"],
        _decoded(environ["QUERY_STRING"]),
    )


def _decoded(text: str) -> str:
    """UTF-8 that a WSGI environ holds as latin-1."""
    return text if text.isascii() else text.encode("latin-1").decode(errors="replace")


@functools.lru_cache(maxsize=256)
def _ascii_host(server_name: str) -> str:
    """The host in IDNA, its port untouched; raises BadHost."""
    host, separator, port = server_name.lower().partition(":")
    try:
        return f"{host.encode('idna').decode('ascii')}{separator}{port}"
    except UnicodeError as error:
        raise BadHost from error
