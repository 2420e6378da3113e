"""Unions of columns, and what follows on them."""

from sqlalchemy import desc, distinct, func, literal, union, union_all

from .models import Customer, Line, Order, Product


def labelled(session):
    orders = session.query(Order.id.label("number"), Order.status.label("text"))
    return sorted(orders.union(session.query(Customer.id, Customer.name)).all(), key=str)


def labelled_all(session):
    orders = session.query(Order.id.label("number"), literal("order").label("kind"))
    rows = orders.union_all(session.query(Customer.id, literal("customer")))
    return [(row.number, row.kind) for row in rows.order_by("kind", desc("number"))]


def labelled_subquery(session):
    orders = session.query(Order.id.label("number"), Order.total.label("value"))
    every = orders.union_all(session.query(Line.id, Line.price)).subquery()
    total = session.query(every.c.number, func.sum(every.c.value).label("total"))
    return total.group_by(every.c.number).order_by(every.c.number).all()


def labelled_cte(session):
    orders = session.query(Order.id.label("number"), Order.total.label("value"))
    every = orders.union(session.query(Line.id, Line.price)).cte("every")
    query = session.query(Customer.name, every.c.value).filter(every.c.number == Customer.id)
    return query.order_by(Customer.name, every.c.value).all()


def labelled_limited(session):
    orders = session.query(Order.id.label("number")).filter(Order.id < 5)
    return orders.union_all(session.query(Line.id)).order_by("number").limit(4).offset(1).all()


def labelled_counted(session):
    orders = session.query(Order.status.label("text"))
    return orders.union(session.query(Customer.name)).count(), orders.union_all(orders).count()


def labelled_distinct(session):
    orders = session.query(Order.status.label("text"))
    return orders.union_all(orders).distinct().order_by("text").all()


def labelled_scalar(session):
    return session.query(func.max(Order.id).label("m")).union(session.query(func.max(Order.id))).scalar()


def labelled_scalar_of_many(session):
    return session.query(func.max(Order.id).label("m")).union(session.query(func.min(Order.id))).scalar()


def labelled_first(session):
    return session.query(Order.id.label("n")).union(session.query(Line.id)).order_by(desc("n")).first()


def labelled_three(session):
    orders, lines = session.query(Order.id.label("n")), session.query(Line.id)
    return orders.union_all(lines, session.query(Product.id)).order_by("n").all()


def labelled_nested(session):
    orders, lines = session.query(Order.id.label("n")), session.query(Line.id)
    return sorted(orders.union_all(lines).union(session.query(Product.id)).all())


def labelled_nested_ordered(session):
    orders, lines = session.query(Order.id.label("n")), session.query(Line.id)
    return orders.union_all(lines).union(session.query(Product.id)).order_by("n").all()


def labelled_nested_subquery(session):
    orders, lines = session.query(Order.id.label("n")), session.query(Line.id)
    every = orders.union_all(lines).union(session.query(Product.id)).subquery()
    return session.query(every.c.n).order_by(every.c.n).all()


def subquery_whole(session):
    orders = session.query(Order.id, Order.total.label("value")).filter(Order.id < 4).subquery()
    return sorted((row.id, row.value) for row in session.query(orders)), session.query(orders).count()


def subquery_whole_with_entity(session):
    lines = session.query(Line.order_id, func.count(Line.id).label("lines")).group_by(Line.order_id).subquery()
    query = session.query(Order, lines).filter(lines.c.order_id == Order.id).order_by(Order.id)
    return [(order.id, number, count) for order, number, count in query]


def labelled_union_as_operand(session):
    every = session.query(Line.id.label("m")).union_all(session.query(Product.id.label("m")))
    return session.query(Order.id.label("n")).except_(every).order_by("n").all()


def labelled_same_column_twice(session):
    orders = session.query(Order.id.label("a"), Order.id.label("b"))
    return orders.union_all(session.query(Line.id, Line.order_id)).order_by("a", "b").all()


def labelled_swapped(session):
    orders = session.query(Order.id.label("a"), Order.customer_id.label("b"))
    return orders.union_all(session.query(Order.customer_id, Order.id)).order_by("a", "b").all()


def labelled_expression(session):
    orders = session.query(Order.id.label("a"), (Order.id + 1).label("b"))
    return orders.union_all(session.query(Order.id, Order.id * 2)).order_by("a", "b").all()


def labelled_exists(session):
    lines = session.query(Line.id.label("n")).filter(Line.id < 0)
    return session.query(lines.union(session.query(Line.id).filter(Line.id < 0)).exists()).scalar()


