"""A method that a descriptor of the application's own reads: what it gives is no method."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = """
class classproperty:
    def __init__(self, f):
        self.f = f

    def __get__(self, obj, owner):
        return self.f(owner)

class Backend:
    _instance = None

    def __init__(self):
        Backend._instance = self

    @classproperty
    def instance(cls):
        return cls._instance

    def find(self, model):
        return self.do_find(model)

    def do_find(self, model):
        raise NotImplementedError()

    def again(self, model):
        return [self.instance.find(model)]

class Sql(Backend):
    def do_find(self, model):
        return [o.id for o in db.session.query(model).order_by(model.id)]

Sql()
CHOICES = {"orders": lambda: sorted([number, "x"] for number in Backend.instance.find(Order))}

def available():
    return [number for number in Backend.instance.find(Customer)]

@bp.get("/function")
def function():
    return jsonify(available(), Backend.instance.again(Order))

@bp.get("/lambda")
def kept():
    return jsonify(CHOICES["orders"]())

@bp.get("/sorted")
def ordered():
    return jsonify(sorted([3, 1, 2], key=lambda n: (Backend.instance.find(Order).count(n), n)))
"""


def test_what_it_is_asked_is_awaited_and_found_by_its_name(alike: Alike) -> None:
    alike(HEAD + VIEWS, ["/function", "/lambda", "/sorted"])
