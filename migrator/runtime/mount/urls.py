"""`url_for` in a converted application, for endpoints that only the legacy application has."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.routing import BuildError

from migrator.runtime.mount.binding import Binder

if TYPE_CHECKING:
    from flask import Flask
    from starlette.types import Scope

#: The request that is being served, for the URLs that are built meanwhile.
current_scope: ContextVar[Scope | None] = ContextVar("migrator_mount_scope", default=None)


class LegacyUrls:
    """What `compat` calls for an endpoint that it does not have (`App.url_build_fallback`)."""

    def __init__(self, app: Flask, binder: Binder) -> None:
        self._app = app
        self._binder = binder

    def __call__(
        self,
        endpoint: str,
        values: dict[str, Any],
        *,
        method: str | None = None,
        scheme: str | None = None,
        external: bool | None = None,
        anchor: str | None = None,
    ) -> str | None:
        """The URL, or None when the legacy application can't build it either."""
        scope = current_scope.get()
        if scope is not None:
            adapter = self._binder.for_building(scope)
        else:
            outside = self._app.create_url_adapter(None)
            if outside is None:
                return None
            adapter = outside
        try:
            url = adapter.build(
                endpoint, values, method=method, url_scheme=scheme, force_external=bool(external)
            )
        except BuildError:
            return None
        return url if anchor is None else f"{url}#{quote(anchor, safe=_ANCHOR)}"


#: What Flask leaves as it is in an anchor.
_ANCHOR = "%!#$&()*+,/:;=?@'"
