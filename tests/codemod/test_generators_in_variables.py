"""A generator expression in a variable: it stays in its function, or somebody else takes it later."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

_TEMPLATE = '"{% for s in shown %}{{ s }};{% endfor %}"'

STAYS = (
    HEAD
    + f"""
import itertools

def shown(orders):
    names = (o.customer.name for o in orders)
    return render_template_string({_TEMPLATE}, shown=names)

def chained(orders):
    names = (o.customer.name for o in orders if o.amount)
    names = itertools.chain(names, ["end"])
    return render_template_string({_TEMPLATE}, shown=names)

def counted(orders):
    names = (o.customer.name for o in orders)
    others = names
    return len(set(others))

@bp.get("/page")
def page():
    orders = Order.query.order_by(Order.id).all()
    return jsonify(shown(orders), chained(orders), counted(orders), Order.query.count())
"""
)

LEAVES = (
    HEAD
    + """
import itertools

class Page:
    pass

kept = None

def orders():
    return Order.query.order_by(Order.id).all()

def given():
    names = (o.customer.name for o in orders())
    return names

def renamed():
    names = (o.customer.name for o in orders())
    other = names
    return other

def chained():
    names = (o.customer.name for o in orders())
    names = itertools.chain(names, ["end"])
    return names

def chosen():
    names = (o.customer.name for o in orders())
    return names if request.args.get("none") is None else []

def in_dict():
    names = (o.customer.name for o in orders())
    made = {"names": names}
    return made

def in_list():
    names = (o.customer.name for o in orders())
    made = []
    made.append(names)
    return made

def on_object():
    names = (o.customer.name for o in orders())
    page = Page()
    page.names = names
    return page

def inside():
    names = (o.customer.name for o in orders())
    def taken():
        return list(names)
    return taken

def in_module():
    global kept
    kept = (o.customer.name for o in orders())

@bp.get("/leaves")
def leaves():
    in_module()
    found = [list(given()), list(renamed()), list(chained()), list(chosen())]
    found += [list(in_dict()["names"]), list(in_list()[0]), list(on_object().names)]
    found += [inside()(), list(kept)]
    return jsonify(found)
"""
)


def test_what_stays_is_no_generator_that_somebody_else_takes(alike: Alike) -> None:
    pair = alike(STAYS, ["/page"])
    assert not {b.code for b in outcome_of(pair.conversion).bridged}
    text = pair.conversion.texts["views.py"]
    assert "async def page():" in text
    assert "(await db.session.scalars(select(Order)" in text


def test_what_leaves_its_function_is_taken_alike(alike: Alike) -> None:
    alike(LEAVES, ["/leaves"])
