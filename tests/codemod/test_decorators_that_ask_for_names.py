"""A decorator whose wrapper hands the function to another that reads its name: a template's, mostly."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

TEMPLATED = """
def templated(arg):
    if callable(arg):
        return decorate(arg)
    return lambda f: decorate(f, arg)

def decorate(f, template=None):
    @wraps(f)
    def decorated(*args, **kwargs):
        name = name_of(f, template=template)
        context = f(*args, **kwargs)
        return render_template_string(name + ": {{ found|join(' ') }}", **context)
    return decorated

def name_of(function, template=None):
    return template if template is not None else derived(function)

def derived(function):
    return f"{function.__module__.split('.')[-1]}.{function.__name__}"

@bp.route("/orders")
@templated
def orders():
    return {"found": [o.customer.name for o in Order.query.order_by(Order.id)]}

@bp.route("/customers")
@templated("people")
def customers():
    return {"found": [c.total() for c in Customer.query.order_by(Customer.id)]}
"""


def test_views_below_it_are_awaited(alike: Alike) -> None:
    sides = alike(HEAD + TEMPLATED, ["/orders", "/customers"])
    assert "async def decorated" in sides.conversion.texts["views.py"]
