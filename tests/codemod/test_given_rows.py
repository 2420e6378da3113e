"""Queries in what a template is given, beside other things: in dicts, by conditions, by `locals()`."""

from __future__ import annotations

import re

from tests.codemod.alike import Alike
from tests.codemod.parity import all_native

HEAD = """
import copy

from flask import Blueprint, current_app, jsonify, render_template, request
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def unknown():
    return current_app.config.get("FORM", "form")

def query():
    return Customer.query.order_by(Customer.id)
"""
#: Each template only loops over them.
LOOPS = """
def make_context(title):
    return {"users": Customer.query.order_by(Customer.id), "title": title}

@bp.get("/direct")
def direct():
    return render_template("x.html", users=Customer.query.order_by(Customer.id))

@bp.get("/spread")
def spread():
    context = {"users": Customer.query.filter(Customer.id > 0).order_by(Customer.id)}
    context["n"] = Customer.query.count()
    return render_template("x.html", **context)

@bp.get("/positional")
def spread2():
    context = dict(users=Customer.query.order_by(Customer.id), n=3)
    context.update(title="a", n=Order.query.count())
    return render_template("x.html", **context)

@bp.get("/branch")
def branch():
    if request.args.get("q"):
        users = []
    else:
        users = Customer.query.order_by(Customer.id)
    return render_template("x.html", users=users)

@bp.get("/branch2")
def branch2():
    users = Customer.query.order_by(Customer.id)
    if request.args.get("q"):
        users = users.all()
    return render_template("x.html", users=users)

@bp.get("/item")
def item():
    context = {}
    context["users"] = Customer.query.order_by(Customer.id)
    context["n"] = context["users"].count()
    return render_template("x.html", **context)

@bp.get("/update")
def update():
    context = {}
    context.update({"users": Customer.query.order_by(Customer.id)})
    context.update(n=Customer.query.count())
    return render_template("x.html", **context)

@bp.get("/locals")
def with_locals():
    users = Customer.query.order_by(Customer.id)
    n = 3
    return render_template("x.html", **locals())

@bp.get("/helper")
def helper():
    return render_template("x.html", **make_context("t"))

@bp.get("/helper2")
def helper2():
    context = make_context("t")
    context.update(n=3)
    return render_template("x.html", **context)

@bp.get("/helper3")
def helper3():
    return render_template("x.html", n=Order.query.count(), **make_context("t"))

@bp.get("/form")
def form():
    form = unknown()
    context = {"users": query(), "form": form}
    return render_template("x.html", **context)

@bp.get("/form2")
def form2():
    context = dict(form=unknown())
    context["users"] = Customer.query.order_by(Customer.id)
    if request.args.get("n"):
        context["n"] = unknown()
    return render_template("x.html", title=unknown(), **context)

@bp.get("/known")
def known():
    context = {"users": query(), "form": unknown()}
    n = context["users"].count()
    names = [c.name for c in context["users"]]
    context["users"] = context["users"].filter(Customer.name == "ann")
    return str((n, names)) + render_template("x.html", **context)

@bp.get("/copied")
def copied():
    context = {"users": query(), "form": unknown()}
    more = {**context, "n": 3}
    again = dict(context, n=4)
    third = context.copy()
    fourth = context | {"n": 5}
    return "".join(render_template("x.html", **c) for c in (more, again, third, fourth))

@bp.get("/none2")
def none2():
    users = None
    if request.args.get("q"):
        users = query()
    return render_template("i.html", users=users, show=users is not None)

@bp.get("/condition")
def condition():
    return render_template("x.html", users=query() if request.args.get("q", 1) else [], n=1)

@bp.get("/rows")
def rows():
    context = {"form": unknown()}
    context["users"] = db.session.query(Customer.name, Customer.id).order_by(Customer.id)
    return render_template("p.html", **context)

@bp.get("/dynamic")
def dynamic():
    context = {"users": [], "form": unknown()}
    context["users"] += query()
    context["n"] = len(context["users"])
    return render_template("x.html", **context)

@bp.get("/setdefault")
def setdefault():
    context = {"form": unknown()}
    context.setdefault("users", query())
    return render_template("x.html", **context)

@bp.get("/ior")
def ior():
    context = {"form": unknown()}
    context |= {"users": query()}
    return render_template("x.html", **context)

@bp.get("/written")
def written():
    context = {"form": unknown(), "users": query()}
    db.session.add(Customer(name="new"))
    db.session.flush()
    return render_template("x.html", **context)
"""
#: What is asked of them besides, or where they go, is not followed.
OTHERWISE = """
class Keeper:
    context = None

keeper = Keeper()

def base_context(**kwargs):
    context = {"form": unknown(), "users": query()}
    context.update(kwargs)
    return context

def fill(context):
    context["users"] = query()

def show(template, **given):
    given["n"] = 3
    return render_template(template, **given)

@bp.get("/nested")
def nested():
    data = {"users": Customer.query.order_by(Customer.id), "n": 3}
    return render_template("y.html", data=data)

@bp.get("/counts")
def counts():
    q = Customer.query.order_by(Customer.id)
    return render_template("z.html", users=q, n=q.count())

@bp.get("/counts2")
def counts2():
    context = {"users": Customer.query.order_by(Customer.id)}
    return render_template("z.html", **context)

@bp.get("/loopitem")
def loopitem():
    rows = []
    for c in Customer.query.order_by(Customer.id):
        rows.append((c, Order.query.filter_by(customer_id=c.id).order_by(Order.id)))
    return render_template("r.html", rows=rows)

def add_first(context, key="first"):
    context[key] = Customer.query.first()

@bp.get("/added")
def added():
    context = {"users": Customer.query.order_by(Customer.id), "form": unknown()}
    add_first(context)
    return render_template("f.html", **context)

@bp.get("/helper")
def helper():
    return render_template("x.html", **base_context(n=3))

@bp.get("/values")
def values():
    context = {"users": query(), "form": unknown()}
    return str([len(list(v)) for v in context.values()])

@bp.get("/items")
def items():
    context = {"users": query(), "form": unknown()}
    return str([(k, len(list(v))) for k, v in context.items()])

@bp.get("/getkey")
def getkey():
    context = {"users": query(), "form": unknown()}
    key = request.args.get("k", "users")
    return str(len(list(context[key]))) + str(len(list(context.get(key)))) + str(len(list(context.pop(key))))

@bp.get("/partial")
def partial_():
    context = {"users": query(), "form": unknown()}
    other = {"users": unknown(), "form": query()}
    if request.args.get("o"):
        context = other
    return str(len(list(context["users"]))) + str(len(list(context["form"])))

@bp.get("/alias")
def alias():
    context = {"form": unknown()}
    other = context
    other["users"] = query()
    return render_template("x.html", **context)

@bp.get("/filled")
def filled():
    context = {"form": unknown()}
    fill(context)
    return render_template("x.html", **context)

@bp.get("/shown")
def shown():
    return show("x.html", users=query(), form=unknown())

@bp.get("/subset")
def subset():
    context = {"users": query(), "form": unknown()}
    small = {k: v for k, v in context.items() if k != "form"}
    return render_template("x.html", **small)

@bp.get("/pairs")
def pairs():
    context = dict([("users", query()), ("form", unknown())])
    return render_template("x.html", **context)

@bp.get("/updated")
def updated():
    context = {"form": unknown()}
    context.update([("users", query())])
    return render_template("x.html", **context)

@bp.get("/updated2")
def updated2():
    context = {"form": unknown()}
    key = request.args.get("k", "users")
    context[key] = query()
    return render_template("x.html", **context)

@bp.get("/macro")
def macro():
    return render_template("m.html", users=Customer.query.order_by(Customer.id))

@bp.get("/attribute")
def attribute():
    context = {"form": unknown()}
    keeper.context = context
    context["users"] = query()
    return render_template("x.html", **keeper.context)

@bp.get("/two")
def two():
    context = other = {"form": unknown()}
    other["users"] = query()
    return render_template("x.html", **context)
"""
TEMPLATES = {
    "templates/x.html": """{{ n }} {{ title }}{{ form }}{% for u in users %}{{ u.name }} {{ u.orders|map(attribute="number")|join(",") }};{% endfor %}{{ users|list|length }}""",
    "templates/y.html": """{{ data.n }}{% for u in data.users %}{{ u.name }};{% endfor %}""",
    "templates/z.html": """{{ users.count() }} {{ n }}{% for u in users %}{{ u.name }};{% endfor %}""",
    "templates/r.html": """{% for c, orders in rows %}{{ c.name }}{% for o in orders %}{{ o.number }}{% endfor %};{% endfor %}""",
    "templates/p.html": """{% for name, id in users %}{{ name }}{{ id }};{% endfor %}{% for u in users %}{{ u.name }}{{ u[0] }};{% endfor %}""",
    "templates/i.html": """{% if show %}{% for u in users %}{{ u.name }};{% endfor %}{% endif %}""",
    "templates/f.html": """{{ first.name }}{% for u in users %}{{ u.name }};{% endfor %}""",
    "templates/m.html": """{% from "counting.html" import total with context %}{{ total() }}{% for u in users %}{{ u.name }}{% endfor %}""",
    "templates/counting.html": """{% macro total() %}{{ users.count() }}{% endmacro %}""",
}


