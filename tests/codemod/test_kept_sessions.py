"""An object that keeps `db.session()`: made on one side of the bridge, it may be asked on the other."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
class Keeper:
    def __init__(self):
        self.kind = Customer
        self.session = db.session()

    def remove_all(self):
        found = self.session.query(self.kind).filter(self.kind.name == "zed").all()
        for customer in found:
            self.session.delete(customer)

    def add(self, name):
        self.session.add(Customer(name=name))
        self.session.commit()

@bp.get("/go")
def go():
    Keeper().add("zed")
    before = Customer.query.count()
    Keeper().remove_all()
    db.session.commit()
    return jsonify(before, Customer.query.count())

@bp.get("/in")
def inside():
    return jsonify(sorted([1, 2], key=lambda n: (Keeper().add("zed"), -n)), Customer.query.count())
"""
)

#: What is put on a session of one request, all others would have on `db.session`.
GIVEN = (
    HEAD
    + """
class Keeper:
    def __init__(self):
        self.own = db.session()
        self.own.actor = "ann"

@bp.get("/told")
def told():
    keeper = Keeper()
    return jsonify(keeper.own.actor)

@bp.get("/untold")
def untold():
    return jsonify(getattr(db.session(), "actor", None))
"""
)


def test_it_asks_the_session_of_whoever_asks_it(alike: Alike) -> None:
    alike(VIEWS, ["/go", "/in", "/go"])


def test_a_session_with_attributes_of_its_own_is_kept_itself(alike: Alike) -> None:
    sides = alike(GIVEN, ["/told", "/untold"])
    assert "self.own = db.session()" in sides.conversion.texts["views.py"]
