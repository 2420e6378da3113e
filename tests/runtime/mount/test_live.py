"""An endpoint goes live, and back, while the process runs."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import flask
import httpx
import pytest
from fastapi import FastAPI
from flask import Flask

from migrator.runtime import compat
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


def test_where_live_fails_flask_answers(
    ask: Callable[..., httpx.Response], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    legacy, target, file = Flask("shop"), FastAPI(), tmp_path / "live"
    legacy.add_url_rule("/", "show", lambda: "flask")
    threads: list[str] = []

    @target.get("/", name="show")
    async def show() -> str:
        return "fastapi"

    def live(endpoint: str) -> bool:
        threads.append(threading.current_thread().name)
        return endpoint in file.read_text().split()

    app = mount_legacy(legacy, target, live=live)
    with caplog.at_level(logging.ERROR):
        assert ask(app, "GET", "/").text == "flask"
    assert "`live` failed for 'show', and Flask answers" in caplog.text
    assert "FileNotFoundError" in caplog.text
    file.write_text("show")
    del threads[:]
    assert ask(app, "GET", "/").json() == "fastapi"
    assert threads == ["MainThread"]  # the file's absence made no thread necessary for good


def test_live_may_ask_the_legacy_application(ask: Callable[..., httpx.Response]) -> None:
    legacy, target = Flask("shop"), FastAPI()
    legacy.config["LIVE"] = {"show"}
    legacy.add_url_rule("/", "show", lambda: "flask")

    @target.get("/", name="show")
    async def show() -> str:
        return "fastapi"

    app = mount_legacy(
        legacy, target, live=lambda endpoint: endpoint in flask.current_app.config["LIVE"]
    )
    assert ask(app, "GET", "/").json() == "fastapi"
    legacy.config["LIVE"].clear()
    assert ask(app, "GET", "/").text == "flask"


def test_live_is_no_coroutine_function() -> None:
    async def live(endpoint: str) -> bool:
        return False

    with pytest.raises(ValueError, match="plain function"):
        mount_legacy(Flask("shop"), FastAPI(), live=live)  # type: ignore[arg-type]  # that is the mistake


VIEWS = {"basket": "/basket", "put": "/put/<int:item>", "leave": "/leave"}


def _shop(made: Any, ours: Any, side: str) -> Any:
    """A basket in the session; both frames run the same views."""
    made.secret_key = "one for both"

    def basket() -> Any:
        return {
            "side": side,
            "items": ours.session.get("items", []),
            "told": list(ours.get_flashed_messages()),
        }

    def put(item: int) -> Any:
        time.sleep(0.002)
        ours.session["items"] = [*ours.session.get("items", []), item]
        ours.flash(f"{item} by {side}")
        return {"side": side}

    def leave() -> Any:
        ours.session.clear()
        return {"side": side}

    for view, methods in ((basket, ["GET"]), (put, ["POST"]), (leave, ["POST"])):
        made.add_url_rule(VIEWS[view.__name__], view.__name__, view, methods=methods)
    return made


def test_under_load_each_request_is_answered_once_by_the_side_that_is_live(
    serve: Callable[..., int], tmp_path: Path
) -> None:
    """Endpoints go live and back while clients are in the middle of their sessions."""
    file = tmp_path / "live"
    file.write_text("")
    app = mount_legacy(
        _shop(Flask("shop"), flask, "flask"),
        _shop(compat.App("shop_async"), compat, "fastapi"),
        live=lambda endpoint: endpoint in file.read_text().split(),
    )
    port = serve(app)
    changes: list[tuple[float, float, str, bool]] = [(0, 0, name, False) for name in VIEWS]
    answers: list[tuple[str, float, float, str]] = []
    done = threading.Event()

    def switch() -> None:
        live: set[str] = set()
        while not done.wait(0.003):
            for name in VIEWS:
                began = time.monotonic()
                live ^= {name}
                (tmp_path / "next").write_text(" ".join(live))
                os.replace(tmp_path / "next", file)
                changes.append((began, time.monotonic(), name, name in live))

    def client(number: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:

            def ask(name: str, method: str, path: str) -> Any:
                began = time.monotonic()
                answer = http.request(method, path)
                assert answer.status_code == 200, answer.text
                answers.append((name, began, time.monotonic(), answer.json()["side"]))
                return answer.json()

            for item in range(30):
                by = ask("put", "POST", f"/put/{item}")["side"]
                found = ask("basket", "GET", "/basket")
                assert found["items"] == list(range(item - item % 10, item + 1))
                assert found["told"] == [f"{item} by {by}"]
                if item % 10 == 9:
                    ask("leave", "POST", "/leave")

    switching = threading.Thread(target=switch)
    switching.start()
    try:
        with ThreadPoolExecutor(4) as clients:
            list(clients.map(client, range(4)))
    finally:
        done.set()
        switching.join()
    assert len(answers) == 4 * 63
    for name, began, ended, side in answers:
        of = [change for change in changes if change[2] == name]
        before = [on for _, after, _, on in of if after <= began][-1]
        possible = {before} | {on for start, after, _, on in of if after > began and start <= ended}
        assert (side == "fastapi") in possible
    assert {side for *_, side in answers} == {"flask", "fastapi"}
