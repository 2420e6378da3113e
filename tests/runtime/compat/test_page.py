"""The example of docs/compat.md runs."""

from __future__ import annotations

import re
import types
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "compat.md"


def test_the_example() -> None:
    [source] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    module = types.ModuleType("compat_page")
    exec(compile(source, str(PAGE), "exec"), module.__dict__)
    with module.create_app().test_client() as client:
        assert client.get("/orders/7?page=2").json == {"id": 7, "page": 2}
        assert client.get("/orders/7/print").data == b"<h1>Order &lt;7&gt;</h1>"
        assert client.get("/orders/1001").status_code == 404
        assert client.get("/orders/mine").status_code == 401
