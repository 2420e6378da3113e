"""A text that names a module of the legacy package imports that one: it is told of."""

from __future__ import annotations

import importlib
import textwrap

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.parity import Make

TOLD = {
    "a list": "KINDS = ['{name}.kinds.pdf']",
    "settings": "SETTINGS = {{'KINDS': '{name}.kinds.pdf:Pdf'}}",
    "a class": "CACHE = '{name}.kinds.pdf.Pdf'",
    "a function that is given": "def go(run):\n    run('{name}.kinds.pdf.render')",
    "a task in a schedule": "BEAT = {{'task': '{name}.kinds.tasks.render'}}",
    "put together": "def name(kind):\n    return f'{name}.kinds.{{kind}}'",
    "put together by format": "def name(kind):\n    return '{name}.kinds.{{}}'.format(kind)",
}
NOT_TOLD = {
    "a docstring": "def go():\n    '{name}.kinds.pdf'",
    "a logger": "import logging\nlog = logging.getLogger('{name}.kinds.pdf')",
    "what follows the package": "from importlib import import_module\n"
    "def go():\n    return import_module('{name}.kinds.pdf')",
    "a relative import": "from importlib import import_module\n"
    "def go(kind):\n    return import_module('.' + kind, package='{name}.kinds')",
    "a key": "KEY = '{name}:status'",
    "another name": "NAME = '{name}.kinds.pdf.pages.total'",
    "what is noted of a function": "EVENT = {{'by': '{name}.kinds.pdf.render'}}",
    "one word": "NAME = '{name}'",
}
APP = """
from flask import Flask


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def index():
        return ""

    return app
"""
FILES = {
    "kinds/__init__.py": "FOUND = []\n",
    "kinds/tasks.py": "from celery import shared_task\n@shared_task\ndef render():\n    pass\n",
    "kinds/pdf.py": "class Pdf:\n    pass\ndef render():\n    pass\n",
}


@pytest.mark.parametrize("code", [*TOLD, *NOT_TOLD])
def test_what_is_told(code: str, make_sides: Make) -> None:
    text = {**TOLD, **NOT_TOLD}[code]
    files = {**FILES, "__init__.py": APP, "settings.py": text + "\n"}
    sides = make_sides("named", files)
    codes = [f.code for f in outcome_of(sides.conversion).findings]
    assert codes.count("MIG121") == (code in TOLD)


SETTINGS = """
from flask import Flask, jsonify
from werkzeug.utils import import_string


def create_app():
    app = Flask(__name__)
    app.config.from_pyfile("shop.cfg.example")

    @app.get("/")
    def index():
        return jsonify(import_string(app.config["KIND"]).__module__.split("_")[0])

    return app
"""


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("KEY = 'x'\nKIND = '{name}.kinds.pdf.Pdf'\n", [(2, 8)]),
        ("KIND = 'collections.Counter'\n", []),
        ("# '{name}.kinds.pdf.Pdf'\nKIND = 'json.JSONEncoder'\n", []),
    ],
)
def test_settings_in_a_file_of_any_name(
    settings: str, told: list[tuple[int, int]], make_sides: Make
) -> None:
    files = {**FILES, "__init__.py": SETTINGS, "shop.cfg.example": settings, "x.cfg": settings}
    sides = make_sides("set_in", files)
    legacy = importlib.import_module(sides.legacy).create_app()
    [(expected, found)] = sides.both(legacy, [("GET", "/")], lambda: None)
    assert found[3] == expected[3]  # the legacy class, where it is told of
    findings = [f for f in outcome_of(sides.conversion).findings if f.code == "MIG121"]
    assert [(f.line, f.column) for f in findings] == told
    assert all(f.path == "shop.cfg.example" for f in findings)


PLUGINS = textwrap.dedent("""
    import sys
    from importlib import import_module
    from flask import Flask, jsonify
    from .kinds import FOUND

    WHAT

    def create_app():
        app = Flask(__name__)
        for name in NAMES:
            load(name)

        @app.get("/")
        def index():
            return jsonify(FOUND)

        return app
    """)
PDF = "from . import FOUND\nFOUND.append('pdf')\n"


@pytest.mark.parametrize(
    ("names", "answer"),
    [
        # What is told of: the legacy module enters itself in the legacy list.
        ("NAMES = ['{name}.kinds.pdf']\nload = import_module", b"[]\n"),
        ("NAMES = [f'{{__name__}}.kinds.pdf']\nload = import_module", b'["pdf"]\n'),
        (
            "NAMES = ['.pdf']\ndef load(name):\n    import_module(name, package='{name}.kinds')",
            b'["pdf"]\n',
        ),
    ],
)
def test_what_is_imported(names: str, answer: bytes, make_sides: Make) -> None:
    files = {"kinds/__init__.py": "FOUND = []\n", "kinds/pdf.py": PDF}
    sides = make_sides("plugins", {**files, "__init__.py": PLUGINS.replace("WHAT", names)})
    legacy = importlib.import_module(sides.legacy).create_app()
    [(expected, found)] = sides.both(legacy, [("GET", "/")], lambda: None)
    assert expected[3] == b'["pdf"]\n'
    assert found[3] == answer
    told = "MIG121" in [f.code for f in outcome_of(sides.conversion).findings]
    assert told == (expected[3] != found[3])
