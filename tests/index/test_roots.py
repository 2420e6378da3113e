"""A folder is a package where its modules say so, with an `__init__.py` or without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.written import project

PLACE = {
    "__init__.py": "",
    "run.py": "from app import create_app\n",
    "app/__init__.py": "from database.models import Order\nfrom . import views\n\ndef create_app():\n    pass\n",
    "app/views.py": "from .forms import x\n",
    "app/forms.py": "x = 1\n",
    "database/__init__.py": "",
    "database/models.py": "class Order:\n    pass\n",
    "email.py": "def send():\n    pass\n",
    "celery.py": "from celery import Celery\n",
}


def test_a_place_where_python_looks_for_modules(tmp_path: Path) -> None:
    found = project(tmp_path, PLACE)
    assert found.package == ""
    order = found.lookup(found.modules["app"], "Order")
    assert order is found.classes["database.models:Order"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tasks.py", "from .database.models import Order\n"),
        ("tasks.py", "from src.database.models import Order\n"),
        ("app/views.py", "def f():\n    import src.database.models\n"),
        ("app/views.py", "from ..database.models import Order\n"),
    ],
)
def test_who_imports_it_by_its_name_makes_it_a_package(
    name: str, text: str, tmp_path: Path
) -> None:
    assert project(tmp_path, {**PLACE, name: text}).package == "src"


@pytest.mark.parametrize(
    "text", ["import os\n", "from email import send\n", "from celery import Celery, shared_task\n"]
)
def test_what_others_have_too_says_nothing(text: str, tmp_path: Path) -> None:
    kept = {n: t for n, t in PLACE.items() if n in ("__init__.py", "email.py", "celery.py")}
    assert project(tmp_path, {**kept, "tasks.py": text}).package == "src"


@pytest.mark.parametrize("text", ["from run import main\n", "import run, database.models\n"])
def test_one_import_is_enough(text: str, tmp_path: Path) -> None:
    kept = {n: t for n, t in PLACE.items() if n.startswith(("__init__", "database"))}
    texts = {**kept, "run.py": "def main():\n    pass\n", "tasks.py": text}
    assert project(tmp_path, texts).package == ""


@pytest.mark.parametrize(
    "text",
    [
        "from src.database.models import Order\n",
        "from src import database\n",
        "from . import app\n",
    ],
)
def test_a_package_without_an_init(text: str, tmp_path: Path) -> None:
    kept = {n: t for n, t in PLACE.items() if n.startswith("database") or n == "app/forms.py"}
    found = project(tmp_path, {**kept, "tasks.py": text})
    assert found.package == "src"
    assert "src.database.models:Order" in found.classes


@pytest.mark.parametrize("text", ["", "from src.elsewhere import x\n", "from src import nothing\n"])
def test_a_place_without_an_init(text: str, tmp_path: Path) -> None:
    kept = {n: t for n, t in PLACE.items() if n != "__init__.py"}
    assert project(tmp_path, {**kept, "tasks.py": text}).package == ""


def test_one_module_does_not_outvote_the_others(tmp_path: Path) -> None:
    """What was moved and forgotten, and fails when it is imported, makes no package of the folder."""
    kept = {n: t for n, t in PLACE.items() if n != "__init__.py"}
    forgotten = "from src.database.models import Order\n"
    assert project(tmp_path, {**kept, "app/old.py": forgotten}).package == ""


def test_a_module_of_the_folders_name_is_meant_by_it(tmp_path: Path) -> None:
    texts = {
        "src/__init__.py": "",
        "src/models.py": "",
        "models.py": "",
        "run.py": "import src.models\n",
    }
    assert project(tmp_path, texts).package == ""
