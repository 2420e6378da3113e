"""`exists()` and `count()` of what is no single entity, where some tables are empty."""

from sqlalchemy import func
from sqlalchemy.orm import aliased

from .models import Customer, Document, Line, Order, Product, Stock, product_tags


def _without_stock(session):
    session.query(Stock).delete()


def two_entities(session):
    _without_stock(session)
    return session.query(session.query(Order, Stock).exists()).scalar()


def two_entities_the_other_way_round(session):
    _without_stock(session)
    return session.query(session.query(Stock, Order).exists()).scalar()


def entity_and_a_column_of_another(session):
    _without_stock(session)
    return session.query(session.query(Order, Stock.amount).exists()).scalar()


def two_columns_of_one(session):
    _without_stock(session)
    some = session.query(Stock.amount, Stock.warehouse).filter(Stock.amount >= 0)
    return session.query(some.exists()).scalar()


def columns_of_two(session):
    _without_stock(session)
    return session.query(session.query(Order.id, Stock.amount).exists()).scalar()


def column_without_criteria(session):
    _without_stock(session)
    return session.query(session.query(Stock.amount).exists(), session.query(Line.amount).exists()).one()


def maximum(session):
    _without_stock(session)
    return session.query(session.query(func.max(Stock.amount)).exists()).scalar()


def maximum_and_another(session):
    _without_stock(session)
    return session.query(session.query(func.max(Order.id), Stock).exists()).scalar()


def columns_of_a_subquery(session):
    _without_stock(session)
    stock = session.query(Stock.amount).subquery()
    return session.query(session.query(stock.c.amount).exists()).scalar()


def grouped_columns_of_a_subquery(session):
    counts = session.query(Line.order_id, func.count().label("n")).group_by(Line.order_id).subquery()
    some = session.query(counts.c.n, Order).group_by(Order.id)
    return session.query(some.exists()).scalar()


def constant(session):
    _without_stock(session)
    return session.query(session.query(func.count(), Stock).exists()).scalar()


def alias_and_its_model(session):
    other = aliased(Order)
    none = session.query(other, Order).filter(other.id < 0)
    return session.query(none.exists(), session.query(other, Order).exists()).one()


def alias_in_groups(session):
    other = aliased(Document)
    some = session.query(other, func.count()).group_by(other.id).having(func.count() > 0)
    return session.query(some.exists()).scalar()


def alias_without_a_name(session):
    some = session.query(aliased(Order), func.count()).having(func.count() > 0)
    return session.query(some.exists()).scalar()


def groups_of_one(session):
    many = session.query(Order.customer_id).group_by(Order.customer_id).having(func.count() > 1)
    none = session.query(Order.customer_id).group_by(Order.customer_id).having(func.count() > 99)
    return session.query(many.exists(), none.exists()).one()


def groups_of_a_join(session):
    many = session.query(Customer, func.count(Order.id)).join(Customer.orders).group_by(Customer.id)
    return [
        session.query(many.having(func.count(Order.id) > least).exists()).scalar()
        for least in (1, 99)
    ]


def distinct_with_offset(session):
    some = session.query(Order.status).distinct().offset(1)
    return session.query(some.exists()).scalar()


def union_with_offset(session):
    new = session.query(Order).filter(Order.id < 2)
    some = new.union(session.query(Order).filter(Order.id == 2)).offset(2)
    return session.query(some.exists()).scalar()


def union_of_columns_with_none_of_the_first(session):
    _without_stock(session)
    amounts = session.query(Stock.amount.label("a"))
    some = amounts.union(session.query(Line.quantity.label("a")))
    return session.query(some.exists()).scalar()


def union_in_a_filter(session):
    low = session.query(Order).filter(Order.id < 3, Order.customer_id == Customer.id)
    high = session.query(Order).filter(Order.id > 5, Order.customer_id == Customer.id)
    return session.query(Customer.id).filter(low.union(high).exists()).order_by(Customer.id).all()


def two_entities_in_a_filter(session):
    some = session.query(Order, Line).filter(Order.customer_id == Customer.id, Line.order_id == Order.id)
    return session.query(Customer.id).filter(some.exists()).order_by(Customer.id).all()


def maximum_in_a_filter(session):
    some = session.query(func.max(Order.total)).filter(Order.customer_id == Customer.id)
    return session.query(Customer.id).filter(some.exists()).order_by(Customer.id).all()


def filtered_by_name_on_an_alias_without_a_name(session):
    found = session.query(aliased(Order), Line.id).join(Line, Line.id > 0).reset_joinpoint()
    return found.filter_by(status="paid").count()


def count_of_a_label_twice(session):
    totals = session.query(Order.total.label("t"))
    return totals.add_columns(Order.total.label("t")).count()


def count_of_two_labels(session):
    return session.query(Order.total.label("t"), Order.id.label("u")).count()


def count_of_a_column_twice(session):
    return session.query(Order.total, Order.total).count()


def table_without_criteria(session):
    session.execute(product_tags.delete())
    return session.query(session.query(product_tags).exists()).scalar()


def table_in_a_filter(session):
    tagged = session.query(product_tags).filter(product_tags.c.product_id == Product.id)
    return [p.id for p in session.query(Product).filter(~tagged.exists()).order_by(Product.id)]


def column_of_a_table_in_a_filter(session):
    tagged = session.query(product_tags.c.tag_id).filter(product_tags.c.product_id == Product.id)
    red = tagged.filter(product_tags.c.tag_id == 1)
    return [p.id for p in session.query(Product).filter(red.exists()).order_by(Product.id)]


def table_that_no_other_row_refers_to(session):
    of_another = session.query(product_tags).filter(product_tags.c.product_id == aliased(Product).id)
    session.query(Product).filter(Product.id < 3, ~of_another.exists()).delete("fetch")
    return [p.id for p in session.query(Product).order_by(Product.id)]


def grouped_table(session):
    several = session.query(product_tags).group_by(product_tags.c.product_id).having(func.count() > 1)
    return session.query(several.filter(product_tags.c.product_id == Product.id).exists()).scalar()


def subquery_as_a_whole(session):
    _without_stock(session)
    stock = session.query(Stock.amount).subquery()
    return session.query(session.query(stock).exists()).scalar()
