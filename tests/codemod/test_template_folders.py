"""Templates that lie elsewhere than in `templates`: what they ask for is known, or taken for anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.index.template_files import as_rendered, named_folders, template_files
from tests.codemod.alike import Alike

PAGES = {
    "looped.html": "{% for o in orders %}{{ o.number }} {{ o.customer.name }};{% endfor %}",
    "asked.html": (
        "{{ box.rows.count() }} {% for o in box.some() %}{{ o.number }}{% endfor %}"
        "{{ box.some().count() }} {{ newest().first().number }} {{ box.size }}"
    ),
}
VIEWS = """
import os
from flask import Blueprint, render_template
from jinja2 import FileSystemLoader
from PKG.models import Order

HERE = os.path.dirname(__file__)
TEMPLATES = os.path.join(HERE, "..", "shop_templates")
bp = Blueprint("b", __name__, template_folder=FOLDER)

def newest():
    return Order.query.order_by(Order.id.desc())

class Box:
    def __init__(self):
        self.rows = Order.query
    def some(self):
        return Order.query.filter(Order.id < 3).order_by(Order.id)
    @property
    def size(self):
        return newest().count()

@bp.get("/looped")
def looped():
    return render_template("./looped.html", orders=newest())

@bp.get("/asked")
def asked():
    return render_template("asked.html", box=Box(), newest=newest)

@bp.get("/rows")
def rows():
    return [o.number for o in Box().some()]
"""
#: What the folder is called in the code, and where it lies.
FOLDERS = {
    "another name": ('"pages"', "pages"),
    "beside the package": ('"../shop_pages"', "../shop_pages"),
    "a name that says so": ("TEMPLATES", "../shop_templates"),
    "beside the package, as Flask calls it": ('"../" + "templates"', "../templates"),
    "a part of the templates": ('"templates/own"', "templates/own"),
    "a loader": ('None)\nbp.jinja_loader = FileSystemLoader(os.path.join(HERE, "views")', "views"),
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_where_the_templates_are(folder: str, alike: Alike) -> None:
    said, place = FOLDERS[folder]
    pages = {f"{place}/{name}": text for name, text in PAGES.items()}
    sides = alike(VIEWS.replace("FOLDER", said), ["/looped", "/asked", "/rows"], **pages)
    assert "orders=list(await db.session.scalars(" in sides.conversion.texts["views.py"]


def test_what_no_file_is_may_ask_for_anything(alike: Alike) -> None:
    pages = {f"pages/{name}": text for name, text in PAGES.items()}
    views = VIEWS.replace("FOLDER", '"pa" + "ges"')
    sides = alike(views, ["/looped", "/asked", "/rows"], **pages)
    bridged = outcome_of(sides.conversion).bridged
    assert {b.symbol for b in bridged if b.code == "MIG512"} == {"Box.__init__", "Box.some"}
    assert "orders=newest()" in sides.conversion.texts["views.py"]


def test_a_computed_name_is_one_of_those_that_there_are(alike: Alike) -> None:
    views = VIEWS.replace("FOLDER", '"templates"').replace('"asked.html"', '"as" + "ked.html"')
    for place in ("templates", "pages"):
        pages = {f"{place}/{name}": text for name, text in PAGES.items()}
        told = views.replace('"templates"', f'"{place[:2]}" + "{place[2:]}"')
        alike(told, ["/looped", "/asked", "/rows"], **pages)


# -- the names


def tree(root: Path, *paths: str) -> list[str]:
    for path in paths:
        file = Path(os.path.normpath(root / path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return [path for path in paths if not path.startswith("../")]


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        ("Flask(__name__, template_folder='pages')", {"pages"}),
        ("Flask(__name__, static_folder='pages', template_folder='views')", {"views"}),
        ("Flask(__name__, template_folder='views', static_folder='pages')", {"views"}),
        ("Blueprint('a', __name__,\n    template_folder='../shop_pages',\n)", {"../shop_pages"}),
        ("FileSystemLoader(os.path.join(here, 'mail', 'views'))", {"mail", "views"}),
        ("MAIL_TEMPLATES = ROOT / 'mail_templates'", {"mail_templates"}),
        ("Flask(__name__, template_folder='.')", set()),
        ("Flask(__name__, template_folder='../..')", set()),
        ("Flask(__name__, template_folder='nowhere')", set()),
        ("PAGES = 'pages'", set()),
        ("yaml.load(file, Loader=yaml.SafeLoader)", set()),
    ],
)
def test_what_a_source_names(text: str, folders: set[str], tmp_path: Path) -> None:
    root = tmp_path / "shop"
    tree(root, "pages/a", "views/a", "mail/views/a", "mail_templates/a", "../shop_pages/a")
    assert named_folders(root, "__init__.py", text) == folders


def test_a_folder_beside_the_source(tmp_path: Path) -> None:
    tree(tmp_path, "admin/pages/a.html")
    said = "Blueprint('admin', __name__, template_folder='pages')"
    assert named_folders(tmp_path, "admin/views.py", said) == {"admin/pages"}


def test_the_names_of_templates(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    data = tree(
        root, "templates/a.html", "own/templates/own/a.html", "pages/a.html", "pages/b.html",
        "../views/c.html", "../templates/a.html", "../templates/d.html", "notes/e.html",
    )  # fmt: skip
    assert template_files(root, data, [{"pages"}, {"../views"}]) == {
        "a.html": ["templates/a.html", "pages/a.html"],
        "own/a.html": ["own/templates/own/a.html"],
        "b.html": ["pages/b.html"],
        "c.html": ["../views/c.html"],
        "d.html": ["../templates/d.html"],
    }


def test_names_as_jinja_reads_them() -> None:
    assert [*map(as_rendered, ["/a//b.html", "./a/./b.html", "a/b.html"])] == ["a/b.html"] * 3
