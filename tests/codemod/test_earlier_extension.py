"""What Flask-SQLAlchemy 2 did, and nobody does since: each is told, and what looks like it is not."""

from __future__ import annotations

from pathlib import Path

import flask
import flask_sqlalchemy
import pytest

from migrator.codemod.outcome import outcome_of
from migrator.queries.earlier_extension import EARLIER
from migrator.runtime.db import SQLAlchemy
from tests.codemod.small_package import FILES, converted

VIEWS = "from flask import Blueprint\nfrom shop.models import Order, db\nbp = Blueprint('v', __name__)\n"
VIEW = VIEWS + "@bp.route('/told')\ndef told():\n    return str({})\n"
OWN = VIEWS + "from flask_sqlalchemy import SQLAlchemy\nclass Own(SQLAlchemy):\n    def {}\n"

TOLD = {
    "setting": VIEWS + "class Config:\n    SQLALCHEMY_POOL_SIZE = 20\n",
    "setting of a module": VIEWS + "SQLALCHEMY_POOL_RECYCLE: int = 20\n",
    "item": VIEWS + "def init(app):\n    app.config['SQLALCHEMY_COMMIT_ON_TEARDOWN'] = True\n",
    "update": VIEWS + "def init(app):\n    app.config.update(SQLALCHEMY_POOL_TIMEOUT=3)\n",
    "dict": VIEWS + "SETTINGS = {'SQLALCHEMY_MAX_OVERFLOW': 3}\n",
    "of the environment": VIEWS
    + "import os\nSQLALCHEMY_POOL_SIZE = os.environ.get('SQLALCHEMY_POOL_SIZE', 5)\n",
    "handed on": VIEWS + "class Config:\n    SQLALCHEMY_POOL_SIZE = 20\ndef init(app):\n"
    "    app.config['SQLALCHEMY_POOL_SIZE'] = Config.SQLALCHEMY_POOL_SIZE\n",
    "hook": OWN.format(
        "apply_driver_hacks(self, app, info, options):\n        return info, options"
    ),
    "hook of version 3": OWN.format("_make_engine(self, key, options, app):\n        return None"),
    "native unicode": VIEWS + "from flask_sqlalchemy import SQLAlchemy\n"
    "other = SQLAlchemy(use_native_unicode=False)\n",
    "a page by hand": VIEWS + "from flask_sqlalchemy import Pagination\n"
    "def page():\n    return Pagination(None, 1, 20, 0, [])\n",
    "its state": VIEW.format("__import__('flask').current_app.extensions['sqlalchemy'].db.session"),
    "method": VIEW.format("db.get_app()"),
    "method by a parameter": VIEWS + "def other(db):\n    return db.create_scoped_session({})\n"
    "@bp.route('/told')\ndef told():\n    return str(other(db))\n",
    "method as a value": VIEW.format("db.get_tables_for_bind"),
    "argument": VIEW.format("db.create_all(app=None)"),
}
NOT_TOLD = {
    "nothing set": VIEWS + "class Config:\n    SQLALCHEMY_POOL_SIZE = None\n"
    "    SQLALCHEMY_COMMIT_ON_TEARDOWN = False\n",
    "read": VIEWS + "class Config:\n    SQLALCHEMY_POOL_SIZE = 20\n"
    "    SQLALCHEMY_ENGINE_OPTIONS = {'pool_size': SQLALCHEMY_POOL_SIZE}\n",
    "read by its name": VIEWS + "SETTINGS = {'SQLALCHEMY_POOL_SIZE': 20}\n"
    "def init(app):\n    return {'pool_size': app.config['SQLALCHEMY_POOL_SIZE']}\n",
    "own": OWN.format("get_app(self):\n        return 1").replace("get_app", "get_shop"),
    "another's": VIEW.format("flask_shop.get_app()").replace("bp =", "import flask_shop\nbp =", 1),
    "of SQLAlchemy": VIEW.format("db.create_engine('sqlite://')"),
    "of both": VIEW.format("db.get_engine('other')")
    + "def init():\n    db.create_all('__all__')\n",
}


@pytest.mark.parametrize("code", [*TOLD, *NOT_TOLD])
def test_what_is_told(code: str, tmp_path: Path) -> None:
    made = outcome_of(converted(tmp_path, {**TOLD, **NOT_TOLD}[code], "fastapi"))
    assert ("MIG428" in [f.code for f in made.findings]) == (code in TOLD)


def test_a_method_of_ones_own_is_none_of_its(tmp_path: Path) -> None:
    models = FILES["models.py"].replace(
        "db = SQLAlchemy()",
        "class Own(SQLAlchemy):\n    def get_tables(self):\n        return self.metadatas\n\n"
        "    def get_store(self):\n        return self.get_tables()\n\n\ndb = Own()",
    )
    files = f"# file: models.py\n{models}\n# file: views.py\n{VIEW.format('db.get_store()')}"
    made = outcome_of(converted(tmp_path, files, "fastapi"))
    assert "MIG428" not in [f.code for f in made.findings]


_REGISTRY = """
from flask import Blueprint, jsonify
from shop.models import Order, db
bp = Blueprint('v', __name__)
db.reader = db.session

def init(app):
    db.reader = db.create_scoped_session(options={}) if app.config.get("READER") else db.session

@bp.route('/told')
def told():
    return jsonify(db.reader.query(Order).count())
"""


def test_a_registry_that_version_2_made_is_one(tmp_path: Path) -> None:
    conversion = converted(tmp_path, _REGISTRY, "fastapi")
    assert "await db.reader.scalar(select(func.count())" in conversion.texts["views.py"]
    assert "MIG428" in [f.code for f in outcome_of(conversion).findings]


#: The public names of flask_sqlalchemy.SQLAlchemy 2.5.1, and what it hung on its objects.
_OF_VERSION_2 = """
Query metadata create_scoped_session create_session make_declarative_base init_app
apply_pool_defaults apply_driver_hacks engine make_connector get_engine create_engine get_app
get_tables_for_bind get_binds _execute_for_all_tables create_all drop_all reflect session Model
use_native_unicode
"""


def test_each_name_of_version_2_is_there_or_told() -> None:
    app = flask.Flask(__name__)
    db = SQLAlchemy(app, engine_options={"url": "sqlite://"})
    here = {name for name in _OF_VERSION_2.split() if hasattr(db, name)}
    assert here.isdisjoint(EARLIER)
    assert here | EARLIER.keys() == set(_OF_VERSION_2.split())


def test_version_3_has_none_of_them_either() -> None:
    assert not [name for name in EARLIER if hasattr(flask_sqlalchemy.SQLAlchemy, name)]
