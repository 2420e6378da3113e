"""What was set for the legacy package's loggers by their names holds for those of the converted one."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.codemod.conftest import make_sides as make_sides
from tests.codemod.parity import FRAMES, Make

APP = {
    "__init__.py": """
        import logging
        import logging.config
        import sys
        from flask import Flask

        SETTINGS = {{
            "version": 1,
            "handlers": {{
                "kept": {{"()": sys.modules["handler_of_loggers"].Kept, "where": "all"}},
                "deep": {{"()": sys.modules["handler_of_loggers"].Kept, "where": "deep"}},
            }},
            "loggers": {{
                "{name}": {{"level": "INFO", "handlers": ["kept"], "propagate": False}},
                "{name}.deep": {{"level": "DEBUG", "handlers": ["deep"]}},
            }},
        }}

        def create_app():
            app = Flask(__name__)
            from .views import bp
            app.register_blueprint(bp)
            logging.config.dictConfig(SETTINGS)
            return app
        """,
    "views.py": """
        import logging
        from flask import Blueprint
        from . import deep

        bp = Blueprint("views", __name__)
        log = logging.getLogger(__name__)

        @bp.get("/work")
        def work():
            log.debug("not this")
            log.info("worked")
            deep.log.debug("deeply")
            return "done"
        """,
    "deep.py": """
        import logging

        log = logging.getLogger(__name__)
        """,
}
kept: list[tuple[str, str]] = []


class Kept(logging.Handler):
    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def emit(self, record: logging.LogRecord) -> None:
        kept.append((self.where, record.getMessage()))


@pytest.fixture(autouse=True)
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = ModuleType("handler_of_loggers")
    module.Kept = Kept  # type: ignore[attr-defined]  # a module is given names
    monkeypatch.setitem(sys.modules, module.__name__, module)
    kept.clear()
    known = logging.root.manager.loggerDict.values()
    before = {one: one.disabled for one in known if isinstance(one, logging.Logger)}
    yield
    for one, disabled in before.items():
        one.disabled = disabled
    kept.clear()


@pytest.mark.parametrize("frame", FRAMES)
def test_both_sides_log_alike(frame: str, make_sides: Make) -> None:
    sides = make_sides(f"logging_{frame}", APP, frame)
    legacy = importlib.import_module(sides.legacy).create_app()
    list(sides.answers(legacy, [("GET", "/work")]))
    expected = list(kept)
    assert expected == [("all", "worked"), ("deep", "deeply"), ("all", "deeply")]
    with sides.converted() as asgi:
        kept.clear()
        list(sides.answers(asgi.app, [("GET", "/work")]))
        assert kept == expected
        assert not logging.getLogger("migrator.implicit").disabled
