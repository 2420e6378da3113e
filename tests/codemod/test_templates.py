"""What templates are given and ask for: queries, models, functions, filters, macros, streams."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

VIEWS = """
from flask import Blueprint, g, jsonify, render_template, render_template_string, request, session, redirect, url_for, flash, get_flashed_messages, abort, make_response, current_app, stream_template
from PKG.models import Customer, Order, db
from markupsafe import Markup

bp = Blueprint("shop", __name__)

def setup(app):
    app.jinja_env.globals.update(order_count=order_count, Order=Order)
    app.jinja_env.filters["orders_of"] = orders_of
    app.jinja_env.tests["big"] = is_big

def order_count(name=None):
    q = Order.query
    if name:
        q = q.join(Order.customer).filter(Customer.name == name)
    return q.count()

def orders_of(customer):
    return Order.query.filter_by(customer_id=customer.id).order_by(Order.id)

def is_big(order):
    return order.amount > 20 and Order.query.filter(Order.amount > order.amount).count() < 3

@bp.app_context_processor
def inject():
    return dict(newest=Order.query.order_by(Order.id.desc()).first(), all_customers=Customer.query.order_by(Customer.id), total=lambda: sum(o.amount for o in Order.query))

@bp.app_template_filter("money")
def money(order):
    return f"{order.amount} of {order.customer.total()}"

@bp.app_template_global()
def biggest():
    return Order.query.order_by(Order.amount.desc()).first()

@bp.app_template_test("rich")
def rich(customer):
    return customer.total() > 60

@bp.before_app_request
def load():
    key = session.get("key")
    g.user = None if key is None else db.session.get(Customer, key)

@bp.errorhandler(404)
def lost(error):
    return render_template_string("{{ Order.query.count() }} lost {{ e }}", e=error.code, Order=Order), 200

@bp.get("/login/<int:key>")
def login(key):
    session["key"] = Customer.query.get_or_404(key).id
    flash(f"hello {Customer.query.get(key).name}")
    return home()

@bp.get("/")
def home():
    page = request.args.get("page", 1, type=int)
    orders = Order.query.order_by(Order.amount.desc()).paginate(page=page, per_page=2, error_out=False)
    return render_template("home.html", orders=orders, customers=Customer.query, query=Order.query.filter(Order.amount > 10),
        by_name={c.name: c for c in Customer.query}, first=Customer.query.first)

@bp.get("/lost/<int:key>")
def lose(key):
    order = Order.query.get(key)
    if order is None:
        abort(404)
    return render_template("order.html", order=order, others=order.customer.orders, last=order.customer.last)

@bp.get("/stream")
def stream():
    return stream_template("rows.html", rows=Order.query.order_by(Order.id))

@bp.get("/block")
def block():
    template = current_app.jinja_env.get_template("rows.html")
    return template.render(rows=Order.query.filter(Order.amount < 40).order_by(Order.id)) + str(template.module.header(Order.query.first()))

@bp.after_app_request
def count(response):
    response.headers["X-Orders"] = str(Order.query.count())
    if g.user is not None:
        response.headers["X-User"] = g.user.name + str(len(g.user.orders))
    return response
"""
TEMPLATES = {
    "templates/base.html": """<h1>{{ order_count() }} {{ g.user.name if g.user else "-" }} {{ get_flashed_messages() }}</h1>{% block body %}{% endblock %}{{ newest.customer.name }} {{ total() }} {{ biggest().number }}{% for c in all_customers %}{{ c.name }}{% endfor %}""",
    "templates/home.html": """{% extends "base.html" %}{% from "rows.html" import header, line with context %}{% block body %}
{% for o in orders.items %}{{ o|money }} {{ line(o) }} {% if o is big %}big{% endif %}{% endfor %}{{ orders.total }} {{ orders.pages }} {{ orders.next_num }} {% for p in orders.iter_pages() %}{{ p }}{% endfor %}
{% for c in customers.order_by("name") %}{{ c.name }} {{ c.orders|length }} {{ c|orders_of|list|length }} {{ (c|orders_of).first().number }} {{ c.orders|map(attribute="number")|join(",") }} {{ c.orders|sum(attribute="amount") }} {% if c is rich %}rich{% endif %} {{ c.last.number }}{% endfor %}
{{ query.count() }} {{ query.filter_by(number="N1").first().customer.name }} {{ by_name["ann"].orders[0].number }} {{ first().name }} {{ Order.query.filter(Order.amount > 30).count() }}
{% for group in query|groupby("customer.name") %}{{ group.grouper }}{{ group.list|length }}{% endfor %}
{% set found = Order.query.order_by(Order.id).limit(2).all() %}{{ found|map(attribute="customer.name")|list }}
{{ super() }}{% endblock %}""",
    "templates/order.html": """{% extends "base.html" %}{% block body %}{{ order.number }} {{ order.customer.name }} {% for o in others %}{{ o.customer.name }}{% endfor %} {{ last.number }} {{ order.customer.orders|selectattr("amount", "gt", 10)|list|length }} {{ order_count(order.customer.name) }}{% endblock %}""",
    "templates/rows.html": """{% macro header(order) %}[{{ order.customer.name }}]{% endmacro %}{% macro line(o) %}<{{ o.customer.last.number }} {{ order_count(o.customer.name) }} {{ newest.number }}>{% endmacro %}{% for r in rows %}{{ header(r) }}{{ loop.index }}{{ r.customer.total() }} {% endfor %}""",
}


def test_templates(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    paths = ["/", "/?page=2", "/?page=9", "/login/1", "/", "/lost/1", "/lost/99"]
    alike(VIEWS, [*paths, "/stream", "/block"], **TEMPLATES)
    assert "Implicit I/O" not in caplog.text


#: A blueprint's own folder has templates of the names that others have; all that may be meant are looked at.
OWN_FOLDERS = """
from flask import Blueprint, render_template
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
own = Blueprint("own", __name__, template_folder="templates/own")
counting = Blueprint("counting", __name__, template_folder="templates/counting")

def setup(app):
    app.register_blueprint(own)
    app.register_blueprint(counting)

@own.get("/looped")
def looped():
    return render_template("looped.html", customers=Customer.query.order_by(Customer.id))

@counting.get("/counted")
def counted():
    return render_template("counted.html", customers=Customer.query.order_by(Customer.id))
"""


def test_templates_of_a_blueprints_own_folder(alike: Alike) -> None:
    asked = "{% if customers is defined and customers is not none %}{{ (customers|first).name }}"
    looped = asked + "{% for c in customers %}{{ c.name }}{% endfor %}{% endif %}"
    files = {
        "templates/own/looped.html": looped,
        "templates/own/counted.html": looped,
        "templates/counting/counted.html": "{{ customers.count() }}",
    }
    sides = alike(OWN_FOLDERS, ["/looped", "/counted"], **files)
    text = sides.conversion.texts["views.py"]
    assert "async def looped" in text
    assert "async def counted" not in text
