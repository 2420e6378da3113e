"""What a resource lists in `method_decorators` gets its methods alone, and what it gives them is known."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import Request

SHOP = (
    HEAD
    + """
from flask_restx import Api, Resource

api = Api(bp, doc=False)

def owned(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        found = Customer.query.get(kwargs.pop("key"))
        if found is None:
            abort(404)
        if request.args.get("touch"):
            found.name = found.name.upper()
            db.session.commit()
        return f(*args, customer=found, **kwargs)
    return wrapper

def counted(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        g.orders = Order.query.count()
        return f(*args, **kwargs)
    return wrapper

def greet(customer):
    g.customer = customer
    return f"dear {customer.name}"

@bp.route("/made", methods=["POST"])
def made():
    customer = Customer(name="eve")
    db.session.add(customer)
    db.session.commit()
    return greet(customer) + str(g.customer.id) + g.customer.name

@bp.route("/all")
def listed():
    return [c.name for c in Customer.query.order_by(Customer.id)]
"""
)

ONE = """
@api.route("/of/<int:key>")
class Named(Resource):
    method_decorators = GIVEN

    def get(self, customer):
        return [customer.name, customer.total(), customer.last.number, getattr(g, "orders", 0)]

    def put(self, customer):
        customer.name = "bob"
        db.session.commit()
        return [greet(customer), g.customer.name, customer.id]

    def delete(self, customer, reason="none"):
        for order in customer.orders:
            order.customer = None
        db.session.delete(customer)
        db.session.commit()
        return reason
"""
ASKED: list[str | Request] = [
    "/of/1", "/of/2?touch=1", ("PUT", "/of/1"), ("PUT", "/of/2?touch=1"), ("POST", "/made"), "/all",
    ("DELETE", "/of/2"), "/all",
]  # fmt: skip


@pytest.mark.parametrize(
    "given",
    ["[owned]", "(owned,)", "[owned, counted]", "[counted, owned]"],
)
def test_what_they_give_is_known(given: str, alike: Alike) -> None:
    pair = alike(SHOP + ONE.replace("GIVEN", given), ASKED)
    if "counted" not in given:
        assert "bridge(getattr" not in pair.conversion.texts["views.py"]


#: As Flask-RESTful's own dispatches: a list, or one for each HTTP method.
RESTFUL = """
from flask import jsonify, request
from flask.views import MethodView

class Resource(MethodView):
    method_decorators = []

    def dispatch_request(self, *args, **kwargs):
        name = request.method.lower()
        found = self.method_decorators
        if isinstance(found, dict):
            found = found.get(name, [])
        method = getattr(self, name)
        for decorator in found:
            method = decorator(method)
        return jsonify(method(*args, **kwargs))
"""


@pytest.mark.parametrize(
    "given",
    [
        '{"get": [owned], "put": [owned, counted], "delete": [owned]}',
        '{"get": (owned,), **{"put": [owned]}, "delete": [owned]}',
    ],
)
def test_one_for_each_http_method(given: str, alike: Alike) -> None:
    views = SHOP.replace(
        "from flask_restx import Api, Resource", "from flask_restful import Resource"
    )
    views = views.replace("api = Api(bp, doc=False)", "")
    one = ONE.replace('@api.route("/of/<int:key>")\n', "").replace("GIVEN", given)
    added = 'bp.add_url_rule("/of/<int:key>", view_func=Named.as_view("named"))\n'
    alike(f"{views}{one}\n{added}", ASKED, {"flask_restful": RESTFUL})


@pytest.mark.parametrize(
    "listed",
    [
        # by another name, by a class above, by more than one way
        "GUARDS = [owned]\n\nclass Above(Resource):\n    method_decorators = GUARDS\n",
        "class Above(Resource):\n    method_decorators = [owned] + []\n",
        "class Above(Resource):\n    method_decorators = [owned]\n",
        "def either(f):\n    return f if request.method == 'HEAD' else owned(f)\n\n"
        "class Above(Resource):\n    method_decorators = [either]\n",
        "class Loading:\n    def around(self, f):\n        return owned(f)\n\n"
        "class Above(Resource):\n    method_decorators = [Loading().around]\n",
    ],
)
def test_listed_in_other_ways(listed: str, alike: Alike) -> None:
    one = ONE.replace("(Resource)", "(Above)").replace("    method_decorators = GIVEN\n\n", "")
    alike(f"{SHOP}\n{listed}\n{one}", ASKED)


def test_what_the_url_gives_as_well(alike: Alike) -> None:
    """The same name comes from the URL where nothing is put around the method, and from other code."""
    views = f"""{SHOP}
@api.route("/named/<int:key>")
class Named(Resource):
    method_decorators = [owned]

    def get(self, customer):
        return customer.total()

    def post(self, customer):
        return self.shown(customer)

    def shown(self, customer):
        return customer if isinstance(customer, int) else customer.orders[0].number

@api.route("/plain/<int:customer>")
class Plain(Named):
    method_decorators = []

    def get(self, customer):
        return self.shown(customer)

    def post(self, customer):
        return super().post(Customer.query.get(customer))

@api.route("/other/<int:customer>")
class Other(Plain):
    def get(self, customer):
        found = Customer.query.get(customer)
        db.session.commit()
        return self.shown(found)
"""
    alike(views, ["/named/1", ("POST", "/named/2"), "/plain/3", ("POST", "/plain/1"), "/other/2"])


@pytest.mark.parametrize(
    "around",
    ["wrapper(*args, **kwargs)", "wrapper(key, *args, **kwargs)"],
)
@pytest.mark.parametrize("call", ["f(*args, customer=found, **kwargs)", "f(found, *args)"])
def test_decorated_views(around: str, call: str, alike: Alike) -> None:
    key = "key" if "(key" in around else 'kwargs.pop("key")'
    views = f"""{HEAD}
def loaded(f):
    @wraps(f)
    def {around}:
        found = Customer.query.get({key})
        return {call}
    return wrapper

def shown(customer):
    return customer if isinstance(customer, str) else customer.last.number

@bp.route("/of/<int:key>")
@loaded
def of(customer):
    db.session.commit()
    return customer.name + shown(customer) + customer.name

@bp.route("/plain/<customer>")
def plain(customer):
    return shown(customer)

@bp.route("/again")
def again():
    return of(key=1) + shown("x")
"""
    alike(views, ["/of/1", "/of/2", "/plain/ann", "/again"])
