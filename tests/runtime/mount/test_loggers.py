"""What was set for the legacy package's loggers by their names holds for those of the converted one."""

from __future__ import annotations

import importlib
import logging
import logging.config
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from migrator.runtime.mount.loggers import share_settings
from migrator.runtime.told import get_logger
from migrator.surface import FrameChoice
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

        class Own(logging.Handler):
            def emit(self, record):
                record.seen.append(__name__)

        def create_app():
            app = Flask(__name__)
            from .views import bp
            app.register_blueprint(bp)
            logging.config.dictConfig(SETTINGS)
            logging.getLogger("{name}.own").handlers.append(Own())
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
            seen = []
            logging.getLogger(__package__ + ".own").info("own", extra={{"seen": seen}})
            return "done by " + str([name == __package__ for name in seen])
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
def test_both_sides_log_alike(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides(f"logging_{frame}", APP, frame)
    legacy = importlib.import_module(sides.legacy).create_app()
    ((*_, body, _, _),) = sides.answers(legacy, [("GET", "/work")])
    assert body == b"done by [True]"
    expected = list(kept)
    assert expected[:3] == [("all", "worked"), ("deep", "deeply"), ("all", "deeply")]
    with sides.converted() as asgi:
        kept.clear()
        ((*_, body, _, _),) = sides.answers(asgi.app, [("GET", "/work")])
        assert body == b"done by [True]"
        assert kept == expected
        assert not logging.getLogger("migrator.runtime.db.implicit").disabled
        kept.clear()
        list(sides.answers(legacy, [("GET", "/work")]))
        assert kept == expected


def test_a_handler_of_the_legacy_packages_own_is_told(caplog: pytest.LogCaptureFixture) -> None:
    own = type("Own", (logging.Handler,), {"__module__": "loggers_of_legacy.logs"})
    logging.getLogger("loggers_of_legacy").addHandler(own())
    logging.getLogger("loggers_of_legacy.deep").addHandler(logging.NullHandler())
    logging.getLogger("loggers_of_legacy.deep").setLevel("ERROR")
    share_settings("loggers_of_legacy.web", "loggers_of_target")
    twins = [logging.getLogger(f"loggers_of_target{name}") for name in ("", ".deep")]
    assert [[type(h) for h in twin.handlers] for twin in twins] == [[], [logging.NullHandler]]
    assert twins[1].level == logging.ERROR
    assert "has handlers of the legacy package's own (Own)" in caplog.text


def test_what_the_converted_package_has_set_for_its_own_loggers_stands() -> None:
    legacy, target = logging.getLogger("standing_legacy"), logging.getLogger("standing_target")
    legacy.setLevel("ERROR")
    target.setLevel("DEBUG")
    target.addHandler(kept_one := logging.NullHandler())
    share_settings("standing_legacy", "standing_target")
    assert (target.level, target.handlers) == (logging.DEBUG, [kept_one])


def test_no_configuration_of_other_loggers_disables_the_runtimes(tmp_path: Path) -> None:
    ours = get_logger("migrator.runtime.db.scope")
    assert get_logger(ours.name) is ours is logging.getLogger(ours.name)
    others = logging.getLogger("others_that_are_disabled")
    handlers = list(logging.root.handlers)
    file = tmp_path / "logging.ini"
    file.write_text(
        "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nhandlers=\n"
    )
    try:
        logging.config.fileConfig(file)
        assert others.disabled
        assert not ours.disabled
        logging.config.dictConfig({"version": 1, "loggers": {ours.name: {"level": "CRITICAL"}}})
        assert not ours.isEnabledFor(logging.ERROR)
    finally:
        ours.setLevel(logging.NOTSET)
        logging.root.handlers[:] = handlers
