"""Applications of APIFlask: Flask stays their frame, on the event loop."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.errors import UsageError
from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import Request

#: APIFlask's own, of a schema and of a way to log in that its document comes across twice.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*already been added to the spec:UserWarning",
    "ignore:The auth scheme name .* has existed:UserWarning",
)

VIEWS = """
import flask
from apiflask import (
    APIBlueprint, HTTPError, HTTPTokenAuth, PaginationSchema, Schema, abort, pagination_builder
)
from apiflask.fields import Function, Integer, List, Nested, String
from apiflask.validators import Length
from apiflask.views import MethodView
from marshmallow import ValidationError, validates
from pydantic import BaseModel

bp = APIBlueprint("b", __name__, tag="Customers")
auth = HTTPTokenAuth()

class OrderOut(Schema):
    number = String()

class CustomerOut(Schema):
    name = String()
    orders = List(Nested(OrderOut))
    total = Function(lambda customer: customer.total())

class Named(Schema):
    name = String()

class CustomersOut(Schema):
    customers = List(Nested(Named))
    pagination = Nested(PaginationSchema)

class PageIn(Schema):
    page = Integer(load_default=1)
    per_page = Integer(load_default=1)

class NameIn(Schema):
    name = String(required=True, validate=Length(max=5))

    @validates("name")
    def is_free(self, value, **of_the_schema):
        if Customer.query.filter_by(name=value).count():
            raise ValidationError("taken")

class Contains(BaseModel):
    part: str

@auth.verify_token
def verify(token):
    return Customer.query.filter_by(name=token).first()

@auth.get_user_roles
def roles(customer):
    return [order.number for order in customer.orders]

@bp.get("/<int:key>")
@bp.output(CustomerOut)
def customer(key):
    '''One customer.'''
    found = db.session.get(Customer, key)
    if found is None:
        abort(404, "No such customer", detail={"key": key})
    return found

@bp.get("/raised/<int:key>")
def raised(key):
    if Order.query.filter_by(customer_id=key).count() == 0:
        raise HTTPError(410, extra_data={"code": 7}, headers={"X-Key": str(key)})
    flask.abort(403)

@bp.get("/")
@bp.input(PageIn, location="query")
@bp.output(CustomersOut)
def customers(query_data):
    found = Customer.query.order_by(Customer.id).paginate(**query_data)
    return {"customers": found.items, "pagination": pagination_builder(found)}

@bp.get("/with")
@bp.input(Contains, location="query")
def with_part(query_data):
    found = Customer.query.filter(Customer.name.contains(query_data.part))
    return [customer.name for customer in found.order_by(Customer.id)]

@bp.post("/<int:key>")
@bp.auth_required(auth)
@bp.input(NameIn, arg_name="data")
@bp.output(CustomerOut, status_code=201)
@bp.doc(summary="Rename", responses=[404])
def rename(key, data):
    found = Customer.query.get_or_404(key)
    found.name = data["name"]
    db.session.commit()
    return found, {"X-By": auth.current_user.name}

@bp.get("/own")
@bp.auth_required(auth, roles=["N0"])
@bp.output({"last": String()}, schema_name="Last")
def own():
    return {"last": auth.current_user.last.number}

@bp.get("/anyone")
@bp.auth_required(auth, optional=True)
def anyone():
    return {"orders": len(auth.current_user.orders) if auth.current_user else None}

@bp.route("/orders/<int:key>")
class OneOrder(MethodView):
    decorators = [bp.doc(tags=["Orders"])]

    @bp.output(OrderOut)
    def get(self, key):
        return db.get_or_404(Order, key)

    @bp.auth_required(auth)
    @bp.output({}, status_code=204)
    def delete(self, key):
        db.session.delete(db.session.get(Order, key))
        db.session.commit()
        return ""

def setup(app):
    # A refusal counts as the answer of a legacy application that works; a failure does not.
    @app.after_request
    def told(response):
        response.headers["X-Status"] = str(response.status_code)
        if response.status_code < 500:
            response.status_code = 200
        return response

    @app.get("/title")
    def title():
        return {"title": app.title, "first": Customer.query.first().name}
