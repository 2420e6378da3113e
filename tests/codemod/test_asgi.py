"""The entry module names both applications, each by its own import."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client

from migrator.codemod.asgi import asgi_source
from migrator.codemod.convert import convert
from migrator.index.project import Project
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.surface import ApplicationSite, FrameChoice
from tests.codemod.parity import FRAMES, Make


def source(tmp_path: Path, site: ApplicationSite, package: str, folder: str = "old") -> str:
    root = tmp_path / folder
    root.mkdir()
    for name in ("__init__.py", "site.py", "views.py"):
        (root / name).touch()
    text = asgi_source(Project(root), site, package)
    compile(text, "asgi.py", "exec")
    return text


def test_a_factory(tmp_path: Path) -> None:
    text = source(tmp_path, ApplicationSite("old", "create_app", "factory"), "new")
    assert text.partition('"""\n\n')[2] == (
        "from migrator.runtime.compat import settings_of\n"
        "from migrator.runtime.mount import mount_legacy\n"
        "from new import create_app\n"
        "from old import create_app as create_legacy_app\n"
        "\n"
        "legacy = create_legacy_app()\n"
        "with settings_of(legacy):\n"
        "    converted = create_app()\n"
        "\n"
        "app = mount_legacy(legacy, converted)\n"
    )


def test_a_module_that_no_import_statement_can_name(make_sides: Make) -> None:
    views = """
        from flask import Blueprint, Flask
        from {name}.models import Item, db

        bp = Blueprint("views", __name__)

        @bp.get("/count")
        def count():
            return str(Item.query.count())

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
            db.init_app(app)
            app.register_blueprint(bp)
            with app.app_context():
                db.create_all()
            return app
    """
    models = """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
    """
    sides = make_sides("named", {"__init__.py": "", "models.py": models, "import.py": views})
    text = sides.conversion.texts["asgi.py"]
    assert f'create_app = import_module("{sides.target}.import").create_app' in text
    legacy = importlib.import_module(f"{sides.legacy}.import").create_app()
    for before, after in sides.both(legacy, [("GET", "/count")], lambda: None):
        assert (before[2], before[3]) == (200, b"0")
        assert after == before


def test_a_factory_with_arguments(tmp_path: Path) -> None:
    site = ApplicationSite("old", "create_app", "factory", arguments="'test', debug=True")
    text = source(tmp_path, site, "new")
    assert "legacy = create_legacy_app('test', debug=True)\n" in text
    assert "    converted = create_app('test', debug=True)\n" in text
    site = ApplicationSite("other", "create_app", "factory", arguments="'test', debug=True")
    alone = source(tmp_path, site, "other", "other")
    assert "app = create_app('test', debug=True)\n" in alone


def test_static_files_that_stay_on_the_mount(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "__init__.py").touch()
    site = ApplicationSite("old", "create_app", "factory")
    site = replace(site, static=("static", "admin.static"))
    text = asgi_source(Project(tmp_path / "old"), site, "new")
    assert text.endswith(
        "app = mount_legacy(legacy, converted, "
        'live=lambda endpoint: endpoint not in ("static", "admin.static",))\n'
    )


def test_an_object_and_the_modules_that_add_to_it(tmp_path: Path) -> None:
    site = ApplicationSite("old.site", "application", "object", imports=("old.views",))
    assert source(tmp_path, site, "new").endswith(
        "import old.views  # noqa: F401  its routes\n"
        "\n"
        "with settings_of(legacy):\n"
        "    import new.views  # noqa: F401  its routes\n"
        "    from new.site import application as converted\n"
        "\n"
        "app = mount_legacy(legacy, converted)\n"
    )


def test_modules_that_lie_side_by_side_are_found_by_the_path(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "site.py").touch()
    site = ApplicationSite("site", "app", "object")
    text = asgi_source(Project(tmp_path / "scripts"), site, "new")
    assert "`PYTHONPATH=scripts uvicorn new.asgi:app`" in text
    assert "from site import app as legacy\n" in text
    assert "from new.site import app as converted\n" in text


