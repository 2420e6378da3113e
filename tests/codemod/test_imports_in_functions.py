"""What a function imports for itself is read as what its module imports: by findings, and by what looks for the application."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import FILES, HEAD, LOGIN, Alike
from tests.codemod.small_package import converted, files, write
from tests.codemod.test_signals import RECEIVERS

#: By code: what is found where the names are imported, and the imports.
FOUND = {
    "MIG111": ('event.listen(Session, "before_flush", print)', "from sqlalchemy import event", "from sqlalchemy.orm import Session"),
    "MIG113": ('FileLock("x").acquire()', "from filelock import FileLock"),
    "MIG115": ("hub.lock.Semaphore()", "import gevent.lock, gevent as hub"),
    "MIG118": ("hub.alarm(5)", "import signal as hub"),
    "MIG117": ("out.connect(print)", "from flask_login import user_logged_out as out"),
}  # fmt: skip
WAYS = {
    "function": "def f():\n    {imports}\n    {code}\n",
    "method": "class K:\n    def f(self):\n        {imports}\n        {code}\n",
    "inside": "def f():\n    {imports}\n    def inner():\n        return {code}\n    return inner\n",
    "class": "def f():\n    {imports}\n    class K:\n        def g(self):\n            {code}\n",
    "condition": "def f():\n    if f:\n        {imports}\n    with open('x'):\n        {code}\n",
    "fallback": "def f():\n    try:\n        {imports}\n    except ImportError:\n        event = hub = FileLock = out = None\n    {code}\n",
    "own": "def f():\n    {imports}\n    def inner(event, hub, FileLock, out):\n        {code}\n",
    "other": "def f():\n    {imports}\ndef g(event, hub, FileLock, out):\n    {code}\n",
    "decorator": "def dec(*x): ...\ndef f(event, hub, FileLock, out):\n    @dec({code})\n    def g():\n        {imports}\n",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("code", FOUND)
def test_findings(code: str, way: str, tmp_path: Path) -> None:
    said, *imports = FOUND[code]
    views = WAYS[way].format(imports="; ".join(imports), code=said)
    made = outcome_of(converted(tmp_path, views, "fastapi"))
    found = [f.line for f in made.findings if f.code == code]
    assert len(found) == (0 if way in ("own", "other", "decorator") else 1)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("db.session.connection().connection.cursor()", 1),
        ('db.session.connection({"isolation_level": "SERIALIZABLE"}).connection.cursor()', 1),
        ("db.session.connection(\n    ).connection.cursor()", 1),
        ("db.session.connection().exec_driver_sql('select 1')", 0),
    ],
)
def test_the_connection_of_a_session_imported_inside(code: str, count: int, tmp_path: Path) -> None:
    views = f"def f():\n    from shop.models import db\n    {code}\n"
    made = outcome_of(converted(tmp_path, views))
    assert [f.code for f in made.findings].count("MIG116") == count


def test_an_extension_s_sessions(tmp_path: Path) -> None:
    texts = files("def f():\n    from shop.ext import other\n    other.session.commit()\n")
    texts["ext.py"] = "from strange import Database\nother = Database()\n"
    made = outcome_of(convert(write(tmp_path, texts), package="shop_async"))
    assert "MIG110" in [f.code for f in made.findings]


def test_a_blueprint_that_is_not_registered(tmp_path: Path) -> None:
    views = """
bp = __import__("flask").Blueprint("shop", __name__)
def more():
    from flask import Blueprint
    other = Blueprint("other", __name__)
    @other.route("/other")
    def view():
        return str(Order.query.count())
    return other
"""
    made = outcome_of(converted(tmp_path, views, "fastapi"))
    assert "'other'" in " ".join(f.message for f in made.findings if f.code == "MIG418")


FACTORY = """
    import os

    def create_app():
        from flask import Flask
        from PKG import views
        from PKG.models import db

        app = Flask(__name__, instance_relative_config=True)
        os.makedirs(app.instance_path, exist_ok=True)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.instance_path, "shop.db")
        db.init_app(app)
        app.register_blueprint(views.bp)
        return app
"""


def test_an_application_whose_factory_imports_all_it_needs(alike: Alike) -> None:
    views = """
@bp.route("/")
def numbers():
    return jsonify([o.number for o in Order.query.order_by(Order.id)])
"""
    pair = alike(HEAD + views, ["/"], **{"__init__.py": FACTORY})
    levels = {e.endpoint.endpoint: e.level for e in outcome_of(pair.conversion).endpoints}
    assert levels["b.numbers"] in ("native", "bridged")


@pytest.mark.parametrize("alike", ["auto"], indirect=True)
def test_receivers_of_signals(alike: Alike) -> None:
    imports = (
        "    from flask import request_finished\n"
        "    from flask_login import user_logged_in\n"
        "    import flask.signals\n"
    )
    receivers = RECEIVERS.replace("    _setup(app)\n", f"{imports}    _setup(app)\n")
    assert receivers.count(imports) == 1
    models = FILES["models.py"].replace(
        "class Customer(db.Model)", "class Customer(UserMixin, db.Model)"
    )
    models = models.replace(
        "SQLAlchemy\n", "SQLAlchemy\n        from flask_login import UserMixin\n", 1
    )
    head = HEAD + "from flask_login import LoginManager, login_user\n"
    asked = ["/names", "/login", "/names", "/tell", "/names"]
    alike(head + LOGIN + receivers, asked, models=models)


JOBS = """
# file: jobs.py
import subprocess
from celery import Celery, shared_task

celery = Celery("jobs")


def helped():
    {call}


def shared():
    {call}


@celery.task
def sent():
    helped()
    shared()


@shared_task(bind=True)
def later(self):
    {call}


@shared_task
def at_once():
    {call}
# file: views.py
import subprocess
import click
from flask import Blueprint
from flask.cli import with_appcontext
from shop import jobs
from shop.models import Order

bp = Blueprint("shop", __name__)


@bp.route("/a")
def a():
    jobs.sent.delay()
    jobs.later.apply_async()
    jobs.at_once()
    jobs.shared()
    {call}
    return str(Order.query.count())


@bp.cli.command("one")
def one():
    {call}


@click.command()
@with_appcontext
def two():
    {call}
"""


def test_what_commands_and_tasks_wait_for_keeps_no_request(tmp_path: Path) -> None:
    call = 'subprocess.run(["true"], preexec_fn=lambda: None)'
    made = outcome_of(converted(tmp_path, JOBS.format(call=call)))
    symbols = {f.symbol for f in made.notes if f.code == "MIG112"}
    assert symbols == {"shared", "at_once", "a"}
