"""`get_session().query(Order)`: a statement names the session, and what `get_session` does besides must happen still."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import all_native

#: What finds the session, and how it is asked for: each does something that the answer shows.
DOING = {
    "of the database": (
        "def find():\n"
        "    if 'found' not in g:\n"
        "        g.found = db.session\n"
        "        g.found.execute(text('UPDATE customer SET name = name || :x'), {'x': 'x'})\n"
        "    return g.found\n",
        "find()",
    ),
    "in memory": ("def find():\n    seen.append(1)\n    return db.session\n", "find()"),
    "a counter": (
        "count = 0\ndef find():\n    global count\n    count += 1\n    seen.append(count)\n"
        "    return db.session\n",
        "find()",
    ),
    "in what it calls": (
        "def noted():\n    seen.append(2)\ndef inner():\n    noted()\n    return db.session\n"
        "def find():\n    return inner()\n",
        "find()",
    ),
    "by a decorator": (
        "def noting(f):\n    @wraps(f)\n    def noted():\n        seen.append(3)\n        return f()\n"
        "    return noted\n@noting\ndef find():\n    return db.session\n",
        "find()",
    ),
    "a constructor": (
        "class Unit:\n    def __init__(self):\n        seen.append(4)\n        self.session = db.session\n",
        "Unit().session",
    ),
    "a property": (
        "class Unit:\n    @property\n    def session(self):\n        seen.append(5)\n"
        "        return db.session\nunit = Unit()\n",
        "unit.session",
    ),
    "a method of what hangs on the application": (
        "class Unit:\n    def find(self):\n        seen.append(6)\n        return db.session\n"
        "def setup(app):\n    app.unit = Unit()\n",
        "current_app.unit.find()",
    ),
    "refuses": (
        "def find():\n    if request.args.get('no'):\n        abort(403)\n    return db.session\n",
        "find()",
    ),
    "a proxy": (
        "from werkzeug.local import LocalProxy\ndef find():\n    seen.append(7)\n    return db.session\n"
        "found = LocalProxy(find)\n",
        "found",
    ),
    "a proxy of a lambda": (
        "from werkzeug.local import LocalProxy\n"
        "found = LocalProxy(lambda: seen.append(8) or db.session)\n",
        "found",
    ),
}
_STRANGE = {"a constructor", "a proxy", "a proxy of a lambda"}
_VIEWS = """
from sqlalchemy import text
seen = []
{find}

@bp.get("/rows")
def rows():
    del seen[:]
    numbers = [o.number for o in {session}.query(Order).order_by(Order.id).all()]
    kept = {session}.query(Customer)
    return jsonify(numbers, seen, [c.name for c in kept.order_by(Customer.id)])
"""


@pytest.mark.parametrize("name", DOING)
def test_what_it_does_happens(name: str, alike: Alike) -> None:
    find, session = DOING[name]
    views = HEAD + _VIEWS.format(find=find, session=session)
    refusing = [("GET", "/rows?no=1")] if name == "refuses" else []
    if refusing:
        views += "\n@bp.app_errorhandler(403)\ndef refused(error):\n    return 'refused', 203\n"
    sides = alike(views, ["/rows", *refusing])
    bridged = [b for b in outcome_of(sides.conversion).bridged if b.symbol == "rows"]
    assert len(bridged) == 2
    told = "no session at hand for this query: what gives it does something besides"
    # Of the others, it is not known which session they give.
    assert name in _STRANGE or told in {b.message for b in bridged}


#: What only finds it.
FINDING = {
    "kept on g": (
        "def find():\n    if not hasattr(g, 'found'):\n        g.found = db.session\n    return g.found\n",
        "find()",
    ),
    "through others": (
        "class Unit:\n    def __init__(self, db):\n        self._db = db\n"
        "    def get(self):\n        return self._db.session\n"
        "def unit():\n    return Unit(db)\n",
        "unit().get()",
    ),
    "a property": (
        "class Unit:\n    name = 'shop'\n    @property\n    def session(self):\n        return db.session\n"
        "unit = Unit()\n",
        "unit.session",
    ),
    "a name first": (
        "def find():\n    seen.append(1)\n    return db.session\n",
        "session",
    ),
}


@pytest.mark.parametrize("name", FINDING)
def test_what_only_finds_it_is_left_out(name: str, alike: Alike) -> None:
    find, session = FINDING[name]
    views = _VIEWS.format(find=find, session=session)
    if session == "session":
        views = views.replace("    del seen[:]\n", "    del seen[:]\n    session = find()\n")
    all_native(alike(HEAD + views, ["/rows"]))
