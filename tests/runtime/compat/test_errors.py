"""Error pages and error handlers."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
    Unauthorized,
)

CODES = [400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422]
CODES += [423, 424, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505]


class Domain(Exception):
    pass


class SubDomain(Domain):
    pass


class Teapot(HTTPException):
    code = 418
    description = "short & stout"


def test_every_error_page(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/{code:int}", endpoint="fail")(lambda code: f.abort(code))
        app.get("/described", endpoint="described")(
            lambda: f.abort(409, description='<taken> & "quoted" é')
        )

    pair = both(setup)
    for code in CODES:
        pair.get(f"/{code}")
    pair.get("/299")
    pair.get("/described")


RAISES: dict[str, Any] = {
    "own exception": lambda f: Domain("x"),
    "subclass": lambda f: SubDomain("x"),
    "key error": lambda f: KeyError("x"),
    "not found": lambda f: NotFound(),
    "conflict": lambda f: Conflict("taken"),
    "teapot": lambda f: Teapot(),
    "forbidden": lambda f: Forbidden(),
    "with response": lambda f: HTTPException(response=f.Response("own", status=499)),
    "unauthorized": lambda f: Unauthorized(www_authenticate=None),
    "server error": lambda f: InternalServerError("mine"),
}


def raising(f: Any, app: Any) -> None:
    def fail(name: str) -> Any:
        raise RAISES[name](f)

    app.get("/{name}", endpoint="fail")(fail)


def answer(f: Any, label: str) -> Any:
    def handler(error: Any) -> Any:
        original = getattr(error, "original_exception", None)
        return f.jsonify(
            handler=label, error=type(error).__name__, original=repr(original)
        ), getattr(error, "code", None) or 500

    return handler


HANDLERS: dict[str, list[Any]] = {
    "none": [],
    "code": [404, 409, 418, 500],
    "class": [Domain, Conflict],
    "subclass and class": [Domain, SubDomain, HTTPException],
    "http exception": [HTTPException],
    "everything": [Exception],
    "everything and http": [Exception, HTTPException, 404],
    "server error": [InternalServerError],
    "lookup": [LookupError],
}


@pytest.mark.parametrize("handlers", HANDLERS)
def test_handlers(both: Any, handlers: str) -> None:
    def setup(f: Any, app: Any) -> None:
        raising(f, app)
        for key in HANDLERS[handlers]:
            app.register_error_handler(key, answer(f, str(key)))

    pair = both(setup)
    for name in RAISES:
        pair.get(f"/{name}")
    pair.get("/a/b/c")
    pair.post("/teapot")


def test_code_before_class_and_nested_blueprint_before_application(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        parent = f.Blueprint("parent", __name__, url_prefix="/parent")
        child = f.Blueprint("child", __name__, url_prefix="/child")
        for where in (app, parent, child):
            raising(f, where)
        app.register_error_handler(404, answer(f, "app 404"))
        app.register_error_handler(409, answer(f, "app 409"))
        app.register_error_handler(Domain, answer(f, "app Domain"))
        app.register_error_handler(418, answer(f, "app 418"))
        parent.register_error_handler(409, answer(f, "parent 409"))
        parent.register_error_handler(Domain, answer(f, "parent Domain"))
        parent.register_error_handler(500, answer(f, "parent 500"))
        child.register_error_handler(HTTPException, answer(f, "child HTTPException"))
        child.register_error_handler(SubDomain, answer(f, "child SubDomain"))
        child.register_error_handler(404, answer(f, "child 404"))
        child.app_errorhandler(403)(answer(f, "from the child, for all"))
        parent.register_blueprint(child)
        app.register_blueprint(parent)

    pair = both(setup)
    for prefix in ("", "/parent", "/parent/child"):
        for name in RAISES:
            pair.get(f"{prefix}/{name}")
        pair.get(f"{prefix}/nothing/here")


def test_an_error_in_a_handler(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        raising(f, app)

        def handler(error: Any) -> Any:
            raise ValueError("in the handler")

        def last(error: Any) -> Any:
            return f"last: {error.original_exception!r}", 500

        app.register_error_handler(Domain, handler)
        app.register_error_handler(404, handler)
        app.register_error_handler(500, last)

    pair = both(setup)
    for name in RAISES:
        pair.get(f"/{name}")


def test_a_handler_that_returns_nothing(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        raising(f, app)
        app.register_error_handler(404, lambda error: None)

    both(setup).get("/a/b")


def test_errors_are_logged_with_path_and_method(
    side: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = side.App("logged_application", static_folder=None)
    raising(side, app)
    with caplog.at_level(logging.ERROR), app.test_client() as client:
        client.get("/own exception?x=1")
    [record] = caplog.records
    assert record.name == "logged_application"
    assert record.getMessage() == "Exception on /own exception [GET]"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], Domain)


@pytest.mark.parametrize("setting", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
def test_errors_propagate(side: Any, setting: str) -> None:
    app = side.App(__name__, static_folder=None)
    app.config[setting] = True
    raising(side, app)
    with app.test_client() as client, pytest.raises(Domain):
        client.get("/own exception")


def test_debug_alone_does_not_propagate_when_told(both: Any) -> None:
    pair = both(raising, DEBUG=True, PROPAGATE_EXCEPTIONS=False)
    for name in RAISES:
        pair.get(f"/{name}")


@pytest.mark.parametrize(
    "config",
    [{"TRAP_BAD_REQUEST_ERRORS": True}, {"TRAP_HTTP_EXCEPTIONS": True}, {"DEBUG": True}, {}],
)
def test_trapping(both: Any, config: dict[str, Any]) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/key", endpoint="key")(lambda: f.request.form["missing"])
        app.get("/bad", endpoint="bad")(lambda: f.abort(400))
        app.register_error_handler(BadRequest, answer(f, "bad"))
        app.register_error_handler(500, answer(f, "500"))

    pair = both(setup, PROPAGATE_EXCEPTIONS=False, **config)
    for path in ("/key", "/bad", "/missing"):
        pair.get(path)


def test_unknown_codes_and_instances_are_refused(side: Any) -> None:
    app = side.App(__name__, static_folder=None)
    with pytest.raises(ValueError, match="not a recognized HTTP error code"):
        app.errorhandler(299)(print)
    with pytest.raises(TypeError, match="is an instance"):
        app.errorhandler(NotFound())(print)
    with pytest.raises(ValueError, match="not a subclass of Exception"):
        app.errorhandler(int)(print)