"""
PROCESSORS = """
    @app.error_processor
    def failed(error):
        known = [c.name for c in Customer.query.order_by(Customer.id)]
        return {"known": known, "why": error.message, "detail": error.detail}, error.status_code

    @auth.error_processor
    def refused(error):
        return {"customers": Customer.query.count(), "why": error.message}, error.status_code

    @app.spec_processor
    def described(spec):
        spec["info"]["x-customers"] = Customer.query.count()
        return spec
"""
_MAKE = """
        import os
        IMPORTS
        from PKG import views
        from PKG.models import db

        URL = ""

        def create_app():
            app = MADE(__name__, title="Shop", instance_relative_config=True)
            app.config["SECRET_KEY"] = "alike"
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = URL or "sqlite:///" + path
            db.init_app(app)
            app.register_blueprint(views.bp)
            return app
"""


def _main(imports: str = "from apiflask import APIFlask", made: str = "APIFlask") -> str:
    return _MAKE.replace("IMPORTS", imports).replace("MADE", made)


def _as(name: str, method: str, path: str, **options: object) -> Request:
    return method, path, {"headers": {"Authorization": f"Bearer {name}"}, **options}


ASKED: list[str | Request] = [
    "/1", "/2", "/9", "/raised/1", "/raised/9",
    "/", "/?page=2", "/?page=9", "/?page=x", "/with?part=n", "/with",
    ("POST", "/1", {"json": {"name": "eve"}}),
    _as("nobody", "POST", "/1", json={"name": "eve"}),
    _as("ann", "POST", "/1"),
    _as("ann", "POST", "/1", json={"name": "far too long"}),
    _as("ann", "POST", "/1", json={"name": "bob"}),
    _as("ann", "POST", "/9", json={"name": "eve"}),
    _as("ann", "POST", "/1", json={"name": "eve"}),
    "/1", _as("ann", "GET", "/own"), _as("eve", "GET", "/own"), _as("bob", "GET", "/own"),
    "/anyone", _as("bob", "GET", "/anyone"),
    "/orders/1", "/orders/9", ("DELETE", "/orders/1"), _as("bob", "DELETE", "/orders/1"),
    "/orders/1", "/title", "/openapi.json", "/docs", "/nowhere", ("PUT", "/1"),
]  # fmt: skip


@pytest.mark.parametrize("alike", ["auto", "flask"], indirect=True)
@pytest.mark.parametrize("processors", ["", PROCESSORS], ids=["its-own-errors", "processors"])
def test_flask_stays_the_frame(processors: str, alike: Alike) -> None:
    sides = alike(HEAD + VIEWS + processors, ASKED, **{"__init__.py": _main()})
    assert "async def rename(key, data):" in sides.conversion.texts["views.py"]
    surface = sides.conversion.surface
    assert surface is not None
    legacy = importlib.import_module(sides.legacy).create_app()
    # Its own pages are no part of the repository.
    rules = {
        (rule.endpoint, rule.rule, tuple(sorted(rule.methods - {"HEAD", "OPTIONS"})))
        for rule in legacy.url_map.iter_rules()
        if not rule.endpoint.startswith("openapi.")
    }
    assert {(e.endpoint, e.rule, e.methods) for e in surface.endpoints} == rules


#: What APIFlask calls by itself, without asking `ensure_sync`.
CALLED = """
from apiflask import APIBlueprint, APIKeyHeaderAuth, HTTPBasicAuth, MultiAuth, Schema
from apiflask.commands import spec_command
from apiflask.fields import Integer, List, Method, String
from marshmallow import ValidationError, post_dump, post_load

bp = APIBlueprint("b", __name__)
basic, key = HTTPBasicAuth(), APIKeyHeaderAuth(param_name="X-Key")
either = MultiAuth(basic, key)

