"""`with app.app_context():` inside of a request: a session of its own there, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike


def test_what_the_inner_context_leaves_is_rolled_back_and_the_outer_goes_on(alike: Alike) -> None:
    views = """
def amounts():
    return [o.amount for o in Order.query.order_by(Order.id)]
@bp.route("/inner-rolls-back")
def inner_rolls_back():
    Order.query.first().amount = 1
    with current_app.app_context():
        Order.query.first().amount = 2
        db.session.rollback()
    db.session.commit()
    return jsonify(amounts())
@bp.route("/inner-left")
def inner_left():
    before = db.session
    order = Order.query.first()
    with current_app.app_context():
        other = Order.query.first()
        other.amount = 3
        apart = other is not order, db.session.new == before.new
    return jsonify(apart, amounts())
@bp.route("/inner-commits")
def inner_commits():
    with current_app.app_context() as pushed:
        pushed.g.name = "inner"
        Order.query.first().amount = 4
        db.session.commit()
        db.session.add(Order(number="lost"))
    return jsonify(amounts(), "name" in g)
@bp.route("/outer-not-committed")
def outer_not_committed():
    Order.query.first().amount = 5
    with current_app.app_context():
        db.session.commit()
    return jsonify("done")
@bp.route("/inner-raises")
def inner_raises():
    try:
        with current_app.app_context():
            Order.query.first().amount = 6
            db.session.flush()
            raise ValueError
    except ValueError:
        return jsonify(amounts(), Order.query.first().customer.name)
"""
    paths = [
        "/inner-rolls-back",
        "/inner-left",
        "/inner-commits",
        "/outer-not-committed",
        "/inner-raises",
    ]
    pair = alike(HEAD + views, paths)
    assert "async def inner_rolls_back" in pair.conversion.texts["views.py"]
