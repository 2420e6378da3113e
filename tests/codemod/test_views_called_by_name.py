"""Views below a decorator that awaits them itself, by Flask's `ensure_sync`: called like any function."""

from __future__ import annotations

from tests.codemod.alike import HEAD, LOGIN, Alike, models_with

VIEWS = f"""{HEAD}
from flask.views import MethodView
from flask_login import LoginManager, login_required, login_user
{LOGIN}
def counted(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        return jsonify(view(*args, **kwargs).json, Customer.query.count())
    return wrapper

@bp.get("/in")
def enter():
    login_user(Customer.query.first())
    return ""

@bp.get("/names/<int:least>")
@login_required
def names(least):
    return jsonify([c.name for c in Customer.query.filter(Customer.id >= least).order_by(Customer.id)])

@bp.get("/around")
@counted
@login_required
def around():
    return jsonify([o.customer.name for o in Order.query.order_by(Order.id)])

@bp.get("/within")
@login_required
@counted
def within():
    return jsonify(Order.query.count())

@bp.get("/all")
def all_of_them():
    return jsonify(names(1).json, around().json, within().json)

@bp.get("/sorted")
def in_order():
    return jsonify(sorted([1, 2], key=lambda least: len(names(least).json)))

class Orders(MethodView):
    @login_required
    def get(self):
        return jsonify(Order.query.count())

class Checked(Orders):
    @login_required
    def get(self):
        return super().get()

bp.add_url_rule("/checked", view_func=Checked.as_view("checked"))
"""

MODELS = models_with("", "UserMixin, ", "from flask_login import UserMixin\n")


def test_what_awaits_a_view_itself_gives_its_answer(alike: Alike) -> None:
    alike(
        VIEWS,
        ["/in", "/names/2", "/around", "/within", "/all", "/sorted", "/checked"],
        models=MODELS,
    )
