"""A decorator that is used as a value: whoever applies it calls what it returns plainly."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

HEAD = """
from functools import wraps
from flask import Blueprint, abort, g
from flask.views import MethodView
from PKG.models import Customer, Order

bp = Blueprint("shop", __name__)

def known(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        if Customer.query.get(1) is None:
            abort(403)
        return f(*args, **kwargs)
    return wrapper

def customer(key):
    def decorator(f):
        @wraps(f)
        def inner(*args, **kwargs):
            g.customer = Customer.query.get(key)
            return f(*args, **kwargs)
        return inner
    return decorator

def count():
    return str(Order.query.count())

def name():
    return g.customer.name

"""
#: Flask-RESTful's way with `method_decorators`.
RESOURCES = """
from flask import jsonify
from flask.views import MethodView

class Resource(MethodView):
    method_decorators = []

    def dispatch_request(self, **values):
        from flask import request
        method = getattr(self, request.method.lower())
        found = self.method_decorators
        if isinstance(found, dict):
            found = found.get(request.method.lower(), [])
        for decorator in found:
            method = decorator(method)
        return jsonify(result=method(**values))
"""


@pytest.mark.parametrize(
    "given",
    ["[known]", "(known,)", "[known, customer(2)]", '{"get": [known, customer(2)]}'],
)
def test_method_decorators_of_a_foreign_base(given: str, alike: Alike) -> None:
    views = f"""
from flask_resources import Resource

class Counted(Resource):
    method_decorators = {given}

    def get(self):
        return Order.query.count()

class Still(Resource):
    method_decorators = {given}

    def get(self):
        return "still"

bp.add_url_rule("/counted", view_func=Counted.as_view("counted"))
bp.add_url_rule("/still", view_func=Still.as_view("still"))
"""
    alike(HEAD + views, ["/counted", "/still"], {"flask_resources": RESOURCES})


@pytest.mark.parametrize(
    "views",
    [
        # around the view that Flask makes of a class
        "class Counted(MethodView):\n"
        "    decorators = [known, customer(2)]\n\n"
        "    def get(self):\n        return g.customer.name + count()\n\n"
        "bp.add_url_rule('/', view_func=Counted.as_view('counted'))\n",
        # by hand
        "count = known(count)\nbp.add_url_rule('/', view_func=count)\n",
        "bp.add_url_rule('/', view_func=customer(2)(name))\n",
        "guarded = known(count)\n\n@bp.route('/')\ndef view():\n    return guarded()\n",
        "@bp.route('/')\ndef view():\n    return known(count)()\n",
        # kept in containers
        "BY = {'a': known, 'b': customer(2)}\nbp.add_url_rule('/', view_func=BY['b'](name))\n",
        "GUARDS = [known, customer(2)]\n\n"
        "def guarded(f):\n    for guard in GUARDS:\n        f = guard(f)\n    return f\n\n"
        "@bp.route('/')\n@guarded\ndef view():\n    return name()\n",
        # passed as arguments
        "def compose(*guards):\n    def decorator(f):\n        for guard in reversed(guards):\n"
        "            f = guard(f)\n        return f\n    return decorator\n\n"
        "@bp.route('/')\n@compose(known, customer(2))\ndef view():\n    return name()\n",
        "def add(rule, f, guards=()):\n    for guard in guards:\n        f = guard(f)\n"
        "    bp.add_url_rule(rule, 'added', f)\n\nadd('/', count, guards=[known])\n",
        # attributes
        "class Crud:\n    guard = None\n\n    def register(self):\n        f = self.index\n"
        "        if self.guard:\n            f = type(self).guard(f)\n"
        "        bp.add_url_rule('/', 'index', f)\n\n    def index(self):\n        return count()\n\n"
        "class Guarded(Crud):\n    guard = known\n\nGuarded().register()\n",
        "class Service:\n    def count(self):\n        return count()\n\n"
        "    count = known(count)\n    safe = known(count)\n\n"
        "@bp.route('/')\ndef view():\n    return Service().safe()\n",
        # nothing below it reaches the database
        "def calm(f):\n    @wraps(f)\n    def wrapper():\n        return f()\n    return wrapper\n\n"
        "def calmed(f):\n    f = calm(f)\n    return f\n\n"
        "@bp.route('/')\n@calmed\ndef view():\n    return count()\n",
    ],
)
def test_decorators_that_are_applied_by_hand(views: str, alike: Alike) -> None:
    alike(HEAD + views, ["/"])


RETRY = """
from functools import wraps

def retry(times):
    def decorator(f):
        @wraps(f)
        def again(*args, **kwargs):
            result = f(*args, **kwargs)
            return result + f"|{len(result)}" * times
        return again
    return decorator
"""


@pytest.mark.parametrize(
    "views",
    [
        # the wrapper has a decorator of its own
        "def retried(f):\n    @wraps(f)\n    @retry(2)\n    def wrapper():\n"
        "        return f() if Customer.query.count() else ''\n    return wrapper\n\n"
        "@bp.route('/')\n@retried\ndef view():\n    return count()\n",
        # what it returns is no longer what it was given
        "def retried(f):\n    f = retry(2)(f)\n    return f\n\n"
        "@bp.route('/')\n@retried\ndef view():\n    return count()\n",
    ],
)
def test_decorators_that_apply_others(views: str, alike: Alike) -> None:
    head = HEAD + "from flask_retrying import retry\n\n"
    alike(head + views, ["/"], {"flask_retrying": RETRY})