def labelled_statement(session):
    orders = session.query(Order.id.label("n")).union(session.query(Line.id))
    return [row.n for row in session.execute(orders.order_by("n").statement)]


def labelled_in(session):
    numbers = session.query(Order.customer_id.label("n")).union(session.query(Line.order_id))
    return session.query(Customer.id).filter(Customer.id.in_(numbers)).order_by(Customer.id).all()


def labelled_grouped(session):
    orders = session.query(Order.status.label("text"), func.count(Order.id).label("n")).group_by(Order.status)
    names = session.query(Customer.name, func.count(Customer.id)).group_by(Customer.name)
    return orders.union_all(names).order_by("text", "n").all()


def labelled_ordered_first(session):
    orders = session.query(Order.id.label("n")).order_by(Order.id)
    return orders.union_all(session.query(Line.id)).order_by("n").all()


def labelled_by_condition(session, numbered=True, more=True):
    orders = session.query(*([Order.id.label("n")] if numbered else []), Order.status.label("text"))
    if more:
        orders = orders.filter(Order.id < 3)
    lines = session.query(*([Line.id] if numbered else []), literal("line"))
    every = orders.union_all(lines).subquery()
    query = session.query(*([every.c.n] if numbered else []), every.c.text)
    return sorted(query.all(), key=str), sorted(row.text for row in query)


def labelled_by_other_condition(session):
    return labelled_by_condition(session, False, False)


def unlabelled(session):
    rows = session.query(Order.id, Order.status).union(session.query(Customer.id, Customer.name))
    return sorted((row.id, row.status) for row in rows)


def unlabelled_with_expression(session):
    rows = session.query(Order.status, func.upper(Order.status))
    return sorted(rows.union(session.query(Order.status, Order.status)).all(), key=str)


def unlabelled_subquery(session):
    every = session.query(Order.id).union(session.query(Line.id)).subquery()
    return session.query(every.c.orders_id).order_by(every.c.orders_id).all()


def entities_subquery(session):
    every = session.query(Order).union(session.query(Order)).subquery()
    return session.query(every.c.orders_id).order_by(every.c.orders_id).all()


def function_of_queries(session):
    numbers = union(session.query(Order.id.label("n")), session.query(Line.id.label("n"))).subquery()
    return sorted(row.n for row in session.query(numbers).distinct())


def function_of_a_list_of_queries(session):
    models = [Order, Line, Product]
    numbers = union_all(*[session.query(m.id.label("n")).filter(m.id < 3) for m in models])
    return session.query(numbers.subquery()).order_by("n").all()


def function_of_unlabelled_queries(session):
    numbers = union(session.query(Order.id), session.query(Line.id)).subquery()
    return sorted(session.query(numbers.c.orders_id).all())


def columns_of_other_numbers(session):
    return session.query(Order.id, Order.status, Order.total).union(session.query(Line.id, Line.quantity)).all()


def a_column_of_other_numbers(session):
    return session.query(Order.id).union(session.query(Line.id, Line.quantity)).all()


def one_column_nested(session):
    some = session.query(Order.customer_id).union_all(session.query(func.max(Product.id)))
    found = session.query(Line.order_id).union(some, some).union(session.query(Customer.id)).all()
    return sorted(row.order_id for row in found), [row._fields for row in found]


def one_column_among(session):
    some = session.query(distinct(Order.customer_id)).filter(Order.id < 4)
    some = some.union(session.query(Line.order_id)).union(session.query(distinct(Product.id)))
    found = session.query(Customer).filter(Customer.id.in_(some.subquery()))
    others = session.query(Customer.id).filter(Customer.id.not_in(some.subquery("some")))
    return sorted(customer.name for customer in found), others.order_by(Customer.id).all()


def one_column_among_directly(session):
    some = session.query(func.max(Order.customer_id)).union(session.query(func.min(Line.order_id)))
    return session.query(Customer.id).filter(Customer.id.in_(some)).order_by(Customer.id).all()


def one_nameless_column(session):
    found = session.query(func.max(Order.id)).union(session.query(func.count(Line.id)))
    return sorted(row[0] for row in found), [row._fields for row in found]


def one_expression(session):
    found = session.query(Order.id + 1).union_all(session.query(func.count(Line.id)))
    return sorted(found.distinct().all()), found.count()


def one_subquery_of_other_names(session):
    some = session.query(Order.customer_id).union(session.query(Line.order_id)).subquery()
    return session.query(*some.c).count(), list(some.c.keys())
