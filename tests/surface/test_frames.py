"""What the converted application is one of, and what follows for its surface."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from migrator.surface import Surface

Read = Callable[..., Surface]

HEAD = """
    from flask import Flask, request
    from flask_sqlalchemy import SQLAlchemy
    db = SQLAlchemy()
    app = Flask(__name__)
    db.init_app(app)

    @app.route("/plain")
    def plain():
        return ""
"""
MAIL = """
    from flask_mail import Mail
    mail = Mail(app)
"""


def read_with(read: Read, source: str, frame: str = "auto") -> Surface:
    return read({"site.py": HEAD + source}, "", frame)


@pytest.mark.parametrize(
    ("source", "frame"),
    [
        ("", "fastapi"),
        ("\n    from flask_migrate import Migrate\n    Migrate(app, db)\n", "fastapi"),
        ("\n    app.wsgi_app = Middleware(app.wsgi_app)\n", "fastapi"),
        ('\n    @app.route("/x", redirect_to="/y")\n    def x():\n        return ""\n', "fastapi"),
        (MAIL, "flask"),
        ("\n    from telemetry import Recorder\n    Recorder(app)\n", "flask"),
        ("\n    app.session_interface = Sessions()\n", "flask"),
        ("\n    from flask_wtf.csrf import CSRFProtect\n    CSRFProtect(app)\n", "flask"),
    ],
)
def test_flask_stays_where_something_needs_it(source: str, frame: str, read: Read) -> None:
    assert read_with(read, source).frame == frame
    assert read_with(read, source, "fastapi").frame == "fastapi"
    assert read_with(read, source, "flask").frame == "flask"


def test_the_reason_names_the_extensions(read: Read) -> None:
    source = MAIL + "\n    from flask_babel import Babel\n    Babel(app)\n"
    why = read_with(read, source).flask
    assert why is not None
    assert (why.code, why.reason) == (
        "MIG423",
        "Flask stays the frame: Flask-Babel, Flask-Mail work on a Flask application only",
    )


def test_the_reason_stays_short(read: Read) -> None:
    names = ("Alpha", "Beta", "Delta", "Gamma", "Omega")
    source = MAIL + "".join(
        f"\n    from flask_{name.lower()} import {name}\n    {name}(app)" for name in names
    )
    why = read_with(read, source + "\n").flask
    assert why is not None
    assert why.reason.startswith(
        "Flask stays the frame: Flask-Alpha, Flask-Beta, Flask-Delta and 3 more"
    )


def test_nothing_stays_behind(read: Read) -> None:
    source = """
    @app.before_request
    def check():
        mail.connect()

    @app.route("/x", redirect_to="/y")
    def x():
        return mail.send()
    """
    surface = read_with(read, MAIL + source)
    assert not surface.left
    assert not surface.findings
    assert {a.rule for _, a in surface.actions["site"]} == {"move_import", "rename"}


def test_what_flask_calls_plainly(read: Read) -> None:
    source = """
    from flask_login import LoginManager
    login = LoginManager(app)

    @login.user_loader
    def load(key): ...

    @app.context_processor
    def words(): ...

    @app.template_filter()
    def short(text): ...

    @app.url_defaults
    def language(endpoint, values): ...

    @app.before_request
    def check(): ...

    @app.teardown_appcontext
    def close(error): ...

    @app.errorhandler(404)
    def missing(error): ...

    @app.cli.command()
    def fill(): ...
    """
    surface = read_with(read, MAIL + source)
    plain = {key.partition(":")[2]: why.code for key, why in surface.plain.items()}
    assert plain == dict.fromkeys(("load", "words", "short", "language"), "MIG526")
    assert not read_with(read, source, "fastapi").plain


@pytest.mark.parametrize("frame", ["fastapi", "flask"])
def test_signals_that_nobody_sends_are_told(frame: str, read: Read) -> None:
    source = """
    import flask_sqlalchemy as fsa, flask_sqlalchemy.track_modifications
    import flask_sqlalchemy.track_modifications as tm
    from flask_sqlalchemy import models_committed
    from flask_sqlalchemy.session import Session, _app_ctx_id

    fsa.models_committed.connect(print)
    flask_sqlalchemy.track_modifications.before_models_committed.connect(print)
    tm.models_committed.connect(print)
    fsa.query.Query, fsa.SQLAlchemy.engine, fsa.__version__, tm, fsa.model.camel_to_snake_case
    """
    told = [f.message.partition(" ")[0] for f in read_with(read, source, frame).findings]
    home = "flask_sqlalchemy"
    expected = [
        f"{home}.models_committed",
        f"{home}.models_committed",
        f"{home}.track_modifications.before_models_committed",
        f"{home}.track_modifications.models_committed",
    ]
    if frame == "flask":
        expected.insert(1, f"{home}.session._app_ctx_id")
        expected.append(f"{home}.model.camel_to_snake_case")
    assert told == expected


def test_what_works_in_no_frame(read: Read) -> None:
    source = """
    from flask_socketio import SocketIO
    from flask_sqlalchemy.track_modifications import models_committed
    SocketIO(app)
    """
    assert [f.code for f in read_with(read, MAIL + source).findings] == [
        "MIG422",
        "MIG421",
    ]
