"""Where the sessions of a program come from, and the application around the programs of one kind."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from tests.codemod.programs import lab, library, shop
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
    if os.environ.get("PROGRAMS_ARCHIVE"):
        app.config["SQLALCHEMY_BINDS"] = {"archive": os.environ["PROGRAMS_ARCHIVE"]}
    setup(app)
    manager.init_app(app)
    REGISTER

    @app.errorhandler(Exception)
    def failed(error):
        if isinstance(error, HTTPException):
            return str(error.code), error.code
        app.config["RAISED"] = error
        return type(error).__name__, 599

    return app
"""

#: Whoever asks is the first customer.
_LOGIN = """
from flask_login import LoginManager
from .models import Customer
IMPORT

manager = LoginManager()


@manager.request_loader
def loaded(request):
    return SESSION.get(Customer, 1)
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
        for engine in db.engines.values():
            engine.dispose()
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

#: The same, of two databases.
_BOUND = (
    _REGISTRY.replace("bind=engine", "bind=engine, binds={Archive: archive}")
    .replace("\n\n\ndef setup", "\nArchive.query = Session.query_property()\n\n\ndef setup")
    .replace("create_all(engine)", "create_all(engine)\n    Archive.metadata.create_all(archive)")
    .replace("engine.dispose()", "engine.dispose()\n    archive.dispose()")
)

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


_ARCHIVE = """
archive = create_engine(os.environ["PROGRAMS_ARCHIVE"])
Archive = declarative_base()
"""


@dataclass(frozen=True)
class Home:
    """A kind of application: the module of its models, and the sessions that any function of it can name."""

    models: str
    #: How a session is said: the words, and the import that they need.
    sessions: tuple[tuple[str, str], ...]
    #: How an engine is said.
    engines: tuple[tuple[str, str], ...]
    #: Whether models have `query`.
    queried: bool
    #: Whether it has Flask-SQLAlchemy's extension.
    extension: bool = False
    #: Its rows, by its databases.
    seeds: tuple[str, ...] = (shop.SEED + library.SEED + lab.SEED,)


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
_SAYS_TABLE = re.compile(r"^(    __tablename__ = .*\n)", re.M)
_COMMON = "from flask_login import UserMixin\nfrom werkzeug.local import LocalProxy\n"


def _getters(what: str) -> str:
    return _GETTERS.replace("WHAT", what)


_NAMED = (
    ("current_session()", "from PKG.models import current_session"),
    ("given_session()", "from PKG.models import given_session"),
    ("proxied", "from PKG.models import proxied"),
)
_MODELS = shop.MODELS + library.MODELS
_LAB = {
    meta: lab.HEAD.replace("METADATA", meta) + lab.MODELS
    for meta in ("db.metadata", "Base.metadata")
}
_OF_EXTENSION = (
    *[("db.session", "from PKG.models import db")] * 4,
    ("models.db.session", "from PKG import models"),
    ("session_", "from PKG.models import db\nsession_ = db.session"),
    ("db.session()", "from PKG.models import db"),
    *_NAMED,
)
_ENGINES_OF_EXTENSION = (
    ("db.engine", "from PKG.models import db"),
    ("models.db.engine", "from PKG import models"),
    ("db.engines[None]", "from PKG.models import db"),
)
_ENGINES = (
    ("engine", "from PKG.models import engine"),
    ("models.engine", "from PKG import models"),
)
#: Where the library has a database of its own.
_SEEDS_APART = (shop.SEED + lab.SEED, library.SEED)
HOMES = {
    "extension": Home(
        _COMMON + _EXTENSION + _getters("db.session") + _MODELS + _LAB["db.metadata"],
        _OF_EXTENSION,
        _ENGINES_OF_EXTENSION,
        True,
        extension=True,
    ),
    "typed": Home(
        _COMMON + _TYPED + _getters("db.session") + typed(_MODELS) + _LAB["db.metadata"],
        _OF_EXTENSION,
        _ENGINES_OF_EXTENSION,
        True,
        extension=True,
    ),
    "registry": Home(
        _COMMON
        + _OWN
        + _REGISTRY
        + _getters("Session()")
        + _plain(_MODELS)
        + _LAB["Base.metadata"],
        (
            *[("Session", "from PKG.models import Session")] * 4,
            ("Session()", "from PKG.models import Session"),
            *_NAMED,
        ),
        _ENGINES,
        True,
    ),
    "factory": Home(
        _COMMON + _OWN + _FACTORY + _getters("g.session") + _plain(_MODELS) + _LAB["Base.metadata"],
        (*[("g.session", "from flask import g")] * 3, *_NAMED),
        _ENGINES,
        False,
    ),
    "binds": Home(
        _COMMON
        + _EXTENSION
        + _getters("db.session")
        + shop.MODELS
        + _SAYS_TABLE.sub(r'\1    __bind_key__ = "archive"\n', library.MODELS)
        + _LAB["db.metadata"],
        (*_OF_EXTENSION, ("db.session", "from PKG.models import db")),
        (*_ENGINES_OF_EXTENSION, ("db.engines['archive']", "from PKG.models import db")),
        True,
        extension=True,
        seeds=_SEEDS_APART,
    ),
    "bound": Home(
        _COMMON
        + _OWN
        + _ARCHIVE
        + _BOUND
        + _getters("Session()")
        + _plain(shop.MODELS)
        + _plain(library.MODELS.replace("db.Model", "Archive"))
        + _LAB["Base.metadata"],
        (
            *[("Session", "from PKG.models import Session")] * 3,
            ("Session()", "from PKG.models import Session"),
            *_NAMED,
        ),
        (*_ENGINES, ("archive", "from PKG.models import archive")),
        True,
        seeds=_SEEDS_APART,
    ),
}


def application(flavour: str, names: list[str]) -> dict[str, str]:
    """The application's own modules; `names` are those of views."""
    imports = "\n".join(
        [
            "from werkzeug.exceptions import HTTPException",
            "from .login import manager",
            "from .models import setup",
        ]
        + [f"from . import {name}" for name in names]
    )
    register = "\n    ".join(f"app.register_blueprint({name}.bp)" for name in names)
    init = _APP.replace("IMPORTS", imports).replace("REGISTER", register)
    home = HOMES[flavour]
    words, needed = home.sessions[0]
    login = _LOGIN.replace("IMPORT", needed).replace("SESSION", words)
    return {"__init__.py": init, "models.py": home.models, "jobs.py": _JOBS, "login.py": login}


def session_of(flavour: str, module: Module, rng: random.Random) -> str:
    """How a function of the module says the session that it takes from nowhere else."""
    words, needed = rng.choice(HOMES[flavour].sessions)
    module.imports[needed] = None
    return words
