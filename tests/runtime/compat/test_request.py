"""What a view reads from the request: arguments, forms, files, JSON, headers, limits."""

from __future__ import annotations

import io
from typing import Any

import pytest


def build(f: Any, app: Any) -> None:
    def read_json() -> Any:
        return f.jsonify(value=f.request.get_json())

    def silent() -> Any:
        return f.jsonify(value=f.request.get_json(silent=True), is_json=f.request.is_json)

    def force() -> Any:
        return f.jsonify(value=f.request.get_json(force=True))

    def form() -> Any:
        return f.jsonify(
            form=f.request.form.to_dict(flat=False),
            files={
                key: [
                    [x.filename, x.content_type, x.mimetype, x.read().decode("latin-1")]
                    for x in items
                ]
                for key, items in f.request.files.lists()
            },
            values=f.request.values.to_dict(flat=False),
        )

    def args() -> Any:
        request = f.request
        return f.jsonify(
            args=request.args.to_dict(flat=False),
            typed=request.args.get("n", 7, type=int),
            list=request.args.getlist("n", type=int),
            full_path=request.full_path,
            url=request.url,
            base_url=request.base_url,
            query=request.query_string.decode("latin-1"),
        )

    def meta() -> Any:
        request = f.request
        return f.jsonify(
            method=request.method,
            path=request.path,
            endpoint=request.endpoint,
            blueprint=request.blueprint,
            blueprints=list(request.blueprints),
            view_args=request.view_args,
            rule=str(request.url_rule),
            remote=request.remote_addr,
            route=request.access_route,
            scheme=request.scheme,
            secure=request.is_secure,
            host=request.host,
            host_url=request.host_url,
            agent=request.user_agent.string,
            accepts=request.accept_mimetypes.best_match(["text/html", "application/json"]),
            languages=request.accept_languages.best,
            auth=repr(request.authorization),
            cookies=request.cookies,
            headers=sorted(f"{k}: {v}" for k, v in request.headers if not k.startswith("Content")),
            length=request.content_length,
            type=request.content_type,
            referrer=request.referrer,
        )

    for name, view in (
        ("json", read_json),
        ("silent", silent),
        ("force", force),
        ("form", form),
        ("args", args),
        ("meta", meta),
    ):
        app.route(f"/{name}", methods=["GET", "POST"], endpoint=name)(view)
    app.post("/data", endpoint="data")(lambda: f.request.get_data())
    app.post("/stream", endpoint="stream")(lambda: f.request.stream.read(3) + b"|")
    app.post("/key", endpoint="key")(lambda: f.request.form["name"] + f.request.args["q"])
    app.post("/attribute", endpoint="attribute")(lambda: f.jsonify(f.request.json))
    app.post("/ignored", endpoint="ignored")(lambda: "the body was not read")
    app.post("/twice", endpoint="twice")(
        lambda: f.jsonify([f.request.get_data(as_text=True), f.request.get_json(force=True)])
    )


BODIES: dict[str, dict[str, Any]] = {
    "json": {"json": {"b": [1, "é"], "a": None}},
    "json null": {"json": None},
    "json suffix": {"data": b'{"a": 1}', "content_type": "application/problem+json"},
    "json charset": {
        "data": '{"a": "é"}'.encode(),
        "content_type": "application/json; charset=utf-8",
    },
    "json broken": {"data": b'{"a": ', "content_type": "application/json"},
    "json latin": {"data": b'"\xe9"', "content_type": "application/json"},
    "json empty": {"data": b"", "content_type": "application/json"},
    "json nan": {"data": b'{"a": NaN}', "content_type": "application/json"},
    "json as text": {"data": b'{"a": 1}', "content_type": "text/plain"},
    "nothing": {},
    "form": {"data": {"a": ["1", "é"], "b": "", "name": "x"}},
    "form text": {
        "data": b"a=1&a=%C3%A9&b&c=+x&d=%FF",
        "content_type": "application/x-www-form-urlencoded",
    },
    "bytes": {"data": b"\x00\xff", "content_type": "application/octet-stream"},
}


