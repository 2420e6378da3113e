"""What listens to one session hears it in native code as well: the Session under the AsyncSession."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

VIEWS = """
from sqlalchemy import event

heard = []

def note(*_):
    heard.append("noted")

@bp.route("/heard")
def all_heard():
    said = ",".join(heard)
    heard.clear()
    return said + str(Order.query.count())

"""


@pytest.mark.parametrize(
    "view",
    [
        "event.listen(db.session(), 'after_commit', note)",
        "session = db.session()\n    event.listen(session, 'after_commit', note)",
        "event.listen(target=db.session(), identifier='after_commit', fn=note)",
        "event.listen(db.session(), 'before_flush', note)\n"
        "    told = event.contains(db.session(), 'before_flush', note)\n    heard.append(str(told))",
        "event.listen(db.session(), 'after_commit', note)\n"
        "    event.remove(db.session(), 'after_commit', note)",
        "@event.listens_for(db.session(), 'after_commit')\n    def told(session):\n"
        "        heard.append(type(session).__mro__[-2].__name__ and 'inner')",
        "event.listen(db.session, 'after_commit', note)\n    db.session.add(Customer(name='x'))\n"
        "    db.session.commit()\n    event.remove(db.session, 'after_commit', note)",
    ],
)
def test_it_hears_of_it(view: str, alike: Alike) -> None:
    views = (
        HEAD
        + VIEWS
        + "@bp.route('/listened')\ndef listened():\n    "
        + view
        + "\n    db.session.add(Order(number='new'))\n    db.session.commit()\n"
        "    return str(Order.query.count())\n"
    )
    sides = alike(views, ["/listened", "/heard", "/listened", "/heard"])
    reasons = [e.reason for e in outcome_of(sides.conversion).endpoints]
    assert "async def listened" in sides.conversion.texts["views.py"], reasons
