"""The example in docs/mount.md does what its table says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

PAGE = Path(__file__).parents[3] / "docs" / "mount.md"


def test_the_example_of_the_page(ask: Callable[..., httpx.Response]) -> None:
    example = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(compile(example, str(PAGE), "exec", dont_inherit=True), names)
    app = names["app"]
    assert ask(app, "GET", "/orders/1").json() == {"id": 1, "served_by": "fastapi"}
    assert ask(app, "PUT", "/orders/1").json() == {"id": 1, "changed": True}
    refused = ask(app, "DELETE", "/orders/1")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}
    assert ask(app, "GET", "/api/docs").status_code == 200
    assert "<title>404 Not Found</title>" in ask(app, "GET", "/docs").text
