"""What is imported while another module is, before that has a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.index.import_order import comes_first
from tests.index.written import project

BASE = {
    "__init__.py": "",
    "base/__init__.py": "",
    "base/model.py": "",
    "other.py": "from . import base\n",
}
HOMES = {
    "above": ("from shop.base.model import Base\ndb = 1\n", True),
    "below": ("db = 1\nfrom shop.base.model import Base\n", False),
    "relative": ("from .base import model\ndb: int = 1\n", True),
    "by another": ("import shop.other\n\ndb = 1\n", False),
    "its package": ("import shop.base.model\n\ndef db(): pass\n", True),
    "in a function": ("def f():\n    import shop.base.model\ndb = 1\n", False),
    "for types": (
        "import typing\nif typing.TYPE_CHECKING:\n    import shop.base.model\ndb = 1\n",
        False,
    ),
    "not for types": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import shop.base.model\ndb = 1\n",
        True,
    ),
    "tried": ("try:\n    import shop.base.model\nexcept ImportError:\n    pass\ndb = 1\n", True),
    "no such name": ("import shop.base.model\n", True),
    "imported itself": ("from shop.other import db\nimport shop.base.model\n", False),
}


@pytest.mark.parametrize("form", HOMES)
def test_who_comes_first(form: str, tmp_path: Path) -> None:
    text, first = HOMES[form]
    found = project(tmp_path, {**BASE, "config.py": text}, "shop")
    modules = found.modules
    assert comes_first(found, modules["shop.base.model"], modules["shop.config"], "db") is first


def test_through_others_and_in_a_circle(tmp_path: Path) -> None:
    texts = {
        "__init__.py": "from shop import config\n",
        "config.py": "from shop.one import x\ndb = 1\n",
        "one.py": "from shop.two import y\nx = 1\n",
        "two.py": "import shop.one\nfrom shop import three\ny = 1\n",
        "three.py": "",
        "four.py": "import shop.three\n",
    }
    made = project(tmp_path, texts, "shop")
    found = {
        name
        for name, module in made.modules.items()
        if comes_first(made, module, made.modules["shop.config"], "db")
    }
    assert found == {"shop.one", "shop.two", "shop.three"}
