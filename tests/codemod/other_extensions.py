"""Stand for Alchemical and sqlalchemy-helpers where they are not installed: what they do, for sync code."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

#: The files of each, by their paths.
_TEXTS = {
    "alchemical": {
        "__init__.py": "from alchemical.core import Model",
        "core.py": """
from contextlib import contextmanager
from sqlalchemy import MetaData, create_engine, delete, select, update
from sqlalchemy.orm import DeclarativeBase, declared_attr, sessionmaker


class BaseModel:
    __metadatas__ = {}

    @declared_attr.directive
    def __tablename__(cls):
        return cls.__name__.lower()

    def __init_subclass__(cls, **kwargs):
        key = getattr(cls, "__bind_key__", None)
        if key is not None:
            cls.metadata = cls.__metadatas__.setdefault(key, MetaData())
        elif None not in cls.__metadatas__ and getattr(cls, "metadata", None) is not None:
            cls.__metadatas__[None] = cls.metadata
        super().__init_subclass__(**kwargs)

    select = classmethod(select)
    update = classmethod(update)
    delete = classmethod(delete)


class Model(BaseModel, DeclarativeBase):
    __abstract__ = True


class Alchemical:
    def __init__(self, session_options=None, model_class=None):
        self.session_options = session_options or {}
        self.Model = self._get_declarative_base(model_class)

    def _get_declarative_base(self, model_class):
        if model_class is None:
            return Model
        if issubclass(model_class, BaseModel):
            return model_class

        class AlchemicalModel(BaseModel, model_class):
            __abstract__ = True

        return AlchemicalModel

    def initialize(self, url, binds):
        self.url, self.binds = url, binds or {}
        self.session_class = self.engines = self.table_binds = None

    def get_engine(self, bind=None):
        if self.engines is None:
            self.engines = {None: self._create_engine(self.url, future=True)}
            self.table_binds = {}
            for key, url in self.binds.items():
                self.engines[key] = self._create_engine(url, future=True)
                for table in self.Model.__metadatas__[key].tables.values():
                    self.table_binds[table] = self.engines[key]
        return self.engines.get(bind)

    def _create_engine(self, url, *args, **kwargs):
        return create_engine(url, *args, **kwargs)

    def create_all(self):
        for key in (None, *self.binds):
            self.Model.__metadatas__[key].create_all(self.get_engine(key))

    def drop_all(self):
        for key in (None, *self.binds):
            self.Model.__metadatas__[key].drop_all(self.get_engine(key))

    @property
    def Session(self):
        if self.session_class is None:
            self.session_class = sessionmaker(
                bind=self.get_engine(), binds=self.table_binds, **self.session_options
            )
        return self.session_class

    @contextmanager
    def begin(self):
        with self.Session() as session:
            with session.begin():
                yield session
""",
        "flask.py": """
from flask import g
from alchemical.core import Alchemical as BaseAlchemical, Model


class Alchemical(BaseAlchemical):
    def __init__(self, app=None, **kwargs):
        super().__init__(**kwargs)
        if app:
            self.init_app(app)

    def init_app(self, app):
        self.initialize(app.config["ALCHEMICAL_DATABASE_URL"], app.config.get("ALCHEMICAL_BINDS"))

        def teardown(error):
            if hasattr(g, "alchemical_session"):
                if error is None and app.config.get("ALCHEMICAL_AUTOCOMMIT"):
                    g.alchemical_session.commit()
                g.alchemical_session.close()
                del g.alchemical_session

        app.teardown_appcontext(teardown)

    @property
    def session(self):
        if not hasattr(g, "alchemical_session"):
            g.alchemical_session = self.Session()
        return g.alchemical_session
""",
    },
    "sqlalchemy_helpers": {
        "__init__.py": """
from sqlalchemy_helpers.manager import (
    Base, DatabaseManager, get_base, get_or_create, update_or_create
)
""",
        "manager.py": """
