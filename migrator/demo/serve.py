"""`python -m migrator.demo.serve SPEC FOLDER FD`: serve one application on an open socket.

It ends when its standard input closes, so it never outlives the demo, however that ends.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from migrator.runtime.loading import application_kind, load_application

_GRACE_SECONDS = 5.0


def main(spec: str, folder: str, descriptor: str) -> None:
    """Load the application that `spec` names in `folder` and serve it till the end of input."""
    app = load_application(spec, app_dir=folder)
    listening = socket.socket(fileno=int(descriptor))
    serve = _wsgi if application_kind(app) == "flask" else _asgi
    serve(app, listening)
    sys.stdout.flush()
    os._exit(0)  # the demo waits for us, and tidying up an interpreter takes a second


def _wsgi(app: Any, listening: socket.socket) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:
            """The reader watches the demo, not an access log."""

    host, port = listening.getsockname()
    server = make_server(
        host, port, app, threaded=True, request_handler=Quiet, fd=listening.fileno()
    )
    _at_end_of_input(server.shutdown)
    server.serve_forever()


def _asgi(app: Any, listening: socket.socket) -> None:
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))

    def stop() -> None:
        server.should_exit = True

    _at_end_of_input(stop)
    server.run(sockets=[listening])


def _at_end_of_input(stop: Callable[[], None]) -> None:
    def wait() -> None:
        sys.stdin.buffer.read()
        # A request that hangs must not keep the process, and the demo waits for it.
        timer = threading.Timer(_GRACE_SECONDS, os._exit, (0,))
        timer.daemon = True
        timer.start()
        stop()

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
