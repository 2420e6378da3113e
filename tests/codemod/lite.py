"""Stands for flask_sqlalchemy_lite where that is not installed: what its 0.2 does, for sync code."""

from __future__ import annotations

import importlib.util

INSTALLED = importlib.util.find_spec("flask_sqlalchemy_lite") is not None
TEXT = """
import sqlalchemy as sa
from flask import abort, current_app, g
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.orm import sessionmaker


class SQLAlchemy:
    def __init__(self, app=None, *, engine_options=None, session_options=None):
        self.engine_options, self.session_options = engine_options or {}, session_options or {}
        self.kept = {}
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        engines = {}
        for name, given in app.config["SQLALCHEMY_ENGINES"].items():
            given = {"url": given} if isinstance(given, str) else given
            engines[name] = sa.create_engine(**{**self.engine_options, **given})
        options = {**self.session_options, "bind": engines["default"]}
        binds = options.pop("binds", {})
        options["binds"] = {base: engines[name] for base, name in binds.items()}
        self.kept[app] = engines, sessionmaker(**options)
        app.extensions["sqlalchemy"] = self
        app.teardown_appcontext(self.close)

    def close(self, error):
        for session in g.pop("_sqlalchemy_sessions", {}).values():
            session.close()

    engines = property(lambda self: self.kept[current_app._get_current_object()][0])
    sessionmaker = property(lambda self: self.kept[current_app._get_current_object()][1])
    engine = property(lambda self: self.get_engine())
    session = property(lambda self: self.get_session())

    def get_engine(self, name="default"):
        return self.engines[name]

    def get_session(self, name="default"):
        sessions = g.setdefault("_sqlalchemy_sessions", {})
        return sessions.setdefault(name, None) or sessions.__setitem__(
            name, self.sessionmaker()
        ) or sessions[name]

    def get_or_abort(self, entity, ident, *, options=None, session=None, code=404):
        found = (session or self.session).get(entity, ident, options=options)
        return found if found is not None else abort(code)

    def one_or_abort(self, select, *, scalar=True, session=None, code=404):
        result = (session or self.session).execute(select)
        try:
            return result.scalar_one() if scalar else result.one()
        except (NoResultFound, MultipleResultsFound):
            abort(code)
"""
