"""Class-based views."""

from __future__ import annotations

import importlib
from typing import Any

from migrator.runtime.compat import App
from migrator.runtime.compat.views import MethodView


def test_method_views(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        views: Any = importlib.import_module(f"{f.module.__name__}.views")

        def shout(view: Any) -> Any:
            return lambda **kwargs: view(**kwargs).upper()

        class Items(views.MethodView):  # type: ignore[misc]
            init_every_request = False

            def __init__(self, label: str) -> None:
                self.label = label

            def get(self, n: int | None = None) -> Any:
                return f"{self.label} {n} {f.request.endpoint}"

            def post(self) -> Any:
                return "made", 201

        class Loud(Items):
            decorators = [shout]
            init_every_request = True

            def post(self) -> Any:
                return "loud"

            def delete(self) -> Any:
                return "gone"

        class Plain(views.View):  # type: ignore[misc]
            methods = ["GET", "PUT"]

            def dispatch_request(self) -> Any:
                return f.request.method

        items = Items.as_view("items", "label")
        app.add_url_rule("/items", view_func=items, methods=["GET", "POST"])
        app.add_url_rule("/items/{n:int}", view_func=items, methods=["GET"])
        app.add_url_rule("/loud", view_func=Loud.as_view("loud", label="loud"))
        app.add_url_rule("/plain", view_func=Plain.as_view("plain"))

    pair = both(setup)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
        for path in ("/items", "/items/3", "/loud", "/plain"):
            pair.open(path, method=method)


def test_async_methods() -> None:
    class Items(MethodView):
        async def get(self, n: int) -> Any:
            return {"n": n}

    app = App(__name__, static_folder=None)
    app.add_url_rule("/{n:int}", view_func=Items.as_view("items"))
    with app.test_client() as client:
        assert client.get("/3").json == {"n": 3}
