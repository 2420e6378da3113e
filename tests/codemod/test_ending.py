"""A server that is told to stop ends as Python does: threads finish what they were given, atexit runs."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make

APP = {
    "__init__.py": """
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Note(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(50), nullable=False)

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.environ["ENDING"]
            db.init_app(app)
            from .views import bp, at_exit
            app.register_blueprint(bp)
            at_exit(app)
            with app.app_context():
                db.create_all()
            return app
        """,
    "views.py": """
        import atexit
        import threading
        import time
        from concurrent.futures import ThreadPoolExecutor

        from flask import Blueprint, current_app

        from . import Note, db

        bp = Blueprint("views", __name__)
        pool = ThreadPoolExecutor(1)

        def work(app, text):
            with app.app_context():
                time.sleep(0.1)
                db.session.add(Note(text=__package__ + " " + text))
                db.session.commit()

        def at_exit(app):
            def ended():
                work(app, "atexit")

            atexit.register(ended)

        @bp.post("/work")
        def begin():
            app = current_app._get_current_object()
            for n in range(4):
                pool.submit(work, app, "job " + str(n))
            threading.Thread(target=work, args=(app, "thread")).start()
            return "", 202
        """,
}


def notes(place: Path, package: str) -> list[str]:
    with closing(sqlite3.connect(place)) as connection:
        found = [text.split(" ", 1) for (text,) in connection.execute("SELECT text FROM note")]
    # Under the mount the other package has its own handlers.
    return sorted(text for whose, text in found if whose == package)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_server_that_is_stopped_ends_as_python_does(
    frame: FrameChoice, make_sides: Make, tmp_path: Path
) -> None:
    sides = make_sides("ending", APP, frame)
    place = tmp_path / "ending.db"
    path = os.pathsep.join([str(sides.root), str(Path(__file__).parents[2])])
    env = {**os.environ, "PYTHONPATH": path, "ENDING": str(place)}
    # A worker of gunicorn's ends by sys.exit().
    legacy = (
        f"import {sides.legacy} as m; m.create_app().test_client().post('/work'); raise SystemExit"
    )
    subprocess.run([sys.executable, "-c", legacy], env=env, check=True, timeout=60)
    expected = notes(place, sides.legacy)
    assert len(expected) == 6

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        command = ["-m", "uvicorn", f"{sides.target}.asgi:app", "--fd", str(listener.fileno())]
        server = subprocess.Popen(
            [sys.executable, *command, "--log-level", "warning"],
            env=env,
            pass_fds=[listener.fileno()],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            client = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=60)
            client.request("POST", "/work")
            assert client.getresponse().status == 202
            client.close()
            server.send_signal(signal.SIGTERM)
            _, said = server.communicate(timeout=60)
        finally:
            server.kill()
    assert said == ""
    assert server.returncode == 0
    assert notes(place, sides.target) == expected
