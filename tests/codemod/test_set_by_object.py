"""Attributes that `object.__setattr__` sets, and what Python's own classes and `__dict__` are asked for."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

#: What makes an unknown callable one that may reach the database.
_LOOKED_UP = """
class Finder:
    def count(self):
        return Order.query.count()
    def get(self, name, otherwise=None):
        return Customer.query.filter_by(name=name).count()

@bp.get("/find/<name>")
def find(name):
    return jsonify(getattr(Finder(), name)())
"""

SETTINGS = (
    HEAD
    + _LOOKED_UP
    + """
class Settings:
    __slots__ = ("_values", "_error", "_find")
    def __init__(self, values, error=AttributeError, find=None):
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_error", error)
        object.__setattr__(self, "_find", find)
    def __getattr__(self, name):
        try:
            return self._values[name]
        except KeyError:
            raise self._error("no such setting: " + name)

settings = Settings({"LIMIT": 2})

@bp.get("/settings")
def of_settings():
    found = Order.query.order_by(Order.id).limit(settings.LIMIT).all()
    try:
        settings.OTHER
    except AttributeError as error:
        return jsonify([o.number for o in found], str(error))
"""
)

FUNCTIONS = (
    HEAD
    + """
class Late:
    def __init__(self, find, customer):
        object.__setattr__(self, "_find", find)
        object.__setattr__(self, "customer", customer)
        object.__setattr__(customer, "name", "new")

def find():
    return Order.query.count()

@bp.get("/late")
def late():
    made = Late(find, Customer.query.order_by(Customer.id).first())
    db.session.commit()
    names = [c.name for c in Customer.query.order_by(Customer.id)]
    return jsonify(made._find(), made.customer.name, len(made.customer.orders), names)
"""
)

CLASSES = (
    HEAD
    + _LOOKED_UP
    + """
class Page:
    parts = ("a",)
    @classmethod
    def all_parts(cls):
        for class_ in reversed(cls.mro()[:-1]):
            yield from class_.__dict__.get("parts", ())

class Sub(Page):
    parts = ("b", "c")

class Own:
    @classmethod
    def mro(cls):
        return Order.query.order_by(Order.id).all()
    def shown(self):
        return [o.number for o in self.mro()]

@bp.get("/classes")
def classes():
    numbers = [o.number for o in Order.query.order_by(Order.id) if o.number in Sub.all_parts()]
    below = [c.__name__ for c in Page.__subclasses__()]
    return jsonify(numbers, list(Sub.all_parts()), below, Order.query.count())

@bp.get("/own")
def own():
    return jsonify(Own().shown(), [o.number for o in Own.mro()])
"""
)


def test_a_settings_object_reaches_no_database(alike: Alike) -> None:
    pair = alike(SETTINGS, ["/settings", "/find/count"])
    assert not outcome_of(pair.conversion).bridged
    text = pair.conversion.texts["views.py"]
    assert ".limit(settings.LIMIT)" in text
    assert "    def __getattr__(self, name):" in text


def test_what_it_holds_is_called_as_before(alike: Alike) -> None:
    alike(FUNCTIONS, ["/late"])


def test_classes_of_a_class_are_pythons(alike: Alike) -> None:
    pair = alike(CLASSES, ["/classes", "/own", "/find/count"])
    assert not outcome_of(pair.conversion).bridged
    assert "    def all_parts(cls):\n        for class_ in" in pair.conversion.texts["views.py"]
