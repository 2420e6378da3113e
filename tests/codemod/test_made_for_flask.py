"""Parts of other distributions that ask Flask by themselves keep Flask as the frame (MIG429)."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import flask
import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, LOGIN, Alike
from tests.codemod.small_package import converted


class FlaskPlugin:
    """As that of SQLAlchemy-Continuum: who changes a row, and from where; None outside of a request."""

    def noted(self) -> str:
        if not flask.has_request_context():
            return "by nobody"
        from flask_login import current_user

        return f"by {getattr(current_user, 'name', None)} {flask.request.path}"


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("versions_like")
    module.plugins = ModuleType("versions_like.plugins")
    module.plugins.FlaskPlugin = FlaskPlugin
    monkeypatch.setitem(sys.modules, "versions_like", module)
    monkeypatch.setitem(sys.modules, "versions_like.plugins", module.plugins)


MODELS = """
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from versions_like.plugins import FlaskPlugin
db = SQLAlchemy()
plugin = FlaskPlugin()
class Customer(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    note = db.Column(db.String(50))
@event.listens_for(Order, "before_insert")
def note(mapper, connection, order):
    order.note = plugin.noted()
def seed():
    db.session.add(Customer(name='ann'))
    db.session.commit()
"""
VIEWS = """
from flask_login import LoginManager, login_user
@bp.get("/login")
def log_in():
    login_user(Customer.query.first())
    return "hello"

@bp.get("/add")
def add():
    db.session.add(Order())
    db.session.commit()
    return jsonify([o.note for o in Order.query.order_by(Order.id)])
"""


@pytest.mark.parametrize("alike", ["auto"], indirect=True)
def test_it_finds_flasks_request_and_user(alike: Alike) -> None:
    alike(HEAD + VIEWS + LOGIN, ["/add", "/login", "/add"], models=MODELS)


IMPORTS = {
    "from sentry_sdk.integrations.flask import FlaskIntegration": True,
    "from webargs.flaskparser import use_args": True,
    "import apispec_webframeworks.flask": True,
    "from sentry_sdk.integrations.sqlalchemy import SqlalchemyIntegration": False,
    "from shop.flask_parts import FlaskPart": False,
    "from flask.views import MethodView": False,
    "from flask_login import UserMixin": False,
    "from migrator.runtime import AsyncFlask": False,
}


@pytest.mark.parametrize("line", IMPORTS)
def test_which_are(line: str, tmp_path: Path) -> None:
    views = f"{line}\nfrom flask import Blueprint\nbp = Blueprint('views', __name__)\n"
    made = outcome_of(converted(tmp_path, views, "fastapi"))
    assert [f.code for f in made.findings].count("MIG429") == IMPORTS[line]
    made = outcome_of(converted(tmp_path, views))
    assert ("asks Flask" in made.flask) == IMPORTS[line]
    assert "MIG429" not in [f.code for f in made.findings]
