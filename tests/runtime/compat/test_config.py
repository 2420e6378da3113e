"""The configuration object, the paths and the properties of an application."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask
import pytest

from migrator.runtime.compat import App, Config


def both_configs(root: Path) -> tuple[Any, Any]:
    return Config(root, {"A": 1}), flask.Config(str(root), {"A": 1})


class Settings:
    DEBUG = True
    lower = "no"
    NAME = "x"


def test_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.py").write_text("import os\nKEY = 'value'\nlower = 1\nPATH = __file__\n")
    (tmp_path / "settings.json").write_text('{"FROM_JSON": [1], "ignored": 2}')
    monkeypatch.setenv("FLASK_ONE", "1")
    monkeypatch.setenv("FLASK_TEXT", "not json")
    monkeypatch.setenv("FLASK_NESTED__KEY__deep", "true")
    monkeypatch.setenv("SETTINGS_FILE", "settings.py")
    for config in both_configs(tmp_path):
        config.from_object(Settings)
        config.from_pyfile("settings.py")
        config.from_envvar("SETTINGS_FILE")
        config.from_file("settings.json", load=json.load)
        config.from_mapping({"M": 1, "m": 2}, KW=3)
        config.from_prefixed_env()
        config["STORE_PATH"] = 1
        config["STORE_KIND"] = 2
    ours, flasks = both_configs(tmp_path)
    for config in (ours, flasks):
        config.from_pyfile("settings.py")
        config.from_prefixed_env()
        config.from_mapping(STORE_PATH=1, STORE_KIND=2)
    assert dict(ours) == dict(flasks)
    for options in ({}, {"lowercase": False}, {"trim_namespace": False}):
        assert ours.get_namespace("STORE_", **options) == flasks.get_namespace("STORE_", **options)
    assert repr(ours) == repr(flasks)


def test_what_is_missing(tmp_path: Path) -> None:
    for config in both_configs(tmp_path):
        assert config.from_pyfile("nothing.py", silent=True) is False
        with pytest.raises(OSError, match="Unable to load configuration file"):
            config.from_pyfile("nothing.py")
        assert config.from_envvar("NO_SUCH_VARIABLE", silent=True) is False
        with pytest.raises(RuntimeError, match="NO_SUCH_VARIABLE"):
            config.from_envvar("NO_SUCH_VARIABLE")
        assert config.from_file("nothing.json", load=json.load, silent=True) is False


def test_the_defaults_are_flask_s() -> None:
    assert dict(App(__name__).config) == dict(flask.Flask(__name__).config)


@pytest.mark.parametrize(
    "name", ["flask", "json", "werkzeug.wrappers", "no_such_module_at_all", __name__]
)
def test_paths_are_flask_s(name: str) -> None:
    ours, flasks = App(name), flask.Flask(name)
    assert ours.root_path == flasks.root_path
    assert ours.instance_path == flasks.instance_path
    assert ours.static_folder == flasks.static_folder
    assert ours.static_url_path == flasks.static_url_path
    assert ours.name == flasks.name


def test_properties() -> None:
    app = App(__name__, instance_path="/srv/instance", instance_relative_config=True)
    assert app.config.root_path == "/srv/instance"
    with pytest.raises(ValueError, match="absolute"):
        App(__name__, instance_path="relative")
    app.debug = True
    assert app.config["DEBUG"] is True
    assert app.jinja_env.auto_reload is True
    app.debug = False
    assert app.jinja_env.auto_reload is False
    app.testing = True
    assert app.config["TESTING"] is True
    app.secret_key = "s"
    assert app.config["SECRET_KEY"] == "s"
    app.permanent_session_lifetime = timedelta(days=1)
    assert app.config["PERMANENT_SESSION_LIFETIME"] == timedelta(days=1)
    app.config["PERMANENT_SESSION_LIFETIME"] = 60
    assert app.permanent_session_lifetime == timedelta(minutes=1)
    assert app.make_shell_context()["app"] is app
    assert repr(app) == f"<App {__name__!r}>"


def test_the_logger_has_one_handler_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    logger = App("a.new.application").logger
    assert logger.name == "a.new.application"
    assert len(logger.handlers) == 1
    assert len(App("a.new.application").logger.handlers) == 1
