"""The applications that `benchmarks.mount` serves: one JSON answer of a kilobyte, made in several ways."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from flask import Flask, jsonify

ROWS = [{"id": n, "name": f"Product {n}", "price": "12.50", "active": True} for n in range(16)]


def flask_app(kind: type[Flask] = Flask) -> Flask:
    """The legacy application; a few dozen rules, as real ones have."""
    app = kind("legacy")
    for number in range(40):
        app.add_url_rule(f"/area{number}/<int:item>", f"area{number}", lambda item: str(item))

    @app.get("/products/<int:page>")
    def products(page: int) -> Any:
        return jsonify(page=page, items=ROWS)

    return app


def a2wsgi_app() -> Any:
    """a2wsgi as it comes."""
    from a2wsgi import WSGIMiddleware

    return WSGIMiddleware(flask_app())  # type: ignore[arg-type]  # a Flask application is one


def _target() -> FastAPI:
    return FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


def mounted_legacy() -> Any:
    """Through the mount, answered by Flask."""
    from migrator.runtime.mount import mount_legacy

    target = _target()
    for number in range(20):
        target.get(f"/area{number}/{{item:int}}")(lambda item: str(item))
    return mount_legacy(flask_app(), target)


def fastapi_app() -> FastAPI:
    """FastAPI alone, the same answer from an async view."""
    target = _target()

    @target.get("/products/{page:int}")
    async def products(page: int) -> Any:
        return {"page": page, "items": ROWS}

    return target


def mounted_fastapi() -> Any:
    """Through the mount, answered by FastAPI."""
    from migrator.runtime.mount import mount_legacy

    return mount_legacy(flask_app(), fastapi_app())


def mounted_native() -> Any:
    """Through the mount, answered by a converted application's async view."""
    from migrator.runtime import compat
    from migrator.runtime.mount import mount_legacy

    app = compat.App("target")

    @app.get("/products/{page:int}")
    async def products(page: int) -> Any:
        return compat.jsonify(page=page, items=ROWS)

    return mount_legacy(flask_app(), app)


def mounted_bridged() -> Any:
    """Through the mount, answered by a converted application's sync view in the bridge."""
    from migrator.runtime import compat
    from migrator.runtime.mount import mount_legacy

    app = compat.App("target")

    @app.get("/products/{page:int}")
    def products(page: int) -> Any:
        return compat.jsonify(page=page, items=ROWS)

    return mount_legacy(flask_app(), app)


def async_flask_bridged() -> Any:
    """The legacy application with AsyncFlask as its frame, the view as it was."""
    from migrator.runtime.asyncflask import AsyncFlask

    return flask_app(AsyncFlask)


def async_flask_native() -> Any:
    """The same with an async view."""
    from migrator.runtime.asyncflask import AsyncFlask

    app = AsyncFlask("native")

    @app.get("/products/<int:page>")
    async def products(page: int) -> Any:
        return jsonify(page=page, items=ROWS)

    return app
