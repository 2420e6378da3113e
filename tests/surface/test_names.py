"""Every name that the codemod moves is there: the tables agree with the runtime."""

from __future__ import annotations

import importlib

import flask
import flask_login
import pytest

from migrator.runtime import compat
from migrator.runtime.compat import login
from migrator.surface import names


def all_targets() -> list[tuple[str, str]]:
    listed = {f"flask.{n}" for n in names._FLASK} | {f"flask_login.{n}" for n in names._LOGIN}
    tables = set(names._OTHERS) | set(names._SQLALCHEMY)
    found = [names.target(dotted) for dotted in sorted(listed | tables)]
    found += [names.target(dotted, "flask") for dotted in sorted(names._ON_FLASK)]
    # These are not installed: the tests of each have stand-ins for them.
    apart = (".connexion", ".openapi3", names.ALCHEMICAL, names.HELPERS)
    return [t for t in found if t is not None and not t[0].endswith(apart)]


@pytest.mark.parametrize(("module", "name"), all_targets())
def test_the_target_exists(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


def test_what_compat_offers_of_flask_is_moved() -> None:
    own = {n for n in compat.__all__ if hasattr(flask, n)}
    assert own <= names._FLASK | {"app_ctx", "request_ctx"}


def test_what_compat_offers_of_flask_login_is_moved() -> None:
    assert {n for n in login.__all__ if hasattr(flask_login, n)} <= names._LOGIN


@pytest.mark.parametrize(
    ("dotted", "supported"),
    [
        ("flask.request.args", True),
        ("flask.globals.g", True),
        ("flask.signals", False),
        ("flask.json.dump", True),
        ("flask.json.provider.DefaultJSONProvider", False),
        ("flask.json.tag", False),
        ("flask.views.MethodView", True),
        ("flask_sqlalchemy.SQLAlchemy", True),
        ("flask_sqlalchemy.record_queries.get_recorded_queries", True),
        ("flask_sqlalchemy.track_modifications.models_committed", False),
        ("werkzeug.exceptions.NotFound", True),
    ],
)
def test_supported(dotted: str, supported: bool) -> None:
    assert names.supported(dotted) is supported
