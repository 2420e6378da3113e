"""Models on a base that another distribution has: the second package that is imported raises, and that is told."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest
from sqlalchemy.exc import InvalidRequestError

from migrator.codemod.outcome import outcome_of
from tests.codemod.parity import Make

SHARED = """
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class StampMixin:
    pass
"""
APP = {
    "__init__.py": """
        from flask import Flask
        from .models import Note

        def create_app():
            return Flask(__name__)
        """,
    "models.py": """
        from typing import TYPE_CHECKING
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import DeclarativeBase, declarative_base
        from company_models import Base as Theirs, StampMixin

        class Ours(DeclarativeBase):
            pass

        if TYPE_CHECKING:
            from company_models import Base as Typed
        else:
            Typed = Ours

        def made():
            return declarative_base()

        Made = made()

        class Note(%s):
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)
        """,
}


@pytest.mark.parametrize(
    ("bases", "told"),
    [
        ("Theirs", True),
        ("StampMixin, Theirs", True),
        ("Ours", False),
        ("Typed", False),
        ("StampMixin, Ours", False),
        ("Made, StampMixin", False),
    ],
)
def test_what_is_told(
    bases: str, told: bool, make_sides: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = ModuleType("company_models")
    exec(SHARED, vars(company))
    monkeypatch.setitem(sys.modules, company.__name__, company)
    sides = make_sides("shared", {**APP, "models.py": APP["models.py"] % bases})
    found = [f for f in outcome_of(sides.conversion).findings if f.code == "MIG120"]
    assert [f.path for f in found] == ["models.py"] * told
    importlib.import_module(sides.legacy)
    if not told:
        importlib.import_module(sides.target)
        return
    assert "company_models.Base" in found[0].message
    with pytest.raises(InvalidRequestError, match="'notes' is already defined"):
        importlib.import_module(sides.target)