from functools import partial
from sqlalchemy import MetaData, create_engine, event, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import DeclarativeBase, scoped_session, sessionmaker

NAMING_CONVENTION = {"ix": "ix_%(column_0_label)s"}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)


def get_base(*args, **kwargs):
    return Base


class DatabaseManager:
    def __init__(self, uri, alembic_location, *, engine_args=None, base_model=None):
        self.engine = self._make_engine(uri, engine_args)
        self._base_model = base_model or Base
        self.Session = scoped_session(sessionmaker(autoflush=False, bind=self.engine))
        for question in (get_by_pk, get_one, get_or_create, update_or_create):
            setattr(self._base_model, question.__name__, _of_model(self.Session, question))

    def _make_engine(self, uri, engine_args):
        engine = create_engine(**{**(engine_args or {}), "url": uri})

        @event.listens_for(engine, "connect")
        def foreign_keys(connection, record):
            connection.execute("PRAGMA foreign_keys=ON")

        return engine

    def get_current_revision(self, session=None):
        with self.Session() as asked:
            return asked.connection().dialect.name


def get_by_pk(pk, *, session, model):
    return session.get(model, pk)


def get_one(session, model, **attrs):
    return session.scalars(select(model).filter_by(**attrs)).one()


def get_or_create(session, model, **attrs):
    try:
        return get_one(session=session, model=model, **attrs), False
    except NoResultFound:
        made = model(**attrs)
        session.add(made)
        session.flush()
        return made, True


def update_or_create(session, model, defaults=None, **attrs):
    found, is_new = get_or_create(session, model, **attrs)
    for key, value in (defaults or {}).items():
        setattr(found, key, value)
    return found, is_new


def _of_model(Session, question):
    class Asked:
        def __get__(self, instance, owner=None):
            return partial(question, session=Session(), model=owner)

    return Asked()
""",
        "flask_ext.py": """
from flask import abort, current_app
from sqlalchemy_helpers.manager import DatabaseManager


class DatabaseExtension:
    _app_manager_name = "_sqlah_database_manager"
    _app_base_model_name = "_sqlah_base_model"

    def __init__(self, app=None, base_model=None):
        self._base_model = base_model
        if app is not None:
            self.init_app(app)

    def init_app(self, app, base_model=None):
        app.config.setdefault("DB_ALEMBIC_LOCATION", "migrations")
        app.before_request(self.before_request)
        app.teardown_appcontext(self.teardown)
        app.extensions[self._app_base_model_name] = base_model or self._base_model

    def teardown(self, error):
        if self._app_manager_name in current_app.extensions:
            current_app.extensions[self._app_manager_name].Session.remove()

    def before_request(self):
        self.manager

    @property
    def session(self):
        return self.manager.Session()

    @property
    def manager(self):
        kept = current_app.extensions
        if self._app_manager_name not in kept:
            kept[self._app_manager_name] = DatabaseManager(
                current_app.config["SQLALCHEMY_DATABASE_URI"],
                current_app.config["DB_ALEMBIC_LOCATION"],
                base_model=kept[self._app_base_model_name],
            )
        return kept[self._app_manager_name]


def get_or_404(Model, pk, description=None):
    found = Model.get_by_pk(pk)
    return found if found is not None else abort(404, description=description)


def first_or_404(query, description=None, session=None):
    if not session:
        session = current_app.extensions[DatabaseExtension._app_manager_name].Session()
    found = session.scalars(query).first()
    return found if found is not None else abort(404, description=description)
""",
    },
}


def put(name: str, root: Path) -> None:
    """The modules of a distribution that is not installed, below a folder that is on the path."""
    if importlib.util.find_spec(name) is None:
        for path, text in _TEXTS[name].items():
            place = root / name / path
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()


def forget(name: str, runtime: str) -> None:
    """Take its modules away, with the module of ours that is made of them and has a MetaData."""
    for module in [m for m in sys.modules if m.partition(".")[0] == name or m == runtime]:
        del sys.modules[module]