@pytest.mark.parametrize("body", BODIES)
def test_bodies(both: Any, body: str) -> None:
    pair = both(build)
    for path in (
        "/json",
        "/silent",
        "/force",
        "/form",
        "/data",
        "/stream",
        "/key",
        "/key?q=1",
        "/attribute",
        "/ignored",
        "/twice",
        "/meta",
    ):
        pair.post(path, **BODIES[body])
    pair.get("/json", **BODIES[body])


def test_uploads(both: Any) -> None:
    pair = both(build)
    for path in ("/form", "/ignored", "/json"):
        pair.post(
            path,
            data=lambda: {
                "title": "é",
                "tags": ["a", "b"],
                "file": (io.BytesIO(b"content\r\n"), "näme.txt"),
                "more": [(io.BytesIO(b"1"), "a.png", "image/x"), (io.BytesIO(b""), "")],
            },
        )
    pair.post("/form", data=b"--x\r\nbroken", content_type="multipart/form-data; boundary=x")
    pair.post("/form", data=b"x", content_type="multipart/form-data")


def test_a_large_upload_arrives_whole(both: Any) -> None:
    content = bytes(range(256)) * 1000
    both(build).post("/form", data=lambda: {"file": (io.BytesIO(content), "big.bin")})


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?a",
        "?a=",
        "?a=1&a=2&b=%C3%A9",
        "?n=x&n=3",
        "?a=%FF",
        "?a+b=c+d",
        "?a=1;b=2",
        "?é=ü",
    ],
)
def test_query_strings(both: Any, query: str) -> None:
    both(build).get(f"/args{query}")


def test_metadata(both: Any) -> None:
    pair = both(build)
    pair.get(
        "/meta?x=1",
        base_url="https://shop.example:8443/",
        headers={
            "Accept": "application/json;q=0.9, text/html;q=0.1",
            "Accept-Language": "de, en;q=0.5",
            "Authorization": "Bearer abc.def",
            "Cookie": "a=1; b=%22x%22; a=2",
            "Referer": "http://elsewhere/",
            "X-Forwarded-For": "1.2.3.4, 5.6.7.8",
            "X-Latin": "é",
        },
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
    )
    pair.get("/meta", headers={"Authorization": "Basic dXNlcjpwYXNz", "Accept": "*/*"})
    pair.get("/meta", headers={"Authorization": "Nonsense"})
    pair.get("/meta", headers=[("X-Twice", "1"), ("X-Twice", "2")])


@pytest.mark.parametrize("size", [9, 10, 11, 5000])
@pytest.mark.parametrize("path", ["/data", "/form", "/json", "/silent", "/ignored", "/stream"])
def test_max_content_length_is_met_when_the_body_is_read(both: Any, size: int, path: str) -> None:
    pair = both(build, MAX_CONTENT_LENGTH=10)
    pair.post(path, data=b"x" * size, content_type="text/plain")
    pair.post(path, data=b"a=" + b"x" * size, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("config", [{"MAX_FORM_PARTS": 1}, {"MAX_FORM_MEMORY_SIZE": 10}])
def test_form_limits(both: Any, config: dict[str, Any]) -> None:
    pair = both(build, **config)
    pair.post("/form", data=lambda: {"a": "x" * 100, "b": "y", "f": (io.BytesIO(b"z" * 100), "f")})
    pair.post("/form", data={"a": "x" * 100})


def test_a_view_may_lower_the_limit(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def lowered() -> Any:
            f.request.max_content_length = 3
            return f.request.get_data()

        app.post("/", endpoint="index")(lowered)

    pair = both(setup)
    pair.post("/", data=b"abc")
    pair.post("/", data=b"abcd")


def test_a_view_that_raises_the_limit_is_told_why_it_can_not(side: Any) -> None:
    app = side.App(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=3, TESTING=True)

    def raised() -> Any:
        side.request.max_content_length = 100
        return side.request.get_data()

    app.post("/", endpoint="index")(raised)
    with app.test_client() as client:
        assert client.post("/", data=b"abc").data == b"abc"
        with pytest.raises(RuntimeError, match="Raise MAX_CONTENT_LENGTH itself"):
            client.post("/", data=b"abcd")


def test_debug_mode_tells_why_json_failed(both: Any) -> None:
    pair = both(build, DEBUG=True, PROPAGATE_EXCEPTIONS=False)
    pair.post("/json", data=b"{", content_type="application/json")
    pair.post("/json", data=b"{}", content_type="text/plain")
