"""What the mount costs: `python -m benchmarks.mount` writes the table in docs/benchmarks.md.

Every server runs in a process of its own, one after the other, several rounds in turn; CPU time is
that of the server's process, from the kernel, and the best round counts: what disturbs a measurement
only ever adds to it. Flask's own server is gunicorn's gthread when gunicorn
is installed, else Werkzeug's.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.page import write_part

REQUEST = b"GET /products/7 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
TICKS = os.sysconf("SC_CLK_TCK")

UVICORN = (
    "uvicorn --no-access-log --log-level critical --port {port} --factory benchmarks.mount_apps:"
)
OWN_SERVER = {
    "gunicorn": (
        "Flask under gunicorn, gthread, 10 threads",
        "gunicorn --log-level critical --worker-class gthread --threads 10 --keep-alive 60 "
        "--bind 127.0.0.1:{port} benchmarks.mount_apps:flask_app()",
    ),
    "werkzeug": (
        "Flask under Werkzeug's server, threaded",
        "benchmarks.mount --serve-werkzeug {port}",
    ),
}


@dataclass
class Candidate:
    """A way to serve the same answer."""

    name: str
    command: str
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


def candidates() -> list[Candidate]:
    """Those that can run here, Flask's own server first."""
    own = "gunicorn" if importlib.util.find_spec("gunicorn") else "werkzeug"
    found = [
        Candidate(*OWN_SERVER[own]),
        Candidate("Flask under a2wsgi alone", UVICORN + "a2wsgi_app"),
        Candidate("Flask through the mount", UVICORN + "mounted_legacy"),
        Candidate("FastAPI alone, async, dict", UVICORN + "fastapi_app"),
        Candidate("the same through the mount", UVICORN + "mounted_fastapi"),
    ]
    if importlib.util.find_spec("migrator.runtime.compat"):
        found += [
            Candidate("converted view, native, through the mount", UVICORN + "mounted_native"),
            Candidate("converted view, bridged, through the mount", UVICORN + "mounted_bridged"),
        ]
    if importlib.util.find_spec("migrator.runtime.asyncflask"):
        found += [
            Candidate("AsyncFlask, sync view", UVICORN + "async_flask_bridged"),
            Candidate("AsyncFlask, async view", UVICORN + "async_flask_native"),
        ]
    return found


@contextlib.contextmanager
def serving(command: str) -> Iterator[tuple[int, int]]:
    """The server of `command`: its port and the id of the process that does the work."""
    # Not an inherited socket: asyncio would not know it for TCP, and Nagle's delay would be measured.
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", *command.format(port=port).split()])
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                asyncio.run(load(port, 1, 1))
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the server did not start: {command}") from None
                time.sleep(0.05)
        yield port, _worker(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _worker(pid: int) -> int:
    """gunicorn's master has one child that works; the others work themselves."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True).stdout
    return int(children.split()[0]) if children.split() else pid


def cpu_seconds(pid: int) -> float:
    """CPU time that the process has used, user and system."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def load(port: int, clients: int, requests: int) -> None:
    """Send `requests` requests over `clients` connections that are kept open."""

    async def client(count: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count):
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"unexpected answer: {head!r}")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
            await reader.readexactly(int(length))
        writer.close()

    await asyncio.gather(*(client(requests // clients) for _ in range(clients)))


def measure(candidate: Candidate, clients: int, requests: int) -> None:
    """One round of one candidate."""
    with serving(candidate.command) as (port, pid):
        asyncio.run(load(port, clients, requests // 5))
        before, start = cpu_seconds(pid), time.perf_counter()
        asyncio.run(load(port, clients, requests))
        candidate.cpu.append((cpu_seconds(pid) - before) / requests * 1e6)
        candidate.rate.append(requests / (time.perf_counter() - start))


def table(found: list[Candidate], rounds: int, clients: int, requests: int) -> str:
    """The part of docs/benchmarks.md."""
    base_cpu = min(found[0].cpu)
    base_rate = max(found[0].rate)
    lines = [
        "## The mount",
        "",
        "`python -m benchmarks.mount`",
        "",
        f"One JSON answer of a kilobyte, one process a server, {clients} clients on this machine; "
        f"the best of {rounds} rounds of {requests} requests, Python "
        f"{sys.version_info.major}.{sys.version_info.minor}.",
        "",
        "| server | CPU µs a request | CPU ratio | requests a second, ratio |",
        "|---|---:|---:|---:|",
    ]
    for candidate in found:
        cpu, rate = min(candidate.cpu), max(candidate.rate)
        lines.append(
            f"| {candidate.name} | {cpu:.0f} | {cpu / base_cpu:.2f} | {rate / base_rate:.2f} |"
        )
    return "\n".join(lines)


def serve_werkzeug(port: int) -> None:
    """Flask's development server, with connections kept open."""
    import logging

    from werkzeug.serving import WSGIRequestHandler, make_server

    from benchmarks.mount_apps import flask_app

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    make_server("127.0.0.1", port, flask_app(), threaded=True).serve_forever()


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--dry-run", action="store_true", help="print the table, write nothing")
    parser.add_argument("--serve-werkzeug", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_werkzeug is not None:
        serve_werkzeug(options.serve_werkzeug)
        return
    found = candidates()
    for number in range(options.rounds):
        for candidate in found:
            measure(candidate, options.clients, options.requests)
            print(f"round {number + 1}: {candidate.name}: {candidate.cpu[-1]:.0f} µs", flush=True)
    text = table(found, options.rounds, options.clients, options.requests)
    print(text)
    if not options.dry_run:
        write_part("mount", text)


if __name__ == "__main__":
    main()
