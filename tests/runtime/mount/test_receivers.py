"""Signals that are one in the process: each side's receivers hear that side, and no other."""

from __future__ import annotations

import importlib
from functools import partial

import blinker
import pytest

from migrator.runtime.mount.receivers import keep_apart
from migrator.surface import FrameChoice
from tests.codemod.conftest import make_sides as make_sides
from tests.codemod.parity import FRAMES, Make, Request

APP = {
    "__init__.py": """
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Note(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(80))

        def create_app():
            app = Flask(__name__, instance_relative_config=True)
            os.makedirs(app.instance_path, exist_ok=True)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.instance_path, "s.db")
            db.init_app(app)
            from . import receivers
            from .views import bp
            app.register_blueprint(bp)
            with app.app_context():
                db.create_all()
            return app
        """,
    "receivers.py": """
        import functools
        from flask import request_finished
        from blinker import signal
        from . import Note, db

        @signal("order-paid-FRAME").connect
        def paid(sender, number, **more):
            db.session.add(Note(text=f"paid {{number}} of {{Note.query.filter_by(text=None).count()}}"))
            db.session.commit()

        def counted(prefix, sender, **more):
            more["response"].headers.add("X-Heard", prefix + __name__.rpartition(".")[2])

        class Late:
            def __call__(self, sender, number, **more):
                db.session.add(Note(text="late"))
                db.session.commit()

        late = Late()
        signal("order-paid-FRAME").connect(late)
        counted_of = functools.partial(counted, "of ")
        if FLASK:
            request_finished.connect(counted_of)
        """,
    "views.py": """
        from threading import Thread
        from blinker import signal
        from flask import Blueprint, current_app, jsonify
        from . import Note, db

        bp = Blueprint("views", __name__)

        @bp.post("/pay/<int:number>")
        def pay(number):
            Note.query.delete()
            signal("order-paid-FRAME").send("shop", number=number)
            return jsonify(sorted(note.text for note in Note.query))

        @bp.post("/later/<int:number>")
        def later(number):
            def work(app):
                with app.app_context():
                    signal("order-paid-FRAME").send("shop", number=number)
            thread = Thread(target=work, args=(current_app._get_current_object(),))
            thread.start()
            thread.join()
            return jsonify(Note.query.count())
        """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_both_sides_hear_their_own(frame: FrameChoice, make_sides: Make) -> None:
    files = {
        name: text.replace("if FLASK:", f"if {frame == 'flask'}:").replace("FRAME", frame)
        for name, text in APP.items()
    }
    sides = make_sides(f"heard_{frame}", files, frame)
    asked: list[Request] = [("POST", "/pay/1"), ("POST", "/later/2"), ("POST", "/pay/3")]
    legacy = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(legacy, asked))
    assert [a[3] for a in expected] == [
        b'["late","paid 1 of 0"]\n',
        b"4\n",
        b'["late","paid 3 of 0"]\n',
    ]
    with sides.converted() as asgi:
        assert list(sides.answers(asgi.app, asked)) == expected
        # The mounted legacy application goes on from there, and the converted receivers keep still.
        (answer,) = sides.answers(asgi.legacy, asked[:1])
        assert answer[3] == b'["late","paid 1 of 0"]\n'


def test_outside_of_an_application_all_are_called() -> None:
    heard: list[str] = []
    keep_apart("signals_of_legacy.web", "signals_of_target")
    keep_apart("__main__", "signals_of_target")
    signal = blinker.Signal()
    of_legacy = partial(lambda name, sender: heard.append(name), "legacy")
    signal.connect(of_legacy)
    signal.send("anybody")
    assert heard == ["legacy"]
