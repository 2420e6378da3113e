"""Files beside the folder that call what gives something else now: each use is told of, and what to write there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.finding import Finding
from migrator.codemod.outcome import outcome_of
from tests.cli.outside import ROOT, repository
from tests.codemod import small_package

SERVICES = """\
from celery import shared_task
from shop.models import Order, db


def total():
    return sum(order.total for order in Order.query)


def clean():
    count = Order.query.filter(Order.total == 0).delete()
    db.session.commit()
    return count


def large():
    return Order.query.filter(Order.total > 10)


def each():
    for order in Order.query:
        yield order.total


def double(number):
    return 2 * number


@shared_task
def sweep():
    return clean()


class Report:
    @classmethod
    def rows(cls):
        return Order.query.count()

    @staticmethod
    def title():
        return "rows"
"""
VIEWS = """\
from flask import Blueprint, jsonify
from shop.services import Report, clean, each, large, sweep, total

bp = Blueprint("shop", __name__)


@bp.route("/")
def index():
    return jsonify(total(), clean(), [o.total for o in large()], list(each()), Report.rows())


@bp.route("/later")
def later():
    sweep.delay()
    return ""


@bp.cli.command("wipe")
def wipe():
    print(clean())
"""
FILES = {**small_package.FILES, "services.py": SERVICES, "views.py": VIEWS}
FROM = "from shop.services import *\n"


def told(
    folder: Path, beside: dict[str, str], package: str = "", **options: object
) -> list[Finding]:
    """What is said of files beside the package, with git where the folder holds a repository."""
    for name, text in beside.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    root = small_package.write(folder, FILES)
    repository(folder)
    exclude = options.pop("exclude", ())
    assert isinstance(exclude, tuple)
    outcome = outcome_of(convert(root, package=package, exclude=exclude))
    assert outcome.totals.seen == outcome.totals.native + outcome.totals.bridged
    return [f for f in (*outcome.findings, *outcome.notes) if f.code == "MIG130"]


TOLD = {
    "an imported function": "from shop.services import clean\nclean()",
    "by another name": "from shop.services import clean as sweep_up\nsweep_up()",
    "a module": "import shop.services\nshop.services.clean()",
    "a module by another name": "import shop.services as work\nwork.clean()",
    "a module of the package": "from shop import services\nservices.clean()",
    "a star": f"{FROM}clean()",
    "inside of a function": "def main():\n    from shop.services import clean\n    clean()",
    "a method of a class": "from shop.services import Report\nReport.rows()",
    "a class below one of the package": (
        "from shop.services import Report\nclass Short(Report):\n    pass\nShort.rows()"
    ),
    "in a condition": "from shop.services import total\nif total():\n    pass",
    "given away": "from threading import Thread\nfrom shop.services import clean\nThread(target=clean)",
    "a query that is a select": "from shop.services import large\nlarge().all()",
    "an iterator": "from shop.services import each\nlist(each())",
}
NOT_TOLD = {
    "awaited": "from shop.services import clean\nasync def main():\n    await clean()",
    "waited for": "import asyncio\nfrom shop.services import clean\nasyncio.run(clean())",
    "unbridged": "from migrator.runtime.db import unbridge\nfrom shop.services import clean\nunbridge(clean())",
    "iterated over": f"{FROM}async def main():\n    async for one in each():\n        pass",
    "a plain function": "from shop.services import double\ndouble(2)",
    "a plain method": "from shop.services import Report\nReport.title()",
    "a task": "from shop.services import sweep\nsweep.delay()\nsweep()",
    "a command": "from shop.views import wipe\nfrom cli import group\ngroup.add_command(wipe)\nwipe()",
    "a query of its own": "from shop.models import Order\nOrder.query.count()",
    "a parameter": f"{FROM}def main(clean):\n    clean()",
    "models of its own": (
        "from sqlalchemy.orm import declarative_base\nfrom shop.services import double\n"
        "Base = declarative_base()\nclass Row(Base):\n    __tablename__ = 'row'\nRow.metadata.tables"
    ),
    "models on an extension of its own": (
        "from flask_sqlalchemy import SQLAlchemy\nfrom shop.services import double\n"
        "db = SQLAlchemy()\nclass Row(db.Model):\n    __tablename__ = 'row'\nRow.query.count()"
    ),
    "a name of its own": f"{FROM}def clean():\n    pass\nclean()",
    "somebody else's": "from workshop.services import clean\nclean()",
    "text alone": "'shop.services'\nclean()",
    "no Python": "from shop.services import clean\nclean(",
}


def test_what_is_told(tmp_path: Path) -> None:
    files = {f"bin/{name}.py": f"{text}\n" for name, text in {**TOLD, **NOT_TOLD}.items()}
    found = told(tmp_path, files)
    assert {f.severity for f in found} == {"error"}
    assert sorted(f.path for f in found) == sorted(f"../bin/{name}.py" for name in TOLD)


CALLS = "from shop.services import clean\nclean()\n"


@pytest.mark.parametrize(
    ("beside", "paths"),
    [
        ({"manage.py": CALLS, "a/b/c.py": CALLS}, ["../a/b/c.py", "../manage.py"]),
        ({"tests/test_shop.py": CALLS, "conftest.py": CALLS, "test/help.py": CALLS}, []),
        ({".gitignore": "build/", "build/lib/x.py": CALLS}, []),
        ({"old/shop/services.py": "def clean():\n    pass\n", "old/run.py": CALLS}, []),
        ({"old/shop.py": "", "old/run.py": CALLS, "run.py": CALLS}, ["../run.py"]),
        ({"jobs/__init__.py": "", "jobs/a.py": CALLS}, ["../jobs/a.py"]),
        ({"run.py": "# migrator: keep[MIG130] not run any more\n" + "clean()\n"}, []),
    ],
)
def test_which_files_are_read(beside: dict[str, str], paths: list[str], tmp_path: Path) -> None:
    assert [f.path for f in told(tmp_path, beside)] == paths


def test_what_a_glob_excludes_is_not_read(tmp_path: Path) -> None:
    assert not told(tmp_path, {"bin/nightly.py": CALLS}, exclude=("bin",))


def test_a_comment_keeps_it_off_the_list(tmp_path: Path) -> None:
    kept = CALLS.replace("\nclean()", "\n# migrator: keep[MIG130] seen to\nclean()")
    assert not told(tmp_path, {"run.py": kept})


def test_a_package_deeper_in_the_repository(tmp_path: Path) -> None:
    backend = tmp_path / "backend"
    for name, text in {
        "run.py": "from backend.shop.services import clean\nclean()\n",
        "backend/run.py": CALLS,
        "backend/__init__.py": "",
        "backend/jobs.py": "from .shop.services import clean\nclean()\n",
        "frontend/shop/__init__.py": "",
        "frontend/run.py": CALLS,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    root = small_package.write(backend, FILES)
    repository(tmp_path)
    found = [f for f in outcome_of(convert(root)).findings if f.code == "MIG130"]
    assert [f.path for f in found] == ["../../run.py", "../jobs.py", "../run.py"]


def test_a_folder_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(CALLS)
    src = tmp_path / "src"
    small_package.write(src, FILES)
    repository(tmp_path)
    found = [f for f in outcome_of(convert(src)).findings if f.code == "MIG130"]
    assert [f.path for f in found] == ["../run.py"]


def test_with_both_packages_it_is_a_note(tmp_path: Path) -> None:
    [found] = told(tmp_path, {"run.py": CALLS}, package="shop_async")
    assert found.severity == "info"
    assert found.message == "`clean` is the legacy one here. In shop_async it gives a coroutine."


def test_without_git_its_neighbours_are_read(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(CALLS)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "run.py").write_text(CALLS)
    root = small_package.write(tmp_path, FILES)
    found = [f for f in outcome_of(convert(root)).findings if f.code == "MIG130"]
    assert [f.path for f in found] == ["../run.py"]


# -- what is to be written, executed

SCRIPT = """\
from shop import create_app
from shop.models import Order, db
from shop.services import Report, clean, each, large, total

