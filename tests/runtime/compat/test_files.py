"""send_file, send_from_directory and static files: headers, conditions, ranges."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
import time_machine

# Larger than what is read on the event loop.
CONTENT = bytes(range(256)) * 1200


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for folder in ("static/css", "shop/assets", "files"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "static/css/site.css").write_text("body {}")
    (tmp_path / "static/empty.txt").write_text("")
    (tmp_path / "static/big.bin").write_bytes(CONTENT)
    (tmp_path / "shop/assets/shop.js").write_text("let x = 1;")
    (tmp_path / "files/räport.csv").write_text("a,b\n1,2\n")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


def build(package: Path) -> Any:
    def setup(f: Any, app: Any) -> None:
        files = package / "files"
        path = files / "räport.csv"
        variants: dict[str, Any] = {
            "path": lambda: f.send_file(path),
            "str": lambda: f.send_file(str(path)),
            "relative": lambda: f.send_file("files/räport.csv"),
            "attachment": lambda: f.send_file(path, as_attachment=True),
            "name": lambda: f.send_file(path, as_attachment=True, download_name='b "é".csv'),
            "inline": lambda: f.send_file(path, download_name="x.csv"),
            "mimetype": lambda: f.send_file(path, mimetype="text/plain"),
            "no etag": lambda: f.send_file(path, etag=False),
            "own etag": lambda: f.send_file(path, etag="mine"),
            "unconditional": lambda: f.send_file(path, conditional=False),
            "modified": lambda: f.send_file(path, last_modified=dt.datetime(2026, 1, 1)),
            "max age": lambda: f.send_file(path, max_age=60),
            "bytes": lambda: f.send_file(io.BytesIO(b"in memory"), mimetype="text/plain"),
            "bytes named": lambda: f.send_file(io.BytesIO(CONTENT), download_name="a.pdf"),
            "nameless": lambda: f.send_file(io.BytesIO(b"x")),
            "text": lambda: f.send_file(io.StringIO("x"), mimetype="text/plain"),
            "missing": lambda: f.send_file("files/nothing"),
            "tuple": lambda: (f.send_file(path), 201, {"X-A": "1"}),
        }
        app.get("/f/{name}", endpoint="file")(lambda name: variants[name]())
        app.get("/d/{name:flask_path}", endpoint="directory")(
            lambda name: f.send_from_directory(files, name)
        )
        app.get("/u", endpoint="urls")(
            lambda: f.jsonify(
                f.url_for("static", filename="css/site.css"),
                f.url_for("shop.static", filename="shop.js", v=1),
            )
        )
        shop = f.Blueprint(
            "shop",
            __name__,
            url_prefix="/shop",
            static_folder="assets",
            root_path=str(package / "shop"),
        )
        app.register_blueprint(shop)
        app.variants = variants

    return setup


@pytest.fixture
def pair(both: Any, package: Path) -> Any:
    return both(build(package), options={"root_path": str(package), "static_folder": "static"})


def test_send_file(pair: Any) -> None:
    for name in pair.ours.variants:
        pair.get(f"/f/{name}")
        pair.open(f"/f/{name}", method="HEAD")


@pytest.mark.parametrize(
    "value",
    [
        "bytes=0-",
        "bytes=0-0",
        "bytes=1-3",
        "bytes=-2",
        "bytes=5-2",
        "bytes=900000-",
        "bytes=0-1,3-4",
        "items=0-1",
        "nonsense",
    ],
)
def test_ranges(pair: Any, value: str) -> None:
    for path in ("/f/path", "/f/bytes named", "/f/unconditional", "/static/big.bin"):
        pair.get(path, headers={"Range": value})
        pair.open(path, method="HEAD", headers={"Range": value})


def test_conditions(pair: Any) -> None:
    first = pair.get("/f/path")
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": '"other"'},
        {"If-None-Match": "*"},
        {"If-Match": '"other"'},
        {"If-Match": etag},
        {"If-Modified-Since": modified},
        {"If-Modified-Since": "Fri, 01 Jan 1999 00:00:00 GMT"},
        {"If-Unmodified-Since": "Fri, 01 Jan 1999 00:00:00 GMT"},
        {"Range": "bytes=0-1", "If-Range": etag},
        {"Range": "bytes=0-1", "If-Range": '"other"'},
        {"Range": "bytes=0-1", "If-Range": modified},
    ):
        pair.get("/f/path", headers=headers)


def test_static_files_and_directories(pair: Any) -> None:
    for path in (
        "/static/css/site.css",
        "/static/empty.txt",
        "/static/",
        "/static/css",
        "/static/nothing.css",
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/shop/assets/shop.js",
        "/shop/assets/nothing.js",
        "/d/räport.csv",
        "/d/nothing",
        "/d/../secret.txt",
        "/d/..%2fsecret.txt",
        "/u",
    ):
        pair.get(path)
    pair.post("/static/css/site.css")


@pytest.mark.parametrize("age", [3600, dt.timedelta(hours=2)])
def test_the_configured_cache_time(both: Any, package: Path, age: Any) -> None:
    pair = both(
        build(package),
        options={"root_path": str(package), "static_folder": "static"},
        SEND_FILE_MAX_AGE_DEFAULT=age,
    )
    # `Expires` counts from now, and the two sides are asked one after the other.
    with time_machine.travel(dt.datetime(2026, 2, 3, 4, 5, 6, tzinfo=dt.UTC), tick=False):
        pair.get("/static/css/site.css")
        pair.get("/f/path")


def test_x_sendfile(both: Any, package: Path) -> None:
    pair = both(
        build(package),
        options={"root_path": str(package), "static_folder": "static"},
        USE_X_SENDFILE=True,
    )
    pair.get("/f/path")


def test_a_static_url_path(both: Any, package: Path) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/", endpoint="index")(lambda: f.url_for("static", filename="empty.txt"))

    pair = both(
        setup,
        options={
            "root_path": str(package),
            "static_folder": "static",
            "static_url_path": "/assets",
        },
    )
    pair.get("/")
    pair.get("/assets/css/site.css")


def test_resources(side: Any, package: Path) -> None:
    app = side.App(__name__, static_folder=None, root_path=str(package))
    with app.open_resource("secret.txt") as file:
        assert file.read() == b"secret"
    with app.open_resource("secret.txt", "r") as file:
        assert file.read() == "secret"
    with pytest.raises(ValueError, match="for reading"):
        app.open_resource("secret.txt", "w")