def _paths(views: str) -> list[str]:
    return re.findall(r'bp.get\("([^"]+)"', views)


def test_a_template_that_only_loops_gets_the_rows(alike: Alike) -> None:
    sides = alike(HEAD + LOOPS, _paths(LOOPS), **TEMPLATES)
    all_native(sides)


def test_any_other_use_gets_the_query(alike: Alike) -> None:
    alike(HEAD + OTHERWISE, _paths(OTHERWISE), **TEMPLATES)


#: What is put under a key takes the place of the query there; where the dict is known by another name, too.
REPLACED = """
@bp.get("/named")
def named():
    context = {"users": query(), "form": unknown()}
    context["users"] = [c.name for c in context["users"]]
    return jsonify(context)

@bp.get("/listed")
def listed():
    context = {"users": query(), "form": unknown()}
    context["n"] = context["users"].count()
    context["users"] = context["users"].all()
    return render_template("x.html", **context) + str(len(context))

@bp.get("/looped")
def looped():
    context = {"form": unknown()}
    for name in ("ann", "bob"):
        context["users"] = Customer.query.filter_by(name=name)
        context["last"] = context["users"].first().name
    return render_template("x.html", **context)

@bp.get("/inside")
def inside():
    context = {"users": query(), "form": unknown()}
    def names():
        return [c.name for c in context["users"]]
    first = names()
    context["users"] = [Customer.query.first()]
    return jsonify([first, names()])

@bp.get("/back")
def back():
    context = {"users": [], "form": unknown()}
    context["users"] = query()
    context["users"] = None
    context["users"] = Customer.query.filter_by(name="ann")
    return jsonify(context["users"].count())
"""
KEPT = """
@bp.get("/kept")
def kept():
    context = {"users": query(), "form": unknown()}
    keeper = [context]
    context["users"] = []
    return jsonify([list(k["users"]) for k in keeper])

@bp.get("/in-turns")
def in_turns():
    context = {"users": Customer.query, "form": unknown()}
    for name in ("ann", "bob"):
        context["users"] = context["users"].filter(Customer.name != "x")
        if name == "bob":
            context["users"] = context["users"].all()
    return render_template("x.html", **context)
"""


def test_what_takes_the_place_of_a_query(alike: Alike) -> None:
    all_native(alike(HEAD + REPLACED, _paths(REPLACED), **TEMPLATES))


def test_what_takes_its_place_where_others_have_the_dict(alike: Alike) -> None:
    alike(HEAD + KEPT, _paths(KEPT), **TEMPLATES)
