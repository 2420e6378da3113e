"""Foreign code that finds the repository's functions by name, or calls them back from native code."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike, models_with

HEAD = """
import json
import logging
import operator
from blinker import Namespace
from flask import Blueprint, current_app, g, jsonify, render_template_string, url_for
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, ValidationError
from PKG.models import Customer, Order

bp = Blueprint("shop", __name__)
LOG = []

"""
#: Reads attributes by their names, as marshmallow does.
FIELDS = """
class Attribute:
    def __init__(self, path):
        self.path = path

    def value(self, schema, obj):
        for part in self.path.split("."):
            obj = getattr(obj, part)
            if callable(obj):
                obj = obj()
        return obj

class Method:
    def __init__(self, name):
        self.name = name

    def value(self, schema, obj):
        return getattr(schema, self.name)(obj)

class Function:
    def __init__(self, f):
        self.f = f

    def value(self, schema, obj):
        return self.f(obj)

class Schema:
    def dump(self, obj):
        fields = vars(type(self)).items()
        return {name: f.value(self, obj) for name, f in fields if hasattr(f, "value")}

class Registry:
    def __init__(self):
        self.kept = []

    def keep(self, thing):
        self.kept.append(thing)
        return thing

    def run(self, name, *args):
        made = [k() if isinstance(k, type) else k for k in self.kept]
        return [getattr(k, name)(*args) for k in made]
"""


@pytest.mark.parametrize(
    "view",
    [
        "return str(getattr(Customer.query.first(), 'total')())",
        "return getattr(Customer.query.first(), 'last').number",
        "return str(list(map(operator.methodcaller('total'), Customer.query.all())))",
        "found = sorted(Customer.query.all(), key=operator.methodcaller('total'))\n"
        "    return ','.join(c.name for c in found)",
        "return str([o.number for o in map(operator.attrgetter('last'), Customer.query.all())])",
        "return str(operator.methodcaller('total')(Customer.query.first()))",
        "return max(Customer.query.all(), key=Customer.total).name",
        "customer, found = Customer.query.first(), []\n"
        "    for name in ('name', 'total'):\n"
        "        value = getattr(customer, name)\n"
        "        found.append(str(value() if callable(value) else value))\n"
        "    return ','.join(found)",
    ],
)
def test_methods_that_are_looked_up_by_name(view: str, alike: Alike) -> None:
    alike(f"{HEAD}@bp.route('/')\ndef view():\n    {view}\n", ["/"])


def test_fields_that_name_methods(alike: Alike) -> None:
    views = """
from flask_fields import Attribute, Function, Method, Schema

class OrderSchema(Schema):
    number = Attribute("number")
    siblings = Method("count_siblings")
    owner = Function(lambda order: order.customer.name)

    def count_siblings(self, order):
        return Order.query.filter_by(customer_id=order.customer_id).count()

class CustomerSchema(Schema):
    total = Attribute("total")
    last = Attribute("last.number")

@bp.route("/order")
def order():
    return jsonify(OrderSchema().dump(Order.query.first()))

@bp.route("/customers")
def customers():
    return jsonify([CustomerSchema().dump(c) for c in Customer.query.order_by(Customer.id)])
"""
    alike(HEAD + views, ["/order", "/customers"], {"flask_fields": FIELDS})


@pytest.mark.parametrize(
    "keep",
    ["registry.keep(Counter)", "registry.keep(Counter())", "Counter = registry.keep(Counter)"],
)
def test_objects_that_others_have(keep: str, alike: Alike) -> None:
    views = f"""
from flask_fields import Registry

registry = Registry()

class Counter:
    def count(self, amount):
        return Order.query.filter(Order.amount > amount).count()

{keep}

@bp.route("/")
def view():
    return str(registry.run("count", 20) + [Counter().count(40)])
"""
    alike(HEAD + views, ["/"], {"flask_fields": FIELDS})


def test_forms_whose_validators_query(alike: Alike) -> None:
    views = """
def unknown(form, field):
    if Customer.query.filter_by(name=field.data).first():
        raise ValidationError("taken")

class Unknown:
    def __init__(self, model):
        self.model = model

    def __call__(self, form, field):
        if self.model.query.filter_by(number=field.data).count():
            raise ValidationError("taken too")

