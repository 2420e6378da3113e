"""Context managers that are entered as properties: `with driver.session as session:`."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from contextlib import contextmanager

class Driver:
    @property
    @contextmanager
    def session(self):
        session = db.session
        try:
            yield session
            session.commit()
        except ValueError:
            session.rollback()

    @property
    @contextmanager
    def quiet(self):
        with self.session as session, session.no_autoflush:
            yield session

    def add(self, name, fail=False):
        with self.session as session:
            customer = Customer(name=name)
            session.add(customer)
            session.flush()
            if fail:
                raise ValueError
            return [c.name for c in session.query(Customer).filter(Customer.id >= customer.id)]
        return "nothing"

    def numbers(self, name):
        with self.quiet as session, self.session as other:
            customer = session.query(Customer).filter_by(name=name).one()
            return [o.number for o in customer.orders], other.query(Order).count()

    def __len__(self):
        with self.session as session:
            return session.query(Customer).count()

class Other(Driver):
    def names(self):
        with self.session as session:
            found = session.query(Customer).order_by(Customer.id).all()
        return [c.name for c in found]

@bp.get("/add")
def add():
    driver = Driver()
    return jsonify(driver.add("cy"), driver.add("dan", fail=True), len(driver))

@bp.get("/read")
def read():
    return jsonify(Driver().numbers("ann"), Other().names())
"""
)


def test_they_are_entered_asynchronously(alike: Alike) -> None:
    sides = alike(VIEWS, ["/add", "/read"])
    text = sides.conversion.texts["views.py"]
    assert "async with self.session as session:\n            customer = Customer(" in text
    # What Python calls itself stays sync code, which takes the same context manager.
    assert "with unbridge_with(self.session) as session:" in text


def test_where_a_receiver_is_not_known_they_stay_sync(alike: Alike) -> None:
    views = (
        VIEWS
        + """
@bp.get("/unknown")
def unknown():
    with current_app.driver.session as session:
        return str(session.query(Customer).count())

def setup(app):
    setattr(app, "dri" + "ver", Driver())
"""
    )
    alike(views, ["/add", "/read", "/unknown"])
