"""`send_file` and `send_from_directory`: werkzeug's, given this request's environ and config."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, cast

import werkzeug.utils

from .context import active_app, active_request_context

if TYPE_CHECKING:
    from .response import Response


def _options(kwargs: dict[str, Any]) -> dict[str, Any]:
    app = active_app()
    if kwargs.get("max_age") is None:
        kwargs["max_age"] = app.get_send_file_max_age
    kwargs.update(
        environ=active_request_context().request.environ,
        use_x_sendfile=app.config["USE_X_SENDFILE"],
        response_class=app.response_class,
        _root_path=app.root_path,
    )
    return kwargs


def send_file(
    path_or_file: os.PathLike[str] | str | IO[bytes],
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | Callable[[str | None], int | None] | None = None,
) -> Response:
    """A response with a file's content: conditional, with ranges and an ETag, as Flask's.

    A path is relative to the application's root_path and must not come from a client.
    """
    options = _options(
        {
            "mimetype": mimetype,
            "as_attachment": as_attachment,
            "download_name": download_name,
            "conditional": conditional,
            "etag": etag,
            "last_modified": last_modified,
            "max_age": max_age,
        }
    )
    return cast("Response", werkzeug.utils.send_file(path_or_file, **options))


def send_from_directory(
    directory: os.PathLike[str] | str, path: os.PathLike[str] | str, **kwargs: Any
) -> Response:
    """`send_file` for a path that came from a client: NotFound for what is not below `directory`."""
    return cast("Response", werkzeug.utils.send_from_directory(directory, path, **_options(kwargs)))
