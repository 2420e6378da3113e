"""`app.run()`: uvicorn, on the machine of whoever develops."""

from __future__ import annotations

from typing import Any

from migrator.errors import MissingExtra


def serve(app: Any, host: str | None, port: int | None, **options: Any) -> None:
    """Serve an ASGI application until Ctrl-C, where Flask's own server would be by default.

    `options` are uvicorn's. Raises MissingExtra without it.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtra(
            "app.run() was called, and uvicorn is not installed.",
            "A converted application is served over ASGI.",
            "Install uvicorn, or start the application with the ASGI server of your choice.",
        ) from error
    uvicorn.run(app, host=host or "127.0.0.1", port=port or 5000, **options)
