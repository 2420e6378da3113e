"""Imports of the legacy package follow the new package's name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.codemod.renaming import plan_renaming
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.tree import apply_edits
from migrator.index.project import Project
from migrator.plan.model import Edit
from tests.codemod.parity import Make

Renamed = Callable[..., str]


@pytest.fixture
def renamed(tmp_path: Path) -> Renamed:
    """The text of a module of the package `old` (or of a folder of scripts) as part of `new`."""

    def text_of(source: str, *, package: bool = True) -> str:
        root = tmp_path / "old"
        (root / "sub").mkdir(parents=True)
        (root / "sub" / "__init__.py").touch()
        (root / "sub" / "models.py").touch()
        (root / "tools.py").touch()
        (root / "alembic").mkdir()
        (root / "alembic" / "env.py").touch()
        if package:
            (root / "__init__.py").touch()
        (root / "site.py").write_text(source, encoding="utf-8")
        project = Project(root)
        name = "old.site" if package else "site"
        actions = plan_renaming(project, "new").get(name, [])
        edits = [Edit(node, (action,)) for node, action in actions]
        tree = project.modules[name].source.tree
        assert tree is not None
        return apply_edits(source, tree, edits, Context())

    return text_of


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from old.sub.models import A, B  # why\n", "from new.sub.models import A, B  # why\n"),
        ("from old import (\n    tools,\n)\n", "from new import (\n    tools,\n)\n"),
        ("import old.sub.models as m, os\n", "import new.sub.models as m, os\n"),
        ("import old.tools\nold.tools.x(old)\n", "import new.tools\nnew.tools.x(new)\n"),
        (
            "import old.tools\ndef f(old):\n    return old\n",
            "import new.tools, new as old\ndef f(old):\n    return old\n",
        ),
        (
            'app.config.from_object("old.sub.models.Config")\n',
            'app.config.from_object("new.sub.models.Config")\n',
        ),
        (
            "from importlib import metadata\nv = metadata.version(__package__)\n",
            'from importlib import metadata\nv = metadata.version("old")\n',
        ),
        (
            "from pkg_resources import get_distribution\n"
            "v = get_distribution(__name__.split('.')[0]).version\n",
            'from pkg_resources import get_distribution\nv = get_distribution("old").version\n',
        ),
        (
            "def version():\n    import importlib.metadata as m\n"
            "    return m.version(__package__ or 'old')\n",
            'def version():\n    import importlib.metadata as m\n    return m.version("old")\n',
        ),
        (
            'import_module(".tools", package="old.sub")\n',
            'import_module(".tools", package="new.sub")\n',
        ),
        ("import_module('.' + name, 'old.sub')\n", "import_module('.' + name, 'new.sub')\n"),
        ("import_module(f'old.sub.{name}.x')\n", "import_module(f'new.sub.{name}.x')\n"),
        (
            "import_module(\n    'old.'\n    f'sub.{name}'\n)\n",
            "import_module(\n    'new.'\n    f'sub.{name}'\n)\n",
        ),
        ("import_module(f'{old}.old.sub{name}')\n", "import_module(f'{old}.old.sub{name}')\n"),
        ("log.version(__package__)\n", "log.version(__package__)\n"),
        ("mock.patch('old.tools.x')\n", "mock.patch('old.tools.x')\n"),
        ("from . import tools\n", "from . import tools\n"),
        ("from older import tools\nimport oldest\n", "from older import tools\nimport oldest\n"),
    ],
)
def test_in_a_package(before: str, after: str, renamed: Renamed) -> None:
    assert renamed(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from sub.models import A\n", "from new.sub.models import A\n"),
        ("import tools\ntools.x()\n", "import new.tools as tools\ntools.x()\n"),
        ("import sub.models\n", "import new.sub.models, new.sub as sub\n"),
        ("import os, tools as t\n", "import os, new.tools as t\n"),
        ("from os import path\n", "from os import path\n"),
        ("from alembic import op\n", "from alembic import op\n"),
        ("from alembic.config import Config\n", "from alembic.config import Config\n"),
        ("import alembic.command\n", "import alembic.command\n"),
        ("from alembic import env\n", "from new.alembic import env\n"),
        ("from alembic.env import x\n", "from new.alembic.env import x\n"),
        ("import alembic.env\n", "import new.alembic.env, new.alembic as alembic\n"),
        ("import_module(f'sub.{name}')\n", "import_module(f'new.sub.{name}')\n"),
    ],
)
def test_in_a_folder_of_modules(before: str, after: str, renamed: Renamed) -> None:
    assert renamed(before, package=False) == after


def test_the_same_name_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "__init__.py").write_text("import old.x\n", encoding="utf-8")
    assert plan_renaming(Project(tmp_path / "old"), "old") == {}


VERSIONED = {
    "__init__.py": """
        from importlib import metadata
        from flask import Flask

        __version__ = metadata.version(__package__)

        def create_app():
            app = Flask(__name__)

            @app.get("/version")
            def version():
                return __version__

            return app
        """,
}


PUT_TOGETHER = {
    "__init__.py": """
        from importlib import import_module
        from flask import Flask

        def create_app():
            app = Flask(__name__)

            @app.get("/<name>")
            def said(name):
                module = import_module(f"{name}.{{name}}_rules")
                return f"{{module.WORD}} {{module.__package__ == __package__}}"

            return app
        """,
    "old_rules.py": "WORD = 'old'",
    "new_rules.py": "WORD = 'new'",
}


def test_a_module_named_by_an_f_string(make_sides: Make) -> None:
    sides = make_sides("lettered", PUT_TOGETHER)
    legacy = importlib.import_module(sides.legacy).create_app()
    for expected, found in sides.both(legacy, [("GET", "/old"), ("GET", "/new")], lambda: None):
        assert expected == found
        assert found[3].endswith(b" True")


def test_the_version_of_what_is_installed(make_sides: Make, tmp_path: Path) -> None:
    installed = tmp_path / "legacy_versioned-1.7.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: legacy_versioned\nVersion: 1.7\n"
    )
    sides = make_sides("versioned", VERSIONED)
    legacy = importlib.import_module(sides.legacy).create_app()
    [(expected, found)] = sides.both(legacy, [("GET", "/version")], lambda: None)
    assert expected == found
    assert found[3] == b"1.7"
