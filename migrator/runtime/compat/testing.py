"""`app.test_client()`: Flask's test client over the ASGI application, called in process.

The legacy application's tests run on it unchanged, and the differential tests send the same
requests through it as through Flask's.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import werkzeug.test
from werkzeug.datastructures import Headers
from werkzeug.test import Client, TestResponse

from migrator.runtime.db.blocking import run_blocking

from .context import _app_context, _request_context

if TYPE_CHECKING:
    from .app import App
    from .session_cookie import SessionMixin


def scope_of(environ: Mapping[str, Any]) -> dict[str, Any]:
    """The ASGI scope of a WSGI environ."""
    script_name = environ.get("SCRIPT_NAME", "").encode("latin-1")
    path = script_name + environ.get("PATH_INFO", "").encode("latin-1")
    headers = [
        (key[5:].replace("_", "-").lower().encode("latin-1"), str(value).encode("latin-1"))
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            name = key.replace("_", "-").lower().encode("latin-1")
            headers.append((name, str(environ[key]).encode("latin-1")))
    remote = environ.get("REMOTE_ADDR")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": environ.get("SERVER_PROTOCOL", "HTTP/1.1").removeprefix("HTTP/"),
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": path.decode("utf-8", "replace"),
        "raw_path": quote(path, safe="/%:@!$&'()*+,;=~-._").encode("ascii"),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": script_name.decode("utf-8", "replace").rstrip("/"),
        "headers": headers,
        "client": (remote, int(environ.get("REMOTE_PORT") or 0)) if remote else None,
        "server": (environ["SERVER_NAME"], int(environ.get("SERVER_PORT") or 80)),
        "state": {},
    }


async def call_asgi(
    app: Any, scope: MutableMapping[str, Any], body: bytes = b""
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of one request to an ASGI application."""
    sent = False
    status = 0
    headers: list[tuple[bytes, bytes]] = []
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.extend(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, headers, b"".join(chunks)


def as_wsgi(app: Any, run: Callable[[Any], Any]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers by the ASGI application `app`, each response in one piece."""

    def wsgi(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH")
        stream = environ["wsgi.input"]
        if length:
            body = stream.read(int(length))
        else:
            body = stream.read() if environ.get("wsgi.input_terminated") else b""
        scope = scope_of(environ)
        if not length and body:
            scope["headers"].append((b"transfer-encoding", b"chunked"))
        status, raw, content = run(call_asgi(app, scope, body))
        headers = Headers()
        for name, value in raw:
            headers.add(name.decode("latin-1").title(), value.decode("latin-1"))
        start_response(f"{status} -", headers.to_wsgi_list())
        return [content]

    return wsgi


class EnvironBuilder(werkzeug.test.EnvironBuilder):
    """werkzeug's builder with the application's defaults."""

    def __init__(
        self,
        app: App,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if base_url is None:
            host = app.config.get("SERVER_NAME") or "localhost"
            if subdomain:
                host = f"{subdomain}.{host}"
            url = urlsplit(path)
            scheme = url.scheme or url_scheme or app.config["PREFERRED_URL_SCHEME"]
            root = app.config["APPLICATION_ROOT"].lstrip("/")
            base_url = f"{scheme}://{url.netloc or host}/{root}"
            path = f"{url.path}?{url.query}" if url.query else url.path
        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: Any, **kwargs: Any) -> str:
        return self.app.json.dumps(obj, **kwargs)


def environ_of(app: App, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The environ of a made-up request."""
    builder = EnvironBuilder(app, *args, **kwargs)
    try:
        return builder.get_environ()
    finally:
        builder.close()


class CompatClient(Client):
    """Flask's test client: cookies, `session_transaction`, `json=`.

    Close it, or leave its `with` block, to give the database's connections back.
    """

    app: App

    def __init__(self, app: App, use_cookies: bool = True, **kwargs: Any) -> None:
        super().__init__(
            as_wsgi(app, run_blocking),
            response_wrapper=app.response_class,
            use_cookies=use_cookies,
        )
        self.app = app
        self.environ_base = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": f"Werkzeug/{importlib.metadata.version('werkzeug')}",
        }

    def close(self) -> None:
        """Give the database's connections back. What is in memory lasts: Flask's client knows no database."""
        run_blocking(self.app.dispose_database(keep_memory=True))

    def __enter__(self) -> CompatClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def open(
        self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: Any
    ) -> TestResponse:
        if not args or isinstance(args[0], str):
            kwargs["environ_base"] = {**self.environ_base, **kwargs.get("environ_base", {})}
            builder = EnvironBuilder(self.app, *args, **kwargs)
            try:
                args = (builder.get_request(),)
            finally:
                builder.close()
            kwargs = {}
        # A test may hold a context of the application; the request has one of its own.
        response = super().open(
            *args, buffered=buffered, follow_redirects=follow_redirects, **kwargs
        )
        response.json_module = self.app.json  # type: ignore[assignment]
        return response

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[SessionMixin]:
        """The session of the client's cookie, to be changed; it is written at the end."""
        if self._cookies is None:
            raise TypeError("Cookies are disabled. Create a client with 'use_cookies=True'.")
        app = self.app
        context = app.test_request_context(*args, **kwargs)
        self._add_cookies_to_wsgi(context.request.environ)
        app_token = _app_context.set(context)
        request_token = _request_context.set(context)
        try:
            session = app.session_interface.open_session(app, context.request)
            if session is None:
                raise RuntimeError("Session backend did not open a session.")
            yield session
            response = app.response_class()
            app.session_interface.save_session(app, session, response)
        finally:
            _request_context.reset(request_token)
            _app_context.reset(app_token)
        self._update_cookies_from_response(
            context.request.host.partition(":")[0],
            context.request.path,
            response.headers.getlist("Set-Cookie"),
        )


def cli_runner(app: App, **kwargs: Any) -> Any:
    """click's CliRunner, whose `invoke` defaults to the application's commands."""
    from click.testing import CliRunner

    app.run_command = run_blocking

    class Runner(CliRunner):
        def invoke(self, cli: Any = None, args: Any = None, **options: Any) -> Any:  # type: ignore[override]
            options.setdefault("obj", app)
            return super().invoke(app.cli.group if cli is None else cli, args=args, **options)

    return Runner(**kwargs)
