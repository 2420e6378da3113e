"""What the framework, or other code around it, hands to views, hooks and handlers may be anything."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike
from tests.codemod.parity import Request

HEAD = """
from functools import wraps
from blinker import Namespace
from flask import Blueprint, abort, render_template_string
from PKG.models import Customer, db

bp = Blueprint("shop", __name__)

def rename(customer, name):
    customer.name = name
    db.session.commit()

"""
#: A decorator that looks up what the view gets, as webargs and others do.
LOADED = """
from functools import wraps

def loaded(name, loader):
    def decorator(f):
        @wraps(f)
        def view(**values):
            return f(**{name: loader(values.pop("key"))}, **values)
        return view
    return decorator
"""
#: Flask-RESTful's way with `method_decorators`.
RESOURCES = """
from flask import jsonify, request
from flask.views import MethodView

class Resource(MethodView):
    method_decorators = []

    def dispatch_request(self, **values):
        method = getattr(self, request.method.lower())
        for decorator in self.method_decorators:
            method = decorator(method)
        return jsonify(result=method(**values))
"""


@pytest.mark.parametrize("body", ["str(customer.total())", "customer.last.number"])
@pytest.mark.parametrize(
    "views",
    [
        # a hook puts it among the values of the URL
        "@bp.url_value_preprocessor\ndef pull(endpoint, values):\n"
        "    values['customer'] = Customer.query.get(values.pop('key'))\n\n"
        "@bp.route('/<int:key>')\ndef view(customer):\n    return BODY\n",
        # ... by the name that the rule has
        "@bp.url_value_preprocessor\ndef pull(endpoint, values):\n"
        "    values['customer'] = Customer.query.get(values['customer'])\n\n"
        "@bp.route('/<int:customer>')\ndef view(customer):\n    return BODY\n",
        # a decorator of another distribution
        "from flask_loaded import loaded\n\ndef find(key):\n    return Customer.query.get(key)\n\n"
        "@bp.route('/<int:key>')\n@loaded('customer', find)\ndef view(customer):\n    return BODY\n",
        # an exception
        "class Refused(Exception):\n    def __init__(self, customer):\n"
        "        self.customer = customer\n\n"
        "@bp.app_errorhandler(Refused)\ndef refused(error):\n"
        "    customer = error.customer\n    return BODY\n\n"
        "@bp.route('/<int:key>')\ndef view(key):\n    raise Refused(Customer.query.get(key))\n",
        # a filter, of what a template has
        "@bp.app_template_filter()\ndef shown(customer):\n    return BODY\n\n"
        "@bp.route('/<int:key>')\ndef view(key):\n"
        "    found = {'a': {'b': Customer.query.get(key)}}\n"
        "    return render_template_string('{{ x.a.b|shown }}', x=found)\n",
        # a signal
        "asked = Namespace().signal('asked')\nseen = []\n\n"
        "def note(sender, customer):\n    seen.append(BODY)\n\nasked.connect(note)\n\n"
        "@bp.route('/<int:key>')\ndef view(key):\n    seen.clear()\n"
        "    asked.send(None, customer=Customer.query.get(key))\n    return seen[0]\n",
    ],
)
def test_a_mapped_object(views: str, body: str, alike: Alike) -> None:
    alike(HEAD + views.replace("BODY", body), ["/1", "/2"], {"flask_loaded": LOADED})


def test_method_decorators(alike: Alike) -> None:
    views = """
from flask_decorated import Resource

def known(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        customer = Customer.query.get(kwargs.pop("key"))
        return f(*args, customer=customer, **kwargs)
    return wrapper

class Customers(Resource):
    method_decorators = [known]

    def get(self, customer):
        return [customer.name, customer.total(), customer.last.number]

    def put(self, customer):
        if rename(customer, "eve"):
            abort(500)
        return customer.name

bp.add_url_rule("/<int:key>", view_func=Customers.as_view("customers"))
"""
    requests = ["/1", ("PUT", "/1"), "/1", "/2"]
    alike(HEAD + views, requests, {"flask_decorated": RESOURCES})


def test_parameters_that_no_url_gives(alike: Alike) -> None:
    """A decorator of the repository gives them, or nobody: never the query or the body."""
    views = """
from pydantic import BaseModel

class Card(BaseModel):
    name: str

def loads(model):
    def decorator(f):
        @wraps(f)
        def inner(*args, **kwargs):
            kwargs[model.__name__.lower()] = model.query.get_or_404(kwargs.pop("key"))
            return f(*args, **kwargs)
        return inner
    return decorator

def dumped(f):
    @wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs).model_dump()
    return inner

@bp.route("/bare/<int:key>")
@loads(Customer)
def bare(customer):
    return str(customer.total())

@bp.get("/hinted/<int:key>", endpoint="other")
@loads(Customer)
def hinted(customer: Customer) -> str:
    return str(customer.total())

@bp.get("/p" + "ut/<int:key>")
@loads(Customer)
def put(*, customer):
    return str(customer.total())

@bp.route("/pages/", methods=["GET", "POST"])
@bp.route("/pages/<int:page>")
def pages(page: int = 1):
    return str(page)

@bp.get("/always")
def always(page: int = 1):
    return str(page)

@bp.get("/card")
@dumped
def card() -> Card:
    return Card(name=Customer.query.first().name)

def setup(app):
    app.add_url_rule("/added/<int:key>", view_func=loads(Customer)(lambda customer: customer.name))
"""
    paths: list[str | Request] = [
        "/bare/1", "/hinted/2", "/put/1", "/pages/", "/pages/?page=3", "/pages/4", "/always?page=5",
        "/card", "/added/2", ("POST", "/pages/?page=2"),
    ]  # fmt: skip
    alike(HEAD + views, paths)


#: A view of another distribution, as GraphQL servers and metrics have one.
GRAPHS = """
from flask import current_app, jsonify
from flask.views import View

class GraphView(View):
    methods = ["GET", "POST"]

    def __init__(self, resolve):
        self.resolve = resolve

    def dispatch_request(self):
        return jsonify(current_app.import_name[-3:] and self.resolve())

def plain():
    return current_app.config["SECRET_KEY"]
"""


def test_views_of_other_distributions(alike: Alike) -> None:
    """They stay on the mount, and so do their rules: the converted application has none of them."""
    views = """
def names():
    return [c.name for c in Customer.query.order_by(Customer.id)]

@bp.route("/names")
def ours():
    return names()

def setup(app):
    from graphs import GraphView, plain
    app.add_url_rule("/graph", view_func=GraphView.as_view("graph", resolve=names))
    app.add_url_rule("/plain", "plain", plain)
"""
    asked = ["/names", "/graph", ("POST", "/graph"), "/plain"]
    alike(HEAD + views, asked, {"graphs": GRAPHS})
