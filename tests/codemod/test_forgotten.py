"""What the conversion could not know to be a session: its un-awaited calls are no success."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, small_shop
from tests.codemod.parity import FRAMES, Make
from tests.listeners import without_the_sample_applications_listener


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("frame", FRAMES)
def test_a_session_that_the_conversion_does_not_know(make_sides: Make, frame: FrameChoice) -> None:
    views = """
@bp.route("/write")
def write():
    db.session.add(Order(number="new", customer=Customer.query.first()))
    for name in ["flush", "commit"]:
        asked = importlib.import_module("operator").methodcaller(name)
        asked(db.session)
    return "done"
"""
    with without_the_sample_applications_listener():
        pair = small_shop(make_sides, frame, "import importlib\n" + HEAD + views)
        legacy = importlib.import_module(pair.legacy).create_app()
        models = importlib.import_module(f"{pair.legacy}.models")

        def fresh() -> None:
            models.db.drop_all()
            models.db.create_all()
            models.seed()
            models.db.engine.dispose()

        ((before, after),) = pair.both(legacy, [("GET", "/write")], fresh)
    assert before[2] == 200
    assert after[2] == 500, pair.conversion.texts["views.py"]