class Form(FlaskForm):
    name = StringField(validators=[unknown])
    number = StringField(validators=[Unknown(Order)])
    other = StringField()
    choice = SelectField(coerce=int)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choice.choices = [(c.id, c.name) for c in Customer.query.all()]

    def validate_other(self, field):
        if Order.query.filter_by(number=field.data).first():
            raise ValidationError("no")

    def validate(self, extra_validators=None):
        return super().validate(extra_validators) and Customer.query.count() == 2

@bp.route("/", methods=["POST"])
def view():
    count = Order.query.count()
    form = Form()
    return jsonify(ok=form.validate_on_submit(), errors=form.errors, count=count)
"""
    bad = {"name": "ann", "number": "N1", "other": "N2", "choice": "9"}
    good = {"name": "x", "number": "y", "other": "z", "choice": "2"}
    alike(HEAD + views, [("POST", "/", {"data": bad}), ("POST", "/", {"data": good})])


def test_what_flask_calls_while_a_url_is_built(alike: Alike) -> None:
    views = """
@bp.app_url_defaults
def add(endpoint, values):
    if endpoint == "shop.numbered":
        values.setdefault("n", Order.query.count())

@bp.url_value_preprocessor
def read(endpoint, values):
    if values and "n" in values:
        g.first = Customer.query.get(1).name

@bp.route("/<int:n>")
def numbered(n):
    return g.first + str(n) + str(Order.query.count())

def instead(error, endpoint, values):
    return f"/{endpoint}/{Order.query.count()}"

def setup(app):
    app.url_build_error_handlers.append(instead)

@bp.route("/")
def view():
    count = Customer.query.count()
    return f"{url_for('shop.numbered')} {url_for('shop.missing')} {count}"
"""
    alike(HEAD + views, ["/", "/3"])


def test_signals_logs_and_json(alike: Alike) -> None:
    views = """
made = Namespace().signal("made")
logger = logging.Logger("shop", "INFO")

@made.connect
def decorated(sender, **values):
    LOG.append(f"{sender.name} {Order.query.count()} {len(sender.orders)}")

def connected(sender, **values):
    LOG.append(str(Customer.query.count()))

made.connect(connected)

class Listener:
    def heard(self, sender, **values):
        LOG.append(Customer.query.first().name)

listener = Listener()
made.connect(listener.heard)

class Counting(logging.Filter):
    def filter(self, record):
        LOG.append(f"{record.msg} {Order.query.count()}")
        return True

logger.addFilter(Counting())

class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, Order):
            return {"number": value.number, "owner": value.customer.name}
        return super().default(value)

def default(value):
    return {"name": value.name, "orders": [o.number for o in value.orders]}

@bp.route("/")
def view():
    LOG.clear()
    made.send(Customer.query.first())
    logger.info("hello")
    LOG.append(json.dumps(Customer.query.all(), default=default))
    LOG.append(json.dumps(Order.query.all(), cls=Encoder))
    LOG.append(json.dumps(Order.query.all(), default=lambda o: o.customer.name))
    return jsonify(sorted(LOG))
"""
    alike(HEAD + views, ["/"])


def test_templates_that_call(alike: Alike) -> None:
    views = """
class Helper:
    def count(self):
        return Order.query.count()

    def numbers(self, customer):
        return [o.number for o in customer.orders]

def newest(n=1):
    return Order.query.order_by(Order.id.desc()).limit(n).all()

@bp.app_template_filter("owner")
def owner(order):
    return order.customer.name

@bp.app_template_test("big")
def big(order):
    return order.amount > Order.query.count()

@bp.app_template_global("counted")
def counted():
    return Order.query.count()

@bp.app_context_processor
def shared():
    return dict(helper=Helper(), everyone=Customer.query.all(), newest=newest)

TEXT = '''
{{ c.total() }} {{ c.last.number }} {{ helper.count() }} {{ helper.numbers(c)|join(",") }}
{{ newest(2)[0]|owner }} {{ counted() }} {{ newest()[0] is big }}
{% for e in everyone %}{{ e.name }}{{ e.total() }}{% endfor %}
{{ everyone|map(attribute="last.number")|join }} {{ everyone|sum(attribute="id") }}
{% if helper.count() > 3 %}yes{% endif %} {{ everyone|selectattr("last")|list|length }}
'''

