"""A StopIteration that a caller catches is told where the function between them becomes a coroutine."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike
from tests.codemod.small_package import converted

VIEWS = """
from flask import Blueprint
from shop.models import Order
bp = Blueprint('views', __name__)

def first_of(number):
    {of}

@bp.route('/first')
def first():
    {view}
"""
LOOKS = "return next(o for o in Order.query.all() if o.total == number)"
CATCHES = "try:\n        return str(first_of(0))\n    except StopIteration:\n        return 'none'"
TOLD = {
    "next": (LOOKS, CATCHES),
    "several": (LOOKS, CATCHES.replace("StopIteration", "(KeyError, StopIteration)")),
    "raised": ("n = Order.query.count()\n    raise StopIteration(n)", CATCHES),
    "of another": (
        "def found(rows):\n        return next(iter(rows))\n    return found(Order.query.all())",
        CATCHES,
    ),
    "suppressed": (
        LOOKS,
        "from contextlib import suppress\n    with suppress(StopIteration):\n"
        "        return str(first_of(0))\n    return 'none'",
    ),
}
NOT_TOLD = {
    "default": ("return next((o for o in Order.query.all()), None)", CATCHES),
    "caught inside": (
        "try:\n        return next(iter(Order.query.all()))\n    except StopIteration:\n        return None",
        CATCHES,
    ),
    "caught as any other": (LOOKS, CATCHES.replace("StopIteration", "Exception")),
    "no query": ("return next(iter([]))", CATCHES),
    "caught nowhere": (LOOKS, "return str(first_of(0))"),
    "a generator": (
        "rows = Order.query.all()\n    yield next(iter(rows))",
        CATCHES.replace("first_of(0)", "list(first_of(0))"),
    ),
}


@pytest.mark.parametrize("case", [*TOLD, *NOT_TOLD])
def test_what_is_told(case: str, tmp_path: Path) -> None:
    of, view = {**TOLD, **NOT_TOLD}[case]
    made = outcome_of(converted(tmp_path, VIEWS.format(of=of, view=view), "fastapi"))
    assert ("MIG122" in [f.code for f in made.findings]) == (case in TOLD)


def test_what_is_not_told_is_alike(alike: Alike) -> None:
    views = textwrap.dedent("""
        def first_of(number):
            try:
                return next(o for o in Order.query.all() if o.amount == number)
            except StopIteration:
                return None

        @bp.route("/caught")
        def caught():
            return str(first_of(-1)) + first_of(50).number

        @bp.route("/here")
        def here():
            try:
                return next(o.number for o in Order.query.all() if o.amount < 0)
            except StopIteration:
                return "none"
    """)
    alike(HEAD + views, ["/caught", "/here"])
