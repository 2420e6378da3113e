"""What begins with the application begins once for each package of the mount: it is told of."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.parity import Make
from tests.codemod.small_package import converted

TOLD = {
    "jobs": "import schedule\nschedule.every().hour.do(print)\n",
    "module": "import threading\nthreading.Timer(1, print).start()\n",
    "scheduler": "from apscheduler.schedulers.background import BackgroundScheduler as Kind\n"
    "made = Kind()\n",
    "in a function": "def begin(app):\n    from flask_apscheduler import APScheduler\n"
    "    APScheduler().init_app(app)\n",
}
NOT_TOLD = {
    "own scheduler": "import schedule\nschedule.Scheduler().every().hour.do(print)\n",
    "request": "from threading import Thread\n@bp.route('/now')\ndef now():\n"
    "    Thread(target=print).start()\n    return ''\n",
    "own process": "from apscheduler.schedulers.blocking import BlockingScheduler\n"
    "made = BlockingScheduler()\n",
    "command": "from apscheduler.schedulers.background import BackgroundScheduler\n"
    "@bp.cli.command('run')\ndef run():\n    BackgroundScheduler().start()\n",
    "another's": "class Thread:\n    pass\nmade = Thread()\n",
}


@pytest.mark.parametrize("code", [*TOLD, *NOT_TOLD])
def test_what_is_told(code: str, tmp_path: Path) -> None:
    views = "from flask import Blueprint\nbp = Blueprint('views', __name__)\n"
    made = outcome_of(converted(tmp_path, views + {**TOLD, **NOT_TOLD}[code], "fastapi"))
    assert [f.code for f in made.findings].count("MIG119") == (code in TOLD)


APP = {
    "__init__.py": """
        import sys
        import threading
        from flask import Flask

        begun = sys.modules["begun_by_either"].begun

        def create_app():
            app = Flask(__name__)
            thread = threading.Thread(target=begun.append, args=(__name__,))
            thread.start()
            thread.join()
            return app
        """,
}


def test_it_is_begun_twice(make_sides: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import ModuleType

    shared = ModuleType("begun_by_either")
    shared.begun = []  # type: ignore[attr-defined]  # a module is given names
    monkeypatch.setitem(sys.modules, shared.__name__, shared)
    sides = make_sides("begun", APP, "fastapi")
    with sides.converted():
        assert sorted(shared.begun) == [sides.legacy, sides.target]
    assert [f.code for f in outcome_of(sides.conversion).findings] == ["MIG119"]
    assert importlib.import_module(sides.target).begun is shared.begun
