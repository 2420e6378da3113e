"""The two applications served on loopback ports, each in a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import migrator
from migrator.errors import InternalError, PortInUse

_HOST = "127.0.0.1"
_START_SECONDS = 60
_STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with, and after how many seconds."""

    status: int
    body: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running application; `url` has no slash at the end."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self.port}"

    def get(self, path: str) -> Answer:
        """Ask once; waits while the application starts. Raises InternalError where none comes."""
        started = perf_counter()
        connection = http.client.HTTPConnection(_HOST, self.port, timeout=_START_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise InternalError(
                f"The served application did not answer GET {path}: {error!r}.",
                self._said() or "It wrote nothing.",
                "Run the demo again with --keep DIR and start DIR's application by hand.",
            ) from None
        finally:
            connection.close()
        return Answer(answer.status, body.strip(), perf_counter() - started)

    def _said(self) -> str:
        return self.log.read_text(errors="replace").strip()[-1500:]


def listen(port: int = 0) -> socket.socket:
    """A listening socket on the loopback, on a free port for 0; raises PortInUse."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise PortInUse(
            f"Nothing can be served at {_HOST}:{port}.",
            f"The system says: {error.strerror or error}.",
            "Choose another --port, or leave it out: then two free ports are found.",
        ) from None
    return listening


@contextlib.contextmanager
def serve(
    spec: str, folder: Path, listening: socket.socket, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Serve the application that `spec` names in `folder`; it is stopped at the end.

    The process is started, not waited for: the socket listens already, so the first request waits.
    """
    log = folder / f"{spec.partition('.')[0]}.log"
    ours = str(Path(migrator.__file__).parents[1])
    path = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    with listening, log.open("wb") as output:
        port = listening.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "migrator.demo.serve", spec, folder, str(listening.fileno())],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONPATH": path},
            pass_fds=[listening.fileno()],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; it ends when we close its standard input
        )
    try:
        yield Server(port, process, log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
