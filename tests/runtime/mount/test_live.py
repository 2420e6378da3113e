"""An endpoint goes live, and back, while the process runs."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from fastapi import FastAPI
from flask import Flask

from migrator.runtime.mount import mount_legacy


def test_what_is_not_live_is_flasks(ask: Callable[..., httpx.Response]) -> None:
    legacy, target = Flask("shop"), FastAPI()
    legacy.add_url_rule("/orders/<int:number>", "show", lambda number: f"flask {number}")

    @target.api_route("/orders/{number:int}", methods=["GET", "PUT"], name="show")
    async def show(number: int) -> str:
        return f"fastapi {number}"

    live: set[str] = set()
    app = mount_legacy(legacy, target, live=live.__contains__)
    assert ask(app, "GET", "/orders/1").text == "flask 1"
    assert ask(app, "HEAD", "/orders/1").headers["content-type"] == "text/html; charset=utf-8"
    live.add("show")
    assert ask(app, "GET", "/orders/1").json() == "fastapi 1"
    assert ask(app, "HEAD", "/orders/1").headers["content-type"] == "application/json"
    assert ask(app, "PUT", "/orders/1").json() == "fastapi 1"
    live.remove("show")
    assert ask(app, "GET", "/orders/1").text == "flask 1"


def test_what_flask_does_not_have_is_404_until_it_is_live(
    ask: Callable[..., httpx.Response],
) -> None:
    legacy, target = Flask("shop"), FastAPI()

    @target.get("/new")
    async def new() -> str:
        return "new"

    live: set[str] = set()
    app = mount_legacy(legacy, target, live=live.__contains__)
    assert ask(app, "GET", "/new").status_code == 404
    live.add("new")
    assert ask(app, "GET", "/new").json() == "new"
