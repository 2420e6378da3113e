"""`Request`: werkzeug's request with what Flask adds, over a body that has been read already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request as RequestBase

from . import json
from .context import _app_context, split_blueprint_path

if TYPE_CHECKING:
    from werkzeug.routing import Rule


def _config(key: str, otherwise: Any = None) -> Any:
    context = _app_context.get(None)
    return context.app.config[key] if context is not None else otherwise


class Request(RequestBase):
    """The current request: `args`, `form`, `files`, `get_json()`, … as in Flask.

    `get_json` raises 415 for a wrong content type and 400 for a body that does not parse; a body
    above MAX_CONTENT_LENGTH raises 413 when it is read, not before.
    """

    json_module: Any = json

    url_rule: Rule | None = None
    view_args: dict[str, Any] | None = None
    routing_exception: HTTPException | None = None

    _max_content_length: int | None = None
    _max_form_memory_size: int | None = None
    _max_form_parts: int | None = None

    @property
    def max_content_length(self) -> int | None:
        """The limit in bytes: this request's own, or the config's MAX_CONTENT_LENGTH."""
        if self._max_content_length is not None:
            return self._max_content_length
        limit: int | None = _config("MAX_CONTENT_LENGTH")
        return limit

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        configured = _config("MAX_CONTENT_LENGTH")
        body_is_short = self.environ.get("migrator.body_is_short", False)
        if body_is_short and (value is None or value > configured):
            raise RuntimeError(
                f"request.max_content_length was raised above MAX_CONTENT_LENGTH ({configured}) "
                "for a larger body. The body is read before the view runs, up to that limit, so "
                "the rest of it is not here. Raise MAX_CONTENT_LENGTH itself and lower the limit "
                "in the other views."
            )
        self._max_content_length = value

    @property
    def max_form_memory_size(self) -> int | None:
        if self._max_form_memory_size is not None:
            return self._max_form_memory_size
        limit: int | None = _config("MAX_FORM_MEMORY_SIZE", RequestBase.max_form_memory_size)
        return limit

    @max_form_memory_size.setter
    def max_form_memory_size(self, value: int | None) -> None:
        self._max_form_memory_size = value

    @property  # type: ignore[override]
    def max_form_parts(self) -> int | None:
        if self._max_form_parts is not None:
            return self._max_form_parts
        limit: int | None = _config("MAX_FORM_PARTS", RequestBase.max_form_parts)
        return limit

    @max_form_parts.setter
    def max_form_parts(self, value: int | None) -> None:
        self._max_form_parts = value

    @property
    def endpoint(self) -> str | None:
        """The matched endpoint, `blueprint.view`; None when no rule matched."""
        rule = self.url_rule
        return rule.endpoint if rule is not None else None

    @property
    def blueprint(self) -> str | None:
        """The matched blueprint's registered (dotted) name."""
        endpoint = self.endpoint
        if endpoint is not None and "." in endpoint:
            return endpoint.rpartition(".")[0]
        return None

    @property
    def blueprints(self) -> Sequence[str]:
        """The matched blueprint and its parents, innermost first."""
        name = self.blueprint
        return split_blueprint_path(name) if name is not None else []

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            # The reason is for developers: in production the client sees a plain 400.
            if _config("DEBUG"):
                raise
            raise BadRequest() from error