app = create_app()
with app.app_context():
    db.create_all()
    db.session.add_all([Order(total=0), Order(total=5), Order(total=20)])
    db.session.commit()
    print(CLEAN, TOTAL)
    db.session.add(Order(total=7))
    print(TOTAL, ROWS, sorted(EACH), [o.total for o in LARGE])
    print(Order.query.count(), db.session.query(Order.total).order_by(Order.total).all())
"""
LEGACY = {
    "CLEAN": "clean()", "TOTAL": "total()", "ROWS": "Report.rows()", "EACH": "each()",
    "LARGE": "large().all()",
}  # fmt: skip
CONVERTED = {
    "CLEAN": "unbridge(clean())", "TOTAL": "unbridge(total())", "ROWS": "unbridge(Report.rows())",
    "EACH": "unbridge_iter(each())", "LARGE": "db.session.scalars(large()).unique().all()",
}  # fmt: skip


def script(folder: Path, forms: dict[str, str], head: str = "") -> Path:
    text = SCRIPT
    for word, form in forms.items():
        text = text.replace(word, form)
    path = folder / "nightly.py"
    path.write_text(head + text)
    return path


def run(path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, path.name],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "never awaited" not in done.stderr
    return done.stdout.splitlines()


def test_what_the_finding_says_gives_what_the_legacy_script_gave(tmp_path: Path) -> None:
    services = SERVICES.replace("from celery import shared_task\n", "").replace(
        "@shared_task\n", ""
    )
    app = small_package.FILES["__init__.py"].replace(
        "    db.init_app",
        "    app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///' + __file__ + '.db'\n    db.init_app",
    )
    views = VIEWS.replace("sweep.delay()", "sweep()")
    root = small_package.write(
        tmp_path, {**FILES, "__init__.py": app, "services.py": services, "views.py": views}
    )
    legacy = run(script(tmp_path, LEGACY))
    (root / "__init__.py.db").unlink()
    conversion = convert(root)
    found = [f for f in outcome_of(conversion).findings if f.code == "MIG130"]
    assert {f.path for f in found} == {"../nightly.py"}
    hints = " ".join(f.hint for f in found)
    for name in ("unbridge(f())", "unbridge_iter(f())", "db.session.scalars(f()).unique().all()"):
        assert name in hints
    small_package.write(tmp_path, conversion.texts)
    head = "from migrator.runtime.db import unbridge, unbridge_iter\n"
    path = script(tmp_path, CONVERTED, head)
    assert run(path) == legacy == ["1 25", "32 3 [5, 7, 20] [20]", "3 [(5,), (7,), (20,)]"]
    assert not [f for f in outcome_of(convert(root)).findings if f.code == "MIG130"]
