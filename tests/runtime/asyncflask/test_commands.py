"""The command lines of Flask and Flask-Migrate, and the servers, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[3]

APPLICATION = """
import os

from flask import request
from flask_migrate import Migrate
from sqlalchemy import select

from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.db import SQLAlchemy, unbridge

db = SQLAlchemy()
migrate = Migrate()


class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(20))


async def texts():
    return [note.text for note in await db.session.scalars(select(Note).order_by(Note.id))]


def create_app():
    app = AsyncFlask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["NOTES_URL"]
    db.init_app(app)
    migrate.init_app(app, db)

    @app.post("/")
    def add():
        db.session.add(Note(text=request.form["text"]))
        db.session.commit()
        return str(Note.query.count())

    @app.get("/")
    async def index():
        return await texts()

    @app.cli.command("say")
    def say():
        print(Note.query.count(), unbridge(texts()))

    return app


app = create_app()

if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
"""


Project = tuple[Path, dict[str, str]]


def make_project(tmp_path: Path, database_url: str) -> Project:
    """A folder with `notes.py`, and the environment of its commands."""
    (tmp_path / "notes.py").write_text(APPLICATION)
    environment = {
        **os.environ,
        "FLASK_APP": "notes",
        "NOTES_URL": database_url,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)]),
    }
    return tmp_path, environment


def run(project: Project, *words: str, stdin: str = "") -> str:
    folder, environment = project
    done = subprocess.run(
        [sys.executable, "-W", "error", *words],
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_flask_and_flask_migrate(tmp_path: Path, database_url: str) -> None:
    project = make_project(tmp_path, database_url)
    # Alembic's own warnings are none of ours.
    flask = ("-W", "ignore::DeprecationWarning", "-m", "flask")
    assert "index" in run(project, *flask, "routes")
    run(project, *flask, "db", "init")
    run(project, *flask, "db", "migrate", "-m", "first")
    run(project, *flask, "db", "upgrade")
    assert "(head)" in run(project, *flask, "db", "current")
    assert run(project, *flask, "say") == "0 []\n"
    said = "db.session.add(Note(text='x')); db.session.commit(); print(Note.query.count())\n"
    assert "1" in run(project, *flask, "shell", stdin=said)
    assert run(project, *flask, "say") == "1 ['x']\n"
    run(project, *flask, "db", "downgrade")


@contextmanager
def serving(project: Project, *words: str) -> Iterator[str]:
    """The address of the server that `words` start; PORT in them is its port."""
    folder, environment = project
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server: Any = subprocess.Popen(
        [sys.executable, *(word.replace("PORT", port) for word in words)],
        cwd=folder,
        env={**environment, "PORT": port},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/none", trust_env=False)
                break
            except httpx.TransportError:
                assert server.poll() is None, server.stderr.read()
                assert time.monotonic() < deadline
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        _, said = server.communicate(timeout=30)
    assert "Traceback" not in said, said


@pytest.mark.parametrize(
    "words",
    [
        ("-m", "uvicorn", "notes:app", "--port", "PORT"),
        ("-m", "flask", "run", "--port", "PORT"),
        ("notes.py",),
    ],
    ids=["uvicorn", "flask run", "app.run"],
)
def test_servers(tmp_path: Path, sqlite_url: str, words: tuple[str, ...]) -> None:
    project = make_project(tmp_path, sqlite_url)
    create = "import notes; app = notes.app; app.app_context().push(); notes.db.create_all()"
    run(project, "-c", create)
    with serving(project, *words) as address, httpx.Client(trust_env=False) as client:
        for n in (1, 2, 3):
            assert client.post(address, data={"text": f"n{n}"}).text == str(n)
            assert client.get(address).json() == [f"n{i + 1}" for i in range(n)]
