"""The converted application has the legacy application's settings when it is made beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask

from migrator.runtime.compat import App, settings_of


def legacy_app(folder: Path, **settings: Any) -> flask.Flask:
    app = flask.Flask("legacy", instance_path=str(folder))
    app.config.update(settings)
    return app


def test_settings_and_instance_folder_are_the_legacy_ones(tmp_path: Path) -> None:
    legacy = legacy_app(tmp_path, SECRET_KEY="one", SQLALCHEMY_DATABASE_URI="sqlite:///a.db")
    with settings_of(legacy):
        app = App(__name__)
        app.config["SECRET_KEY"] = "another"
        app.config.update(SQLALCHEMY_DATABASE_URI="sqlite:///b.db", OWN="kept")
        app.config.from_mapping(SECRET_KEY="a third")
        app.secret_key = "a fourth"
    assert app.instance_path == str(tmp_path)
    assert app.config["SECRET_KEY"] == app.secret_key == "one"
    assert app.config["SQLALCHEMY_DATABASE_URI"] == "sqlite:///a.db"
    assert app.config["OWN"] == "kept"


def test_what_a_view_assigns_later_is_kept(tmp_path: Path) -> None:
    with settings_of(legacy_app(tmp_path, READ_ONLY=False, PAGE=10)):
        app = App(__name__)
    app.config["READ_ONLY"] = True
    app.config.update(PAGE=1)
    assert (app.config["READ_ONLY"], app.config["PAGE"]) == (True, 1)


def test_they_are_there_before_the_set_up_code_reads_them(tmp_path: Path) -> None:
    with settings_of(legacy_app(tmp_path, PAGE=[1, {"a": 2}])):
        assert App(__name__).config["PAGE"] == [1, {"a": 2}]


def test_classes_and_functions_stay_each_sides_own(tmp_path: Path) -> None:
    with settings_of(legacy_app(tmp_path, USER_CLASS=dict, HOOKS=[print])):
        app = App(__name__)
        app.config["USER_CLASS"] = list
    assert app.config["USER_CLASS"] is list
    assert "HOOKS" not in app.config


def test_outside_nothing_is_shared(tmp_path: Path) -> None:
    with settings_of(legacy_app(tmp_path, SECRET_KEY="one")):
        pass
    app = App(__name__)
    app.config["SECRET_KEY"] = "own"
    assert app.config["SECRET_KEY"] == "own"
