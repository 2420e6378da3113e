"""Which view a request reaches, and what those get that reach none."""

from __future__ import annotations

from typing import Any

import pytest


def routes(f: Any, app: Any) -> None:
    def echo(**values: Any) -> Any:
        return f.jsonify(endpoint=f.request.endpoint, path=f.request.path, **values)

    for number, path in enumerate(
        (
            "/",
            "/plain",
            "/slash/",
            "/int/{value:int}",
            "/float/{value:float}",
            "/text/{value}",
            "/text/fixed",
            "/path/{value:flask_path}",
            "/uuid/{value:uuid}",
            "/two/{a:int}/{b}",
            "/two/{a:int}/",
            "/deep/{value:flask_path}/edit",
        )
    ):
        app.get(path, endpoint=f"e{number}")(echo)
    app.post("/plain", endpoint="create")(echo)
    app.route("/many", methods=["PUT", "PATCH"], endpoint="many")(echo)
    app.route("/own-options", methods=["OPTIONS", "POST"], endpoint="own")(echo)


PATHS = [
    "/",
    "//",
    "/plain",
    "/plain/",
    "/plain?a=1&a=2",
    "/slash/",
    "/slash",
    "/slash?next=%2Fx",
    "//slash//",
    "/int/7",
    "/int/-7",
    "/int/007",
    "/int/7.0",
    "/int/1_000",
    "/int/٣",
    "/int/abc",
    "/int/",
    "/int/99999999999999999999",
    "/float/1.5",
    "/float/1",
    "/float/-1.5",
    "/text/é",
    "/text/a%20b",
    "/text/a%2Fb",
    "/text/a%252Fb",
    "/text/%FF%FE",
    "/text/fixed",
    "/text/",
    "/text/a/b",
    "/path/a",
    "/path/a/b/c",
    "/path/a//b",
    "/path/",
    "/path//a",
    "/uuid/12345678-1234-5678-1234-567812345678",
    "/uuid/12345678123456781234567812345678",
    "/two/1/x",
    "/two/1/",
    "/two/1",
    "/two/x/x",
    "/deep/a/b/edit",
    "/deep/edit",
    "/many",
    "/missing",
    "/missing/é?q=é",
    "/PLAIN",
    "/plain;v=1",
    "/own-options",
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"])
def test_every_path_is_answered_as_by_flask(both: Any, method: str) -> None:
    pair = both(routes)
    for path in PATHS:
        pair.open(path, method=method)


def test_an_unknown_method_is_405(both: Any) -> None:
    both(routes).open("/plain", method="BREW")


def test_defaults_redirect_and_fill_in(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def page(number: int = 1) -> Any:
            return f.jsonify(number=number, url=f.url_for("page", number=number))

        app.route("/pages/", defaults={"number": 1}, endpoint="page")(page)
        app.route("/pages/{number:int}", endpoint="page")(page)

    pair = both(setup)
    for path in ("/pages/", "/pages", "/pages/2", "/pages/1", "/pages/1?q=1"):
        pair.get(path)


def test_a_view_stays_plain_whichever_of_its_rules_gives_a_parameter(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def page(number: int = 1) -> str:
            return f"page {number}"

        app.route("/last", defaults={"number": 9}, endpoint="page")(page)
        app.route("/first", endpoint="page")(page)

        def shelf(number: int = 1) -> str:
            return f"shelf {number}"

        app.route("/lowest", endpoint="shelf")(shelf)
        app.route("/highest", defaults={"number": 9}, endpoint="shelf")(shelf)

    pair = both(setup)
    for path in ("/first", "/last", "/lowest", "/highest"):
        pair.get(path)


def test_strict_slashes_and_build_only_are_rule_options(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/loose/", strict_slashes=False, endpoint="loose")(lambda: f.url_for("ghost"))
        app.add_url_rule("/ghost", endpoint="ghost", build_only=True)

    pair = both(setup)
    for path in ("/loose", "/loose/", "/ghost"):
        pair.get(path)


def test_flasks_own_syntax_works_for_what_fastapi_cannot_say(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/any/<any(red, green):colour>", endpoint="any")(lambda colour: colour)
        app.get("/code/<string(length=3):code>", endpoint="code")(lambda code: code)
        app.get("/fixed/<int(fixed_digits=3):n>", endpoint="fixed")(lambda n: str(n))
        app.get("/signed/<int(signed=True):n>", endpoint="signed")(lambda n: str(n))

    pair = both(setup)
    for path in (
        "/any/red",
        "/any/blue",
        "/code/abc",
        "/code/ab",
        "/fixed/007",
        "/fixed/7",
        "/signed/-3",
    ):
        pair.get(path)


def test_a_view_that_is_mounted_twice_under_one_endpoint_name_is_an_error(side: Any) -> None:
    app = side.App(__name__, static_folder=None)
    app.get("/a", name="view")(lambda: "a")
    with pytest.raises(AssertionError, match="overwriting an existing endpoint"):
        app.get("/b", name="view")(lambda: "b")


def test_the_script_name_is_stripped_and_built_in(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/where", endpoint="where")(
            lambda: f.jsonify(
                url=f.url_for("where", _external=True),
                path=f.request.path,
                root=f.request.script_root,
                full=f.request.url,
            )
        )

    pair = both(setup)
    pair.get("/where", base_url="https://shop.example:8443/prefix/")
    pair.get("/where", base_url="http://shop.example/")


@pytest.mark.parametrize("host", ["shop.example", "shop.example:80", "bad host", "a..b", "[::1]"])
def test_hosts(both: Any, host: str) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: f.url_for("index", _external=True))

    both(setup).get("/", headers={"Host": host})


def test_trusted_hosts(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: f.request.host)

    pair = both(setup, TRUSTED_HOSTS=[".example.org"])
    pair.get("/", headers={"Host": "shop.example.org"})
    pair.get("/", headers={"Host": "evil.example"})
