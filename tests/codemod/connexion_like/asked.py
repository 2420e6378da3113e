"""Asks an application, `module:attribute`, some requests: its answers and rows as JSON."""

from __future__ import annotations

import importlib
import json
import sqlite3
import sys
from typing import Any

from starlette.testclient import TestClient
from uvicorn import Config
from werkzeug.test import Client

REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/items", {}),
    ("POST", "/items", {"json": {"name": "hook", "label": "first"}}),
    ("POST", "/items", {"json": {"name": "hook", "label": "none"}}),
    ("GET", "/items/3", {}),
    ("DELETE", "/items/1", {}),
    ("DELETE", "/items/1", {"headers": {"X-Key": "secret"}}),
    ("DELETE", "/items/1", {"headers": {"X-Key": "secret"}}),
    ("GET", "/total", {}),
    ("GET", "/boxes", {}),
    ("GET", "/openapi.json", {}),
    ("GET", "/nowhere", {}),
]


def main(name: str, database: str) -> None:
    module, _, attribute = name.partition(":")
    application = getattr(importlib.import_module(module), attribute)
    if hasattr(application, "app") and hasattr(application.app, "wsgi_app"):
        asgi = hasattr(application, "middleware")
    else:
        asgi = True
    answers = []
    if asgi:
        served = Config(application)
        served.load()
        assert served.interface == "asgi3"
        with TestClient(application, raise_server_exceptions=False) as asked:
            for method, path, options in REQUESTS:
                found = asked.request(method, path, **options)
                answers.append([found.status_code, found.text])
    else:
        client = Client(application.app)
        for method, path, options in REQUESTS:
            response = client.open(path, method=method, **options)
            answers.append([response.status_code, response.text])
    with sqlite3.connect(database) as opened:
        tables = [row[0] for row in opened.execute("select name from sqlite_master order by 1")]
        rows = {t: opened.execute(f"select * from {t}").fetchall() for t in tables}
    json.dump({"answers": answers, "rows": rows}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
