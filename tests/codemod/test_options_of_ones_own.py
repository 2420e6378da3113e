"""`query.options(FromCache("default"))`, as in SQLAlchemy's example of a cache: its strings name no attribute."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = """
from sqlalchemy import event
from sqlalchemy.orm import joinedload, loading
from sqlalchemy.orm.interfaces import UserDefinedOption

KEPT = {}

class FromCache(UserDefinedOption):
    propagate_to_loaders = False

    def __init__(self, region="default", name=None):
        self.key = region, name

    def _gen_cache_key(self, anon_map, bindparams):
        return None

@event.listens_for(db.session, "do_orm_execute")
def from_cache(state):
    for option in state.user_defined_options:
        if isinstance(option, FromCache):
            if option.key not in KEPT:
                KEPT[option.key] = state.invoke_statement().freeze()
            return loading.merge_frozen_result(
                state.session, state.statement, KEPT[option.key], load=False
            )()

@bp.route("/kept")
def kept():
    found = Order.query.options(FromCache("default", name="all"), joinedload(Order.customer)).order_by(Order.id)
    return jsonify([(o.number, o.customer and o.customer.name) for o in found.all()])

@bp.route("/add")
def add():
    db.session.add(Order(number="N9", amount=1))
    db.session.commit()
    return jsonify(Order.query.options(FromCache("first")).filter(Order.amount > 0).order_by(Order.id).count())
"""


def test_strings_of_an_option_of_ones_own_stay(alike: Alike) -> None:
    alike(HEAD + VIEWS, ["/kept", "/add", "/kept", "/add"])