@bp.route("/")
def view():
    return render_template_string(TEXT, c=Customer.query.first())
"""
    alike(HEAD + views, ["/"])


def test_lambdas_of_a_module_or_a_class(alike: Alike) -> None:
    views = """
FLAGS = {
    "any": lambda customer: Order.query.filter_by(customer_id=customer.id).count() > 0,
    "numbers": lambda customer: [o.number for o in Order.query.order_by(Order.id) if o.customer is customer],
}
named = lambda name: Customer.query.filter_by(name=name).first()

class Rules:
    all = staticmethod(lambda: sorted(c.name for c in Customer.query.all()))
    owner = lambda self, order: order.customer.name

@bp.route("/flags")
def flags():
    customers = Customer.query.order_by(Customer.id).all()
    return jsonify([{k: f(c) for k, f in FLAGS.items()} for c in customers])

@bp.route("/direct")
def direct():
    first = Customer.query.order_by(Customer.id).first()
    return jsonify([FLAGS["any"](first), named(first.name).id, Rules.all()])

@bp.route("/rules")
def rules():
    order = Order.query.order_by(Order.id).first()
    return jsonify([Rules().owner(order), *map(Rules().owner, Order.query.order_by(Order.id).all())])
"""
    alike(HEAD + views, ["/flags", "/direct", "/rules"])


def test_queries_that_receivers_of_unknown_type_give(alike: Alike) -> None:
    views = """
from flask.views import MethodView
from lib_base import Handler

class Book:
    def __init__(self, name):
        self.name = name
    def get_orders(self):
        return Order.query.join(Customer).filter(Customer.name == self.name).order_by(Order.id)
    @property
    def recent(self):
        return Order.query.join(Customer).filter(Customer.name == self.name).order_by(Order.id.desc())
    def first(self):
        return self.get_orders().first().number

class Orders(Handler):
    def get(self, book):
        return [o.number for o in book.get_orders().all()] + [o.number for o in book.recent.limit(1).all()] + guess(book)

def guess(thing):
    return [o.number for o in thing.recent.limit(2)] + [o.number for o in thing.get_orders().limit(1)]

KEPT = {}
KEPT["guess"] = guess

@bp.route("/h")
def h():
    return jsonify(Orders().run(Book(Customer.query.first().name)))

@bp.route("/n")
def n():
    book = Book(Customer.query.first().name)
    return jsonify([o.number for o in book.get_orders().limit(1)])
@bp.route("/f")
def f():
    book = Book(Customer.query.first().name)
    return jsonify([book.first(), book.recent.count(), KEPT["guess"](book)])
"""
    lib = """
class Handler:
    def run(self, *args):
        return self.get(*args)
"""
    alike(HEAD + views, ["/h", "/n", "/f"], {"lib_base": lib})


#: Calls a method of the class below it, as generic views do.
REPORTS = """
class Report:
    def show(self):
        return str(self.rows())
"""


@pytest.mark.parametrize(
    "look",
    ["inspect.currentframe().f_back.f_code.co_name", "sys._getframe(1).f_code.co_name",
     "inspect.stack()[1].function"],
)  # fmt: skip
def test_what_looks_at_the_frame_of_its_caller(look: str, alike: Alike) -> None:
    views = f"""
import inspect
import sys
from functools import wraps
from flask_reports import Report

seen = []

def noted(f):
    @wraps(f)
    def wrapper(*args):
        seen.append({look})
        return f(*args)
    return wrapper

class Orders(Report):
    @noted
    def rows(self):
        return Order.query.count()

@noted
def count():
    return Customer.query.count()

@bp.route("/")
def view():
    seen.clear()
    return Orders().show() + seen[0]

@bp.route("/direct")
def direct():
    return str(count())
"""
    alike(HEAD + views, ["/", "/direct"], {"flask_reports": REPORTS})


def test_the_extension_hangs_on_the_application(alike: Alike) -> None:
    views = """
def setup(app):
    from PKG.models import db
    app.store = db

def upgrade(name):
    if name:
        current_app.store.create_all()
        return Order.query.count()

@bp.route("/")
def view():
    return str(upgrade("orders"))

@bp.route("/added")
def added():
    current_app.store.session.add(Customer(name="eve"))
    current_app.store.session.commit()
    return str(Customer.query.count())

