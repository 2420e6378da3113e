"""A script hands its session to what becomes a coroutine function, by ways that nobody follows: that one awaits it."""

from __future__ import annotations

import pytest

from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, small_shop
from tests.codemod.parity import FRAMES, Make
from tests.codemod.test_scripts import printed
from tests.listeners import without_the_sample_applications_listener

VIEWS = (
    HEAD
    + """
from functools import partial

def raised(session, number="N1", by=1):
    order = session.query(Order).filter_by(number=number).one()
    order.amount += by
    session.commit()
    return order.amount

def numbers(session):
    for order in session.query(Order).order_by(Order.id):
        yield order.number

def main():
    session = db.session()
    print(partial(raised, session, by=2)())
    print(list(map(raised, [session, db.session()])))
    print({"f": raised}["f"](session=session, number="N2"))
    print([f(db.session()) for f in (raised, lambda s: sorted(numbers(s)))])
    print(list(partial(numbers, session)()), Order.query.filter_by(number="N1").one().amount)

@bp.get("/")
def view():
    return jsonify(raised(db.session), partial(raised, db.session())(), list(numbers(db.session)))
"""
)
JOB = """
from PKG import create_app
from PKG.models import db, seed
from PKG.views import main

if __name__ == "__main__":
    with create_app().app_context():
        db.drop_all()
        db.create_all()
        seed()
        main()
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_sessions_of_scripts(
    make_sides: Make, frame: FrameChoice, capsys: pytest.CaptureFixture[str]
) -> None:
    with without_the_sample_applications_listener():
        sides = small_shop(make_sides, frame, VIEWS, job=JOB)
        legacy, converted = printed(sides, capsys)
    assert converted == legacy, sides.conversion.texts["views.py"]
    assert "async def raised(session" in sides.conversion.texts["views.py"]
