"""Nothing loads by the way: what a mapped object has is known, whoever calls, wherever it is said."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike, models_with

_LOGGER = "migrator.runtime.db.implicit"


def implicit(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was loaded where nothing awaits it."""
    return [r.getMessage() for r in caplog.records if r.name == _LOGGER]


def test_a_method_has_callers_that_nobody_sees(
    alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    views = (
        HEAD
        + """
from sqlalchemy.orm import joinedload

@bp.get("/loaded/<number>")
def of_loaded(number):
    query = Order.query.options(joinedload(Order.customer)).filter_by(number=number)
    return query.one().card()

class Orders:
    def find(self, number):
        return Order.query.filter_by(number=number).one()

def setup(app):
    app.extensions["orders"] = Orders()

@bp.get("/unseen/<number>")
def of_unseen(number):
    return current_app.extensions["orders"].find(number).card()
"""
    )
    column = 'customer_id = db.Column(db.ForeignKey("customer.id"))'
    card = "def card(self): return f'{self.number} {self.customer.name}'"
    models = models_with("").replace(column, f"{column}\n    {card}")
    alike(views, ["/loaded/N1", "/unseen/N2"], models=models)
    assert not implicit(caplog)


@pytest.mark.parametrize("where", ["in", "below"])
def test_a_mapped_attribute_is_put_on_its_class(
    alike: Alike, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    views = (
        HEAD
        + """
@bp.get("/")
def index():
    ann = Customer.query.order_by(Customer.id).first()
    ann.name = "anna"
    db.session.commit()
    return jsonify(orders=ann.n_orders, rate=ann.rate, aims=[a.text for a in ann.aims])
"""
    )
    mapped = {
        "n_orders": "db.column_property(db.select(db.func.count(Order.id))"
        ".where(Order.customer_id == Customer.id).scalar_subquery())",
        "rate": "db.deferred(db.Column(db.Integer, default=7))",
        "aims": 'db.relationship("Aim", order_by="Aim.id")',
    }
    aim = """
class Aim(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(9), default="sell")
    customer_id = db.Column(db.ForeignKey("customer.id"))
"""
    inside = "" if where == "below" else f"rate = {mapped.pop('rate')}\naims = {mapped.pop('aims')}"
    below = "".join(f"Customer.{name} = {value}\n" for name, value in mapped.items())
    models = models_with(inside).replace(
        "def seed():", f"{aim}\n{below}\ndef seed():\n    db.session.add(Aim(customer_id=1))"
    )
    alike(views, ["/"], models=models)
    assert not implicit(caplog)


def test_class_based_views_are_given_a_model(alike: Alike) -> None:
    views = (
        HEAD
        + """
from flask.views import MethodView

def counted(view):
    @wraps(view)
    def inner(*args, **kwargs):
        g.n = Order.query.count()
        return view(*args, **kwargs)
    return inner

class Items(MethodView):
    init_every_request = False

    def __init__(self, model, field="name", limit=None):
        self.model, self.field, self.limit = model, field, limit

    def get(self):
        rows = self.model.query.order_by(self.model.id).limit(self.limit)
        return jsonify([getattr(row, self.field) for row in rows])

    def post(self):
        row = self.model(**{self.field: "new"})
        db.session.add(row)
        db.session.commit()
        return jsonify(id=row.id, n=self.model.query.count())

class Counted(Items):
    decorators = [counted]

    def get(self):
        return jsonify(n=g.n, first=self.model.query.first().id)

def setup(app):
    for name, model, field in (("customers", Customer, "name"), ("orders", Order, "number")):
        app.add_url_rule(f"/{name}", view_func=Items.as_view(name, model, field))
        app.add_url_rule(f"/{name}/n", view_func=Counted.as_view(f"{name}-n", model=model))
    app.add_url_rule("/few", view_func=Items.as_view("few", Order, limit=2, field="number"))
"""
    )
    paths = ["/customers", "/orders", ("POST", "/orders"), "/orders/n", "/customers/n", "/few"]
    pair = alike(views, paths)
    text = pair.conversion.texts["views.py"]
    assert "select(self.model)" in text
    assert "view_func=Items.as_view(name, model, field)" in text
