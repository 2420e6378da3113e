"""`self.__class__`, and private names: what Python calls `_Report__pair` is written `__pair`."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import FILES, HEAD, Alike

VIEWS = (
    HEAD
    + """
class Report:
    def __init__(self, name):
        self.name = name
        first, second = self.__class__.__pair(name)
        self.found = [
            first, second, self.__class__.pair(name), type(self).__pair(name), Report.__pair(name),
            self.__pair(name), self.__class__.__own(self), self.__class__.kind(),
        ]

    @staticmethod
    def __pair(name):
        return Customer.query.filter_by(name=name).count(), name

    @staticmethod
    def pair(name):
        return Order.query.count(), name

    def __own(self):
        return Customer.query.filter_by(name=self.name).one().total()

    @classmethod
    def kind(cls):
        return cls.__pair("ann"), cls.__name__

    def read(self, other):
        return other.__own() + other.__class__.__own(other)

class Below(Report):
    @classmethod
    def kind(cls):
        return Order.query.filter(Order.amount > 20).count()

    @staticmethod
    def pair(name):
        return [o.customer.name for o in Order.query.order_by(Order.id)]

@bp.route("/report/<name>")
def report(name):
    return jsonify(Report(name).found, Below(name).found, Report.kind())

@bp.route("/read")
def read():
    kinds = {"a": Report, "b": Below}
    one, other = kinds[request.args["one"]]("ann"), kinds["b"]("bob")
    return jsonify(one.read(other), getattr(one, "read")(one))

@bp.route("/like/<int:id>")
def like(id):
    order = db.session.get(Order, id)
    return jsonify([o.customer.name for o in order.others()], order.customer.like())
"""
)
MODELS = (
    FILES["models.py"]
    .replace(
        'customer_id = db.Column(db.ForeignKey("customer.id"))',
        """customer_id = db.Column(db.ForeignKey("customer.id"))

            def others(self):
                found = self.__class__.query.filter(self.__class__.id != self.id)
                return found.order_by(Order.id).all()
    """,
    )
    .replace(
        "            @property\n            def last",
        """            def like(self):
                kind = self.__class__
                db.session.commit()
                return [(c.name, kind.__name__) for c in db.session.query(kind).filter_by(name=self.name)]

            @property
            def last""",
    )
)


@pytest.mark.parametrize("path", ["/report/ann", "/report/bob", "/read?one=a", "/read?one=b"])
def test_private_names_and_the_class_of_self(path: str, alike: Alike) -> None:
    alike(VIEWS, [path], models=MODELS)


def test_the_class_of_a_mapped_object_is_asked_natively(alike: Alike) -> None:
    sides = alike(VIEWS, ["/like/1", "/like/2"], models=MODELS)
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen


OF_ATTRIBUTES = (
    HEAD
    + """
@bp.route("/kinds")
def kinds():
    order = Order.query.order_by(Order.id).first()
    cls = type(order.customer)
    named = cls.query.order_by(cls.name).all()
    whose, other = type(order.customer), order.customer.__class__
    return jsonify(
        [c.name for c in named], whose.query.count(), other.query.filter_by(id=1).count(),
        type(order.customer).query.count(), db.session.query(cls).count(), cls.__name__,
    )
"""
)


def test_the_class_of_what_an_attribute_holds(alike: Alike) -> None:
    alike(OF_ATTRIBUTES, ["/kinds"])
