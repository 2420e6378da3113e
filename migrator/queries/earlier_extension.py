"""What Flask-SQLAlchemy 2 had on its `db`, and the extension of converted code has not.

https://flask-sqlalchemy.readthedocs.io/en/stable/changes/#version-3-0-0
"""

from __future__ import annotations

import ast

#: What gives a registry of sessions, as a `scoped_session` is one.
MAKES_REGISTRIES = "create_scoped_session"
#: Methods and attributes, and what to write in their place.
EARLIER = {
    "_execute_for_all_tables": "db.create_all() and its like, by keys",
    "apply_driver_hacks": "engine_options, which SQLAlchemy() takes",
    "apply_pool_defaults": "engine_options, which SQLAlchemy() takes",
    MAKES_REGISTRIES: "db.session, or a sessionmaker of SQLAlchemy's with a scoped_session",
    "get_app": "current_app",
    "get_binds": "db.engines, by keys",
    "get_tables_for_bind": "db.metadatas[key].tables",
    "make_connector": "db.engines[key]",
    "make_declarative_base": "model_class, which SQLAlchemy() takes",
    "use_native_unicode": "nothing: drivers have done it by themselves for long",
}
_KEYWORDS = {
    "create_all": ("app", "bind"),
    "drop_all": ("app", "bind"),
    "reflect": ("app", "bind"),
    "get_engine": ("app",),
}


def earlier_argument(name: str, call: ast.Call) -> str:
    """The keyword of a method of `db` that version 3 took from it; "" for none."""
    gone = _KEYWORDS.get(name, ())
    return next((k.arg for k in call.keywords if k.arg in gone), "")


__all__ = ["EARLIER", "MAKES_REGISTRIES", "earlier_argument"]
