"""Small packages, analysed: which functions became native."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from migrator.codemod.convert import Conversion, convert

#: Converts `app.py` (after a model `User`) and further modules by name.
Analyse: TypeAlias = Callable[..., Conversion]

HEAD = """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)


"""


@pytest.fixture
def analyse(tmp_path: Path) -> Analyse:
    def run(code: str, **others: str) -> Conversion:
        root = tmp_path / "shop"
        root.mkdir()
        (root / "__init__.py").write_text("")
        (root / "app.py").write_text(HEAD + code)
        for name, text in others.items():
            path = root / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        made = convert(root)
        assert {f.code for f in made.findings} <= {"MIG603"}
        for text in made.texts.values():
            compile(text, "converted", "exec")
        return made

    return run


def modes(made: Conversion) -> dict[str, str]:
    """What became of each function of `app.py`, by its qualified name."""
    return {
        key.partition(":")[2]: decision.mode
        for key, decision in made.decisions.by_key.items()
        if key.startswith("shop.app:")
    }
