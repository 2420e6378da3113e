"""What new code imports is another thing where a function has the name for itself: executed, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike


def test_a_function_that_imports_the_name_further_down(alike: Alike) -> None:
    views = """
@bp.route("/early")
def early():
    from sqlalchemy import func
    return jsonify(Order.query.filter(func.abs(Order.amount) > 10).count())
@bp.route("/late")
def late():
    found = Order.query.filter(Order.amount > 10)
    number = found.count()
    for customer in Customer.query.all():
        from sqlalchemy import and_, func
        number += Order.query.filter(and_(func.abs(Order.amount) > 10, Order.customer_id == customer.id)).count()
    return jsonify(number)
@bp.route("/maybe")
def maybe():
    if request.args:
        from sqlalchemy import func, select
    return jsonify(Order.query.count(), Customer.query.filter_by(name="ann").one().total())
@bp.route("/plain")
def plain():
    return jsonify(Order.query.count())
"""
    asked = alike(HEAD + views, ["/late", "/early", "/maybe", "/maybe?a=1", "/plain"])
    early, _, late = asked.conversion.texts["views.py"].partition("async def late")
    assert "select(func.count())" in early
    assert "select(func_.count())" in late
    assert "select_(Customer)" in late.partition("async def maybe")[2]


def test_parameters_variables_and_functions_of_that_name(alike: Alike) -> None:
    views = """
def numbers(select, func=1):
    return [o.number for o in Order.query.filter(Order.amount > select).order_by(Order.id)] + [func]
@bp.route("/v")
def view():
    def joinedload(x):
        return x
    def select(low):
        return Order.query.filter(Order.amount >= low).order_by(Order.id).all()
    try:
        found = db.session.query(Order).filter(Order.amount > 20).count()
    except ValueError as func:
        found = str(func)
    return jsonify(found, [o.customer.name for o in select(20)], numbers(10), joinedload(1))
@bp.route("/n")
def names():
    delete, update = 1, 2
    Order.query.filter(Order.amount == 10).delete()
    Order.query.filter(Order.amount == 20).update({"amount": 21})
    db.session.commit()
    return jsonify(delete, update, [o.amount for o in Order.query.order_by(Order.id)])
"""
    alike(HEAD + views, ["/v", "/n"])