FILLED = {
    "__init__.py": """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def create_app(application):
    application.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(application)
    from PKG.views import bp
    application.register_blueprint(bp)
    with application.app_context():
        db.create_all()
""",
    "site.py": "from flask import Flask\n\n\nclass Site(Flask):\n    greeting = 'users: '\n",
    "views.py": """
from flask import Blueprint, current_app

from PKG import User

bp = Blueprint("users", __name__)


@bp.get("/")
def users():
    return f"{current_app.greeting}{User.query.count()}"
""",
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("same", [False, True], ids=["beside", "alone"])
def test_an_application_that_is_given_to_its_factory(
    frame: FrameChoice, same: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"filled_{frame}_{same}"
    new, target = (old, tmp_path / "target") if same else (f"{old}_new", tmp_path)
    (tmp_path / old).mkdir()
    for name, text in FILLED.items():
        (tmp_path / old / name).write_text(text.replace("PKG", old))
    made = convert(tmp_path / old, package=new, frame=frame)
    assert not made.findings
    (target / new).mkdir(parents=True)
    for name, text in made.texts.items():
        (target / new / name).write_text(text)
    monkeypatch.syspath_prepend(str(target))
    asgi = importlib.import_module(f"{new}.asgi")
    try:
        answer = Client(as_wsgi(asgi.app, run_blocking)).get("/")
    finally:
        run_blocking(getattr(asgi, "converted", asgi.app).dispose_database())
    assert (answer.status_code, answer.text) == (200, "users: 0")


@pytest.mark.parametrize(
    ("site", "line"),
    [
        (ApplicationSite("old", "create_app", "factory"), "app = create_app()"),
        (ApplicationSite("old.site", "site", "object"), "from old.site import site as app"),
    ],
)
def test_one_name_for_both_leaves_the_converted_one(
    site: ApplicationSite, line: str, tmp_path: Path
) -> None:
    text = source(tmp_path, site, "old")
    assert line in text.splitlines()
    assert "mount_legacy" not in text


IN_A_FOLDER = {
    "shelf/__init__.py": """
import os
import sys
from dataclasses import replace
from pathlib import Path

from flask import Flask

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
if True:
    sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
sys.path.append(os.path.join(HERE, "..", "..", "elsewhere"))


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    from tables import User, db
    db.init_app(app)
    with app.app_context():
        db.create_all()

    @app.get("/")
    def users():
        from tables import User
        return str(User.query.count())

    return app
""",
    "tables.py": """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
""",
    "tools/counting.py": "ONE = 1\n",
}


@pytest.mark.parametrize("frame", FRAMES)
def test_code_that_puts_its_own_folder_on_the_path_stays_apart(
    frame: FrameChoice, tmp_path: Path
) -> None:
    for name, text in IN_A_FOLDER.items():
        (tmp_path / "old" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "old" / name).write_text(text)
    made = convert(tmp_path / "old", package="new", frame=frame)
    assert not made.findings
    for name, text in made.texts.items():
        (tmp_path / "new" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "new" / name).write_text(text)
    kept = made.texts["shelf/__init__.py"]
    assert "sys.path.insert" not in kept
    assert [line for line in kept.splitlines() if "sys.path.append" in line] == [
        'sys.path.append(os.path.join(HERE, "..", "..", "elsewhere"))'
    ]
    # In a process of its own: the legacy modules have names that anything may have.
    asked = """
from werkzeug.test import Client
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from new import asgi
for app in (asgi.legacy.wsgi_app, as_wsgi(asgi.app, run_blocking)):
    print(Client(app).get("/").text)
"""
    paths = [str(tmp_path), str(tmp_path / "old"), str(Path(__file__).parents[2])]
    result = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.stdout, result.returncode) == ("0\n0\n", 0), result.stderr
