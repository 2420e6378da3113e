"""Where the sessions of a program come from, and the application around the programs of one kind."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.codemod.programs import library, shop
from tests.codemod.programs.text import Module
from tests.codemod.programs.typed import typed

_APP = """
import os
from flask import Flask
IMPORTS

def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "programs"
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["PROGRAMS_DATABASE"]
    setup(app)
    REGISTER

    @app.errorhandler(Exception)
    def failed(error):
        if isinstance(error, HTTPException):
            return str(error.code), error.code
        app.config["RAISED"] = error
        return type(error).__name__, 599

    return app
"""

#: Tasks, run where they are sent.
_JOBS = """
from celery import Celery

celery = Celery(__name__, broker="memory://", backend="cache+memory://", set_as_current=False)
celery.conf.task_always_eager = True
"""

_EXTENSION = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select, text
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import column_property, composite, deferred, object_session, synonym, validates

db = SQLAlchemy()


def setup(app):
    db.init_app(app)


def create(app):
    with app.app_context():
        db.create_all()


def dispose(app):
    with app.app_context():
        db.engine.dispose()
"""

#: The same over a base of SQLAlchemy's own, whose models are annotated.
_TYPED = _EXTENSION.replace(
    "\n\ndb = SQLAlchemy()",
    """
from typing import Optional
from sqlalchemy.orm import DeclarativeBase, DynamicMapped, Mapped, WriteOnlyMapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)""",
)

_OWN = """
import os
from flask import g
from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, create_engine, func, select, text
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import backref, column_property, composite, declarative_base, deferred
from sqlalchemy.orm import object_session, relationship, scoped_session, sessionmaker, synonym, validates

engine = create_engine(os.environ["PROGRAMS_DATABASE"])
Base = declarative_base()
"""

_REGISTRY = """
Session = scoped_session(sessionmaker(bind=engine))
Base.query = Session.query_property()


def setup(app):
    @app.teardown_appcontext
    def ended(error=None):
        Session.remove()


def create(app):
    Base.metadata.create_all(engine)


def dispose(app):
    engine.dispose()
"""

_FACTORY = """
Session = sessionmaker(bind=engine)


def setup(app):
    @app.before_request
    def begun():
        g.session = Session()

    @app.teardown_request
    def ended(error=None):
        session = g.pop("session", None)
        if session is not None:
            session.close()


def create(app):
    Base.metadata.create_all(engine)


def dispose(app):
    engine.dispose()
"""


@dataclass(frozen=True)
class Home:
    """A kind of application: the module of its models, and the sessions that any function of it can name."""

    models: str
    #: How a session is said: the words, and the import that they need.
    sessions: tuple[tuple[str, str], ...]
    #: Whether models have `query`.
    queried: bool
    #: Whether it has Flask-SQLAlchemy's extension.
    extension: bool = False


def _plain(models: str) -> str:
    """The same models without the extension."""
    models = models.replace("db.Model", "Base").replace(
        '"tagged",', '"tagged",\n    Base.metadata,', 1
    )
    return models.replace("db.", "")


_GETTERS = """

def current_session():
    return WHAT


def given_session(session=None):
    if session is None:
        session = current_session()
    return session


proxied = LocalProxy(current_session)
"""
_PROXY = "from werkzeug.local import LocalProxy\n"


def _getters(what: str) -> str:
    return _GETTERS.replace("WHAT", what)


_NAMED = (
    ("current_session()", "from PKG.models import current_session"),
    ("given_session()", "from PKG.models import given_session"),
    ("proxied", "from PKG.models import proxied"),
)
_MODELS = shop.MODELS + library.MODELS
SEED = shop.SEED + library.SEED
_OF_EXTENSION = (
    *[("db.session", "from PKG.models import db")] * 4,
    ("models.db.session", "from PKG import models"),
    ("session_", "from PKG.models import db\nsession_ = db.session"),
    ("db.session()", "from PKG.models import db"),
    *_NAMED,
)
HOMES = {
    "extension": Home(
        _PROXY + _EXTENSION + _getters("db.session") + _MODELS, _OF_EXTENSION, True, extension=True
    ),
    "typed": Home(
        _PROXY + _TYPED + _getters("db.session") + typed(_MODELS),
        _OF_EXTENSION,
        True,
        extension=True,
    ),
    "registry": Home(
        _PROXY + _OWN + _REGISTRY + _getters("Session()") + _plain(_MODELS),
        (
            *[("Session", "from PKG.models import Session")] * 4,
            ("Session()", "from PKG.models import Session"),
            *_NAMED,
        ),
        True,
    ),
    "factory": Home(
        _PROXY + _OWN + _FACTORY + _getters("g.session") + _plain(_MODELS),
        (*[("g.session", "from flask import g")] * 3, *_NAMED),
        False,
    ),
}


def application(flavour: str, names: list[str]) -> dict[str, str]:
    """The application's own modules; `names` are those of views."""
    imports = "\n".join(
        ["from werkzeug.exceptions import HTTPException", "from .models import setup"]
        + [f"from . import {name}" for name in names]
    )
    register = "\n    ".join(f"app.register_blueprint({name}.bp)" for name in names)
    init = _APP.replace("IMPORTS", imports).replace("REGISTER", register)
    return {"__init__.py": init, "models.py": HOMES[flavour].models, "jobs.py": _JOBS}


def session_of(flavour: str, module: Module, rng: random.Random) -> str:
    """How a function of the module says the session that it takes from nowhere else."""
    words, needed = rng.choice(HOMES[flavour].sessions)
    module.imports[needed] = None
    return words
