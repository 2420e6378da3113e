"""Every form of the tables, alone in an application: its conversion answers alike, or a finding names it.

Alone, since forms in one module hide each other: what is a value somewhere is no coroutine elsewhere.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.alike import Alike, small_shop
from tests.codemod.one_view.forms import FORMS, MODELS, Form
from tests.codemod.parity import FRAMES, Make


def _params(forms: Iterable[Form]) -> list[ParameterSet]:
    return [
        pytest.param(
            form,
            id=f"{form.table}-{form.name}",
            marks=[pytest.mark.xfail(reason=form.wrong, strict=True)] if form.wrong else [],
        )
        for form in forms
    ]


def _check(form: Form, alike: Alike, url: str = "") -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pair = alike(form.views, list(form.paths), models=MODELS, url=url)
        gc.collect(1)
    forgotten = [str(w.message) for w in caught if "never awaited" in str(w.message)]
    assert not forgotten, pair.conversion.texts["views.py"]


@pytest.mark.parametrize("form", _params(f for f in FORMS if not f.left))
def test_it_answers_alike(form: Form, alike: Alike) -> None:
    _check(form, alike)


@pytest.mark.parametrize("alike", ["fastapi"], indirect=True)
@pytest.mark.parametrize("form", _params(f for f in FORMS if f.transactional))
def test_it_answers_alike_on_postgresql(form: Form, alike: Alike, postgres_url: str) -> None:
    _check(form, alike, postgres_url.replace("postgresql:", "postgresql+psycopg2:"))


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("form", _params(f for f in FORMS if f.left))
def test_a_finding_names_its_place(form: Form, frame: FrameChoice, make_sides: Make) -> None:
    pair = small_shop(make_sides, frame, form.views, models=MODELS)
    found = outcome_of(pair.conversion).findings
    assert form.left in {f.code for f in found if f.line in form.lines}
