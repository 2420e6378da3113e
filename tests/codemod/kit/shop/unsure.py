"""Queries of which only the run shows what they select, and rows that are asked by name."""

from sqlalchemy import func

from .models import Customer, Invoice, Line, Order, Product


def columns_of(session, *columns):
    return session.query(*columns).order_by(Order.id).limit(4).all()


def one_column(session):
    return columns_of(session, Order.id)


def several_columns(session):
    return [tuple(row) for row in columns_of(session, Order.id, Order.status)]


def an_entity(session):
    return columns_of(session, Order)


def an_entity_and_a_column(session):
    return columns_of(session, Order, Order.status)


def a_joined_collection(session, model=None):
    models = [Invoice]
    return session.query(*models).all()


def entities_twice(session):
    entities = (Order,)
    return session.query(*entities).join(Order.lines).order_by(Order.id).all()


def rows_twice(session):
    columns = [Order.id]
    return session.query(*columns).join(Order.lines).order_by(Order.id).all()


def entity_and_rows_twice(session):
    more = [Order.status]
    return session.query(Order, *more).join(Order.lines).order_by(Order.id).all()


def starred_after_columns(session):
    fields = [Order.status, Order.total]
    rows = session.query(Order.id, Order.status.label("state"), *fields).order_by(Order.id)
    return [(row.id, row.state, row.status, row._fields) for row in rows]


def named_by_attribute(session, name="status"):
    column = getattr(Order, name)
    counted = session.query(column, func.count(column)).group_by(column).order_by(column).all()
    return {row[0]: row[1] for row in counted}


def named_by_attribute_alone(session, name="status"):
    return [value for value, in session.query(getattr(Order, name)).order_by(Order.id)]


def chosen_model(session, by_name=True):
    model = {True: Order, False: Customer}[by_name]
    return [found.id for found in session.query(model).order_by(model.id)]


def unsure_first(session):
    wanted = [Order]
    return session.query(*wanted).order_by(Order.id.desc()).first()


def unsure_first_row(session):
    wanted = [Order.id, Order.status]
    return session.query(*wanted).order_by(Order.id.desc()).first()


def unsure_first_missing(session):
    wanted = [Order.id]
    return session.query(*wanted).filter(Order.id > 99).first()


def unsure_one(session):
    wanted = [Order]
    return session.query(*wanted).join(Order.lines).filter(Order.id == 3).one()


def unsure_one_row(session):
    wanted = [Order.id]
    return session.query(*wanted).join(Order.lines).filter(Order.id == 3).one()


def unsure_one_or_none(session):
    wanted = [Order]
    return session.query(*wanted).filter(Order.id == 99).one_or_none()


def unsure_scalar(session):
    wanted = [Order.status]
    return session.query(*wanted).filter(Order.id == 3).scalar()


def unsure_count(session):
    wanted = [Order.status, Order.id]
    return session.query(*wanted).join(Order.lines).count()


def unsure_slice(session):
    wanted = [Order]
    return session.query(*wanted).join(Order.lines).order_by(Order.id)[1:4]


def unsure_index(session):
    wanted = [Order.id]
    return session.query(*wanted).order_by(Order.id)[2]


def unsure_loop(session):
    wanted = [Order]
    found = []
    for order in session.query(*wanted).join(Order.lines).order_by(Order.id):
        found.append(order.id)
    return found


def unsure_in_steps(session, customers=True):
    wanted = [Order.id, Order.status]
    if customers:
        wanted.append(Customer.name.label("customer"))
    query = session.query(*wanted)
    if customers:
        query = query.join(Order.customer)
    return [row._asdict() for row in query.order_by(Order.id).all()]


def unsure_subquery(session):
    wanted = [Order.id, Order.total]
    sums = session.query(*wanted).filter(Order.total > 20).subquery()
    more = [sums.c.total]
    rows = session.query(Order.status, *more).join(sums, sums.columns.id == Order.id)
    return sorted((row.status, row.total) for row in rows)


def json_and_entity_joined(session):
    rows = session.query(Product, Product.details).join(Product.tags).order_by(Product.id).all()
    return [(product.id, details) for product, details in rows]


def json_and_entity_loop(session):
    found = []
    for row in session.query(Product, Product.details).join(Product.tags).order_by(Product.id):
        found.append((row.Product.id, row.details))
    return found


def doubled_names(session):
    rows = session.query(Order.id, Line.id, Order.id).join(Order.lines).order_by(Line.id).all()
    return [(row.id, row._fields, row._asdict()) for row in rows]


def doubled_entities(session):
    rows = session.query(Order, Order).order_by(Order.id).limit(2).all()
    return [(row._fields, row.Order.id) for row in rows]


def nameless_function(session):
    row = session.query(func.max(Order.id), func.min(Order.id)).one()
    return row._fields, row._asdict(), list(row)


def nameless_and_named(session):
    rows = session.query(Order.status, func.count()).group_by(Order.status).order_by(Order.status)
    return [(row.status, row[1], row._mapping["status"]) for row in rows.all()]


def nameless_as_dict(session):
    return dict(session.query(Order.status, func.count(Order.id)).group_by(Order.status).all())


def nameless_missing_name(session):
    return [row.count for row in session.query(func.count(Order.id)).all()][0](3)


def nameless_first(session):
    largest, smallest = session.query(func.max(Order.id), func.min(Order.id)).first()
    return largest - smallest


def nameless_template(session):
    rows = session.query(Order.id, Line.id).join(Order.lines).order_by(Line.id).all()
    return "{0.id} {0[1]}".format(rows[0])
