"""`module:attribute`: every way in which it can be wrong has its own message."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask

from migrator.errors import EXIT_USAGE, LoadError
from migrator.runtime.loading import application_kind, load_application, resolve_application

SHOP = """
from fastapi import FastAPI
from flask import Flask

app = Flask("shop")
target = FastAPI()


class Holder:
    inner = app
    nothing = None


def create_app(config=None):
    return Flask("made")


async def asgi(scope, receive, send):
    pass


class Asgi:
    async def __call__(self, scope, receive, send):
        pass


asgi_object = Asgi()
number = 5


def wsgi(environ, start_response):
    return []


def needs_arguments(config):
    return app


def breaks():
    raise KeyError("SECRET_KEY")


def exits():
    raise SystemExit("no settings")


def returns_nothing():
    return None


async def async_factory():
    return app
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "shop_for_loading.py").write_text(SHOP)
    (tmp_path / "breaks_on_import.py").write_text("raise RuntimeError('no DATABASE_URL')\n")
    (tmp_path / "exits_on_import.py").write_text("raise SystemExit(1)\n")
    (tmp_path / "does_not_parse.py").write_text("def f(:\n")
    (tmp_path / "not_installed.py").write_text(
        "from importlib.metadata import version\nversion(__name__)\n"
    )
    (tmp_path / "needs_a_package.py").write_text("import no_such_package.inside\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        ("app", "flask"),
        ("target", "asgi"),
        ("Holder.inner", "flask"),
        ("create_app", "flask"),
        ("create_app()", "flask"),
        ("create_app('x')", "flask"),
        ("create_app(config={'a': [1, None]})", "flask"),
        ("needs_arguments('x')", "flask"),
        ("asgi", "asgi"),
        ("asgi_object", "asgi"),
        ("Asgi", "asgi"),
    ],
)
def test_applications_and_factories(folder: Path, attribute: str, kind: str) -> None:
    app = load_application(f"shop_for_loading:{attribute}", app_dir=folder)
    assert application_kind(app) == kind


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("shop_for_loading", ["names no application", "no colon", "module:attribute"]),
        ("", ["no colon"]),
        ("shop_for_loading.py:app", ["no module 'shop_for_loading.py'"]),
        ("a/shop.py:app", ["a module's name, not a file's"]),
        ("shop:create_app('x'", ["has to end with one"]),
        ("shop:create_app(x)", ["are literals"]),
        ("shop:create_app(*'x')", ["are literals"]),
        ("shop:create_app(**{})", ["are literals"]),
        ("shop:create_app()('x')", ["are literals"]),
        ("shop:", ["A module's name, a colon"]),
        (
            "no_such_module:app",
            ["There is no module 'no_such_module'", "neither in {folder}", "Check"],
        ),
        ("no_such_module.wsgi:app", ["There is no module 'no_such_module'"]),
        ("shop_for_loading.wsgi:app", ["no module 'shop_for_loading.wsgi'"]),
        ("needs_a_package:app", ["the module 'no_such_package' that it needs", "Install"]),
        ("breaks_on_import:app", ["raised RuntimeError: no DATABASE_URL", "python -c"]),
        (
            "not_installed:app",
            ["Importing 'not_installed' raised PackageNotFoundError: No package"],
        ),
        ("exits_on_import:app", ["raised SystemExit: 1"]),
        ("does_not_parse:app", ["raised SyntaxError"]),
        ("shop_for_loading:ap", ["has no attribute 'ap'", "Did you mean app"]),
        ("shop_for_loading:zzz", ["has no attribute 'zzz'", "app", "target"]),
        ("shop_for_loading:Holder.outer", ["the class Holder has no attribute 'outer'"]),
        ("shop_for_loading:number.x", ["an object of the class builtins.int", "Nothing there"]),
        ("shop_for_loading:number", ["is an object of the class builtins.int", "neither"]),
        ("shop_for_loading:Holder.nothing", ["is None"]),
        ("shop_for_loading:wsgi", ["is a function, wsgi(environ, start_response)"]),
        (
            "shop_for_loading:needs_arguments",
            ["is a function, needs_arguments(config)", "Give a factory the arguments"],
        ),
        (
            "shop_for_loading:needs_arguments('test', 'more')",
            ["is a function, needs_arguments(config), with other arguments than it takes"],
        ),
        ("shop_for_loading:app()", ["is an object of the class flask.app.Flask"]),
        ("shop_for_loading:breaks", ["Calling", "raised KeyError: 'SECRET_KEY'"]),
        ("shop_for_loading:exits()", ["raised SystemExit: no settings"]),
        ("shop_for_loading:returns_nothing", ["returned None", "must return"]),
        ("shop_for_loading:async_factory", ["returned a coroutine, which nobody awaits"]),
    ],
)
def test_each_mistake_has_its_message(folder: Path, spec: str, parts: list[str]) -> None:
    with pytest.raises(LoadError) as caught:
        load_application(spec, app_dir=folder)
    for part in parts:
        assert part.replace("{folder}", f"{folder} nor") in str(caught.value)
    assert (caught.value.code, caught.value.exit_code) == ("MIG030", EXIT_USAGE)


def test_the_cause_is_kept(folder: Path) -> None:
    with pytest.raises(LoadError) as caught:
        load_application("breaks_on_import:app", app_dir=folder)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_the_working_directory_is_searched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert isinstance(load_application("shop_for_loading:target"), FastAPI)
    assert str(folder) in sys.path


def test_the_import_path_is_left_alone_on_request(folder: Path) -> None:
    with pytest.raises(LoadError, match="There is no module"):
        load_application("shop_for_loading:app", app_dir=None)
    assert str(folder) not in sys.path


@pytest.mark.parametrize("given", [None, 5, "text", Flask, object()])
def test_what_is_no_application(given: Any) -> None:
    assert application_kind(given) is None


def test_an_object_or_its_factory() -> None:
    app = Flask("x")
    factory: Callable[[], Flask] = lambda: app  # noqa: E731  # the shortest factory
    assert resolve_application(app, "it") is app
    assert resolve_application(factory, "it") is app
