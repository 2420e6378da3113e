"""The folder below PATH that an application's modules are imported from."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.index.files import list_files
from migrator.index.place import place_of

MODELS = "from flask_sqlalchemy import SQLAlchemy\n"
VIEWS = "from flask import Blueprint\nfrom shop.models import db\n"
SHOP = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": VIEWS}


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        pytest.param(below("src", SHOP), "src", id="src layout"),
        pytest.param(below("services/api", SHOP), "services/api", id="deeper"),
        pytest.param(SHOP, "", id="at the top"),
        pytest.param({"__init__.py": "", **below("src", SHOP)}, "", id="PATH is a package"),
        pytest.param(
            {**below("src", SHOP), "wsgi.py": "from shop import create_app\nimport flask\n"},
            "src",
            id="a script beside it",
        ),
        pytest.param(
            {
                **below("src", SHOP),
                "tests/test_shop.py": "import flask\nfrom tests.base import Base\n",
                "tests/base.py": "import flask\n",
            },
            "src",
            id="tests beside it",
        ),
        pytest.param(
            {
                **below("src", SHOP),
                "settings.py": "",
                "src/shop/app.py": "import flask, settings\nimport settings\n",
            },
            "",
            id="it imports from the top",
        ),
        pytest.param({**below("a", SHOP), **below("b", SHOP)}, "", id="two of them"),
        pytest.param(
            {**below("a", {**SHOP, "shop/more.py": VIEWS}), **below("b", SHOP)},
            "a",
            id="most in one",
        ),
        pytest.param(
            {
                **below("a", SHOP),
                **{
                    f"versions/{n}.py": "import sqlalchemy\nfrom alembic import op\n"
                    for n in range(4)
                },
            },
            "a",
            id="migrations beside it",
        ),
        pytest.param(
            {
                **SHOP,
                "scripts/tool.py": "import sqlalchemy\nimport helper\n",
                "scripts/helper.py": "",
            },
            "",
            id="scripts beside an application",
        ),
        pytest.param(
            {
                **{f"shop/part{n}.py": "from flask import g\nfrom . import db\n" for n in range(3)},
                "scripts/tool.py": "import sqlalchemy\nimport helper\n",
                "scripts/helper.py": "",
            },
            "",
            id="scripts beside relative imports",
        ),
        pytest.param(
            {
                "libs/flask/__init__.py": "import sqlalchemy\nimport click\n",
                "libs/click/__init__.py": "",
                "libs/sqlalchemy/__init__.py": "import sqlalchemy.orm",
                "libs/sqlalchemy/orm.py": "import sqlalchemy",
            },
            "",
            id="copies of distributions",
        ),
        pytest.param(
            below("src", {**SHOP, "shop/sqlalchemy/__init__.py": "import shop.models"}),
            "src",
            id="a package that is called so",
        ),
    ],
)
def test_place(tmp_path: Path, files: dict[str, str], place: str) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert place_of(tmp_path, list_files(tmp_path, ()).python) == place