def found():
    return getattr(current_app, "store")

@bp.route("/found")
def view_of_found():
    found().session.add(Customer(name="eve"))
    found().session.commit()
    found().session.rollback()
    return str(Customer.query.count())
"""
    alike(HEAD + views, ["/", "/added", "/found"])


#: Asks the objects that it is given for what it knows them to have.
GRANTS = """
def settle(customer):
    return customer.total()

def settle_all(customers):
    return [c.total() for c in customers]

class Grants:
    def __init__(self, getter=None):
        self.get = getter

    def getter(self, f):
        self.get = f
        return f

    def settle(self, name):
        return self.get(name).total()

    def given(self, customer):
        return customer.total()
"""
FIND = """def find(name):
    return Customer.query.filter_by(name=name).first()

"""


@pytest.mark.parametrize(
    ("more", "given"),
    [
        ("", "settle(Customer.query.first())"),
        ("", "settle(customer=Customer.query.first())"),
        ("", "settle_all(Customer.query.all())"),
        ("", "settle_all([Customer.query.first()])"),
        ("", "settle_all(Customer.query)"),
        ("", "Grants().given(Customer.query.first())"),
        ("", "Grants(lambda name: Customer.query.filter_by(name=name).first()).settle('ann')"),
        (f"{FIND}grants = Grants(find)\n", "grants.settle('ann')"),
        (f"grants = Grants()\n\n@grants.getter\n{FIND}", "grants.settle('ann')"),
        (FIND, "Grants(getter=find).settle('ann') + find('bob').total()"),
    ],
)
def test_methods_of_mapped_objects_that_others_have(more: str, given: str, alike: Alike) -> None:
    imports = "from grants import Grants, settle, settle_all\n\n"
    view = f"@bp.route('/')\ndef view():\n    return str({given})\n"
    alike(HEAD + imports + more + view, ["/"], {"grants": GRANTS})


#: Forms whose fields get their choices when they are asked for, as WTForms' for SQLAlchemy do.
CHOICES = """
class Choice:
    def __init__(self, label, query_factory):
        self.query_factory = query_factory

class Form:
    def fields(self):
        return [f for f in vars(type(self)).values() if isinstance(f, Choice)]

    def names(self):
        return [c.name for f in self.fields() for c in f.query_factory()]

class Mixin:
    def described(self):
        return f"{self.id}."
"""


@pytest.mark.parametrize(
    "factory", ["lambda: Customer.query.order_by('id')", "every", "all_of_them"]
)
def test_queries_that_fields_ask_for_later(
    factory: str, alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    views = f"""
from choices import Choice, Form

def every():
    return Customer.query.order_by(Customer.id)

def all_of_them():
    return every().all()

class Pick(Form):
    customer = Choice("Customer", query_factory={factory})

@bp.route("/")
def view():
    count = Customer.query.count()
    form = Pick()
    return ",".join(form.names()) + str(count)
"""
    alike(HEAD + views, ["/"], {"choices": CHOICES})
    assert "Implicit I/O" not in caplog.text


def test_what_a_mixin_of_others_reads_after_a_commit(
    alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    views = """
@bp.route("/")
def view():
    customer = Customer.query.first()
    customer.name = customer.described()
    db.session.commit()
    return customer.described()

@bp.route("/login")
def by_login():
    customer = Customer.query.first()
    db.session.commit()
    return customer.get_id()
"""
    imports = "from choices import Mixin\nfrom flask_login import UserMixin\n"
    models = models_with("", "Mixin, UserMixin, ", imports)
    head = HEAD.replace("import Customer, Order", "import Customer, Order, db")
    alike(head + views, ["/", "/login"], {"choices": CHOICES}, models=models)
    assert "Implicit I/O" not in caplog.text


def test_an_attribute_of_an_unknown_object_that_is_asked_for(
    alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    views = """
def described(thing):
    return str(hasattr(thing, "customer")) + str(hasattr(thing, "nix"))

@bp.route("/")
def view():
    g.things = Order.query.all()
    return described(vars(g)["things"][0]) + str(Order.query.count())
"""
    alike(HEAD.replace("import Blueprint", "import Blueprint, request") + views, ["/"])
    assert "Implicit I/O" not in caplog.text