@basic.verify_password
def verify(name, password):
    found = Customer.query.filter_by(name=name).first()
    return found if found and str(found.id) == password else None

@key.verify_token
async def verify_key(token):
    return db.session.get(Customer, int(token))

def is_there(value):
    if db.session.get(Order, value) is None:
        raise ValidationError("no such order")

def how_many():
    return Customer.query.count()

class OrdersIn(Schema):
    orders = List(Integer(validate=is_there), required=True)
    count = Integer(load_default=how_many)

    @post_load
    def found(self, data, **of_the_schema):
        orders = Order.query.filter(Order.id.in_(data["orders"])).order_by(Order.id)
        return {"amount": sum(o.amount for o in orders), "count": data["count"]}

class CustomerOut(Schema):
    name = String()
    last = Method("last_number")

    def last_number(self, customer):
        return Order.query.filter_by(customer_id=customer.id).order_by(Order.id.desc()).first().number

    @post_dump
    def counted(self, data, **of_the_schema):
        return {**data, "of": Customer.query.count()}

@bp.before_request
@bp.auth_required(basic, optional=True)
def protect():
    g.known = Customer.query.count()

@bp.get("/me")
@bp.auth_required(either)
@bp.output(CustomerOut)
async def me():
    return db.session.get(Customer, basic.current_user.id)

@bp.get("/all")
@bp.output(CustomerOut(many=True))
def everyone():
    return Customer.query.order_by(Customer.id)

@bp.post("/orders")
@bp.input(OrdersIn)
def amounts(json_data):
    return {**json_data, "known": g.known}

def failed(error):
    body = {"known": Customer.query.count(), "why": error.message, "detail": error.detail}
    return body, 299 if error.status_code < 500 else 500

def described(spec):
    return {**spec, "x-customers": [c.name for c in Customer.query.order_by(Customer.id)]}

def may_see(f):
    @wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs) if Order.query.count() == 5 else ("no", 203)
    return inner

def setup(app):
    app.error_callback = failed
    app.spec_callback = described
    app.config["SPEC_DECORATORS"] = [may_see, app.auth_required(basic)]

    @app.get("/spec")
    def spec():
        # Its command has a context, and a thread, of its own.
        return {"spec": app.spec}

    @app.get("/command")
    def command():
        return {"output": app.test_cli_runner().invoke(spec_command).output}
"""


@pytest.mark.parametrize("alike", ["auto"], indirect=True)
def test_what_it_calls_by_itself(alike: Alike) -> None:
    basic = {"headers": {"Authorization": "Basic YW5uOjE="}}
    asked: list[str | Request] = [
        "/me", ("GET", "/me", basic), ("GET", "/me", {"headers": {"X-Key": "2"}}),
        ("GET", "/me", {"headers": {"X-Key": "7"}}), ("GET", "/all", basic),
        ("POST", "/orders", {**basic, "json": {"orders": [1, 2]}}),
        ("POST", "/orders", {**basic, "json": {"orders": [1, 9]}}),
        "/openapi.json", ("GET", "/openapi.json", basic), "/spec", "/command",
    ]  # fmt: skip
    alike(HEAD + CALLED, asked, **{"__init__.py": _main()})


@pytest.mark.parametrize("alike", ["auto"], indirect=True)
@pytest.mark.parametrize(
    ("imports", "made"),
    [
        ("import apiflask", "apiflask.APIFlask"),
        ("from apiflask.app import APIFlask", "APIFlask"),
        ("from apiflask import APIFlask\n        class Shop(APIFlask): pass", "Shop"),
    ],
)
def test_however_the_class_is_named(imports: str, made: str, alike: Alike) -> None:
    asked = ["/1", "/9", "/title", "/openapi.json"]
    alike(HEAD + VIEWS, asked, **{"__init__.py": _main(imports, made)})


def test_the_other_frame_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from apiflask import APIFlask\napp = APIFlask(__name__)\n")
    with pytest.raises(UsageError, match="APIFlask"):
        convert(tmp_path, package="new", frame="fastapi")
