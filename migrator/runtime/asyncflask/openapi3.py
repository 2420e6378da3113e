"""Flask-OpenAPI3's application on the event loop: it wraps an `async def` view in one of its own."""

from __future__ import annotations

# An optional dependency, of applications that have it anyway.
from flask_openapi3 import OpenAPI

from migrator.runtime.asyncflask.app import AsyncFlask


class AsyncOpenAPI(AsyncFlask, OpenAPI):
    """Takes the place of `flask_openapi3.OpenAPI`, with its arguments."""
