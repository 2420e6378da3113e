"""Columns, labels, aggregates, groups and several entities in one query."""

from itertools import chain, groupby, islice

from sqlalchemy import String, and_, case, cast, desc, distinct, func, literal, or_
from sqlalchemy.orm import aliased
from sqlalchemy.sql import functions

from .models import Category, Customer, Employee, Invoice, Item, Line, Order, Product, Stock, Tag


def one_column(session):
    return session.query(Order.status).order_by(Order.id).all()


def two_columns(session):
    return session.query(Order.id, Order.status).order_by(Order.id).all()


def columns_not_unique(session):
    return session.query(Order.status).join(Order.lines).order_by(Order.id).all()


def column_names(session):
    return [(row.id, row.status) for row in session.query(Order.id, Order.status).order_by(Order.id)]


def labelled(session):
    return [r.state for r in session.query(Order.status.label("state")).order_by(Order.id)]


def labelled_asdict(session):
    rows = session.query(Order.id.label("n"), Order.status.label("state")).order_by(Order.id).all()
    return [r._asdict() for r in rows]


def plain_asdict(session):
    return [r._asdict() for r in session.query(Order.id, Order.status).order_by(Order.id)]


def same_names_unpacked(session):
    return [(a, b) for a, b in session.query(Order.id, Line.id).join(Order.lines).order_by(Line.id)]


def same_names_by_attribute(session):
    return [r.id for r in session.query(Order.id, Line.id).join(Order.lines).order_by(Line.id)]


def same_names_asdict(session):
    return [r._asdict() for r in session.query(Order.id, Line.id).join(Order.lines).order_by(Line.id)]


def unlabelled_function_asdict(session):
    return [r._asdict() for r in session.query(Order.status, func.count(Order.id)).group_by(Order.status).order_by(Order.status)]


def count_function(session):
    return session.query(func.count(Order.id)).scalar()


def count_function_filtered(session):
    return session.query(func.count(Order.id)).filter(Order.status == "new").scalar()


def count_distinct_function(session):
    return session.query(func.count(distinct(Order.status))).scalar()


def sum_function(session):
    return session.query(func.sum(Line.quantity * Line.price)).scalar()


def sum_of_nothing(session):
    return session.query(func.sum(Line.price)).filter(Line.id < 0).scalar()


def coalesced_sum(session):
    return session.query(func.coalesce(func.sum(Line.price), 0)).filter(Line.id < 0).scalar()


def sum_or_zero(session):
    return session.query(func.sum(Line.price)).filter(Line.id < 0).scalar() or 0


def max_and_min(session):
    return session.query(func.max(Order.total), func.min(Order.total)).one()


def max_subscript(session):
    return session.query(func.max(Order.total)).one()[0]


def aggregate_grouped_scalar(session):
    return session.query(func.count(Order.id)).group_by(Order.status).scalar()


def aggregate_grouped_first(session):
    return session.query(func.count(Order.id)).group_by(Order.status).order_by(Order.status).first()


def grouped(session):
    return (
        session.query(Order.status, func.count(Order.id).label("n"))
        .group_by(Order.status)
        .order_by(desc("n"), Order.status)
        .all()
    )


def grouped_having(session):
    return (
        session.query(Order.status, func.count(Order.id))
        .group_by(Order.status)
        .having(func.count(Order.id) > 3)
        .order_by(Order.status)
        .all()
    )


def grouped_as_dict(session):
    return dict(session.query(Order.status, func.count(Order.id)).group_by(Order.status).order_by(Order.status).all())


def grouped_iterated_dict(session):
    return {s: n for s, n in session.query(Order.status, func.count("*")).group_by(Order.status).order_by(Order.status)}


def entity_and_aggregate(session):
    return (
        session.query(Customer, func.count(Order.id))
        .outerjoin(Customer.orders)
        .group_by(Customer.id)
        .order_by(Customer.id)
        .all()
    )


def two_entities(session):
    return session.query(Order, Customer).join(Order.customer).order_by(Order.id).all()


def two_entities_implicit_join(session):
    return (
        session.query(Order, Customer)
        .filter(Order.customer_id == Customer.id)
        .order_by(Order.id)
        .all()
    )


def two_entities_duplicates(session):
    return (
        session.query(Order, Customer)
        .join(Order.customer)
        .join(Order.lines)
        .order_by(Order.id)
        .all()
    )


def two_entities_first(session):
    return session.query(Order, Customer).join(Order.customer).order_by(Order.id).first()


def two_entities_one(session):
    return session.query(Order, Customer).join(Customer).filter(Order.id == 2).one()


def two_entities_by_name(session):
    return [
        (row.Order.id, row.Customer.name)
        for row in session.query(Order, Customer).join(Order.customer).order_by(Order.id)
    ]


def entity_and_column(session):
    return session.query(Order, Customer.name).join(Order.customer).order_by(Order.id).all()


def entity_and_own_column(session):
    return session.query(Order, Order.status).order_by(Order.id).all()


def entity_and_label(session):
    return [
        (o.id, n)
        for o, n in session.query(Order, Customer.name.label("who"))
        .join(Order.customer)
        .order_by(Order.id)
    ]


def entity_and_json(session):
    return session.query(Product, Product.details).order_by(Product.id).all()


def entity_and_json_joined(session):
    return (
        session.query(Product, Product.details).join(Product.tags).order_by(Product.id).all()
    )


def json_column(session):
    return session.query(Product.details).order_by(Product.id).all()


def json_entity_joined(session):
    return session.query(Product).join(Product.tags).order_by(Product.id).all()


def joined_mapping_and_column(session):
    return session.query(Invoice, Invoice.number).order_by(Invoice.id).all()


def entity_of_joined_entity_and_count(session):
    return (
        session.query(Invoice, func.count(Item.id))
        .outerjoin(Item, Item.invoice_id == Invoice.id)
        .group_by(Invoice.id)
        .order_by(Invoice.id)
        .with_entities(Invoice.id, func.count(Item.id))
        .all()
    )


def alias_self_join(session):
    parent = aliased(Category)
    return (
        session.query(Category.name, parent.name)
        .join(parent, Category.parent_id == parent.id)
        .order_by(Category.id)
        .all()
    )


def alias_entity(session):
    boss = aliased(Employee)
    return session.query(Employee, boss).outerjoin(boss, Employee.boss_id == boss.id).order_by(Employee.id).all()


def alias_alone(session):
    other = aliased(Order)
    return session.query(other).filter(other.status == "paid").order_by(other.id).all()


def alias_filter_by(session):
    other = aliased(Order)
    return session.query(other).filter_by(status="paid").order_by(other.id).all()


def alias_by_relationship(session):
    parent = aliased(Category)
    return session.query(Category).join(parent, Category.parent).filter(parent.name == "Everything").order_by(Category.id).all()


def alias_of_type(session):
    parent = aliased(Category)
    return (
        session.query(Category)
        .join(Category.parent.of_type(parent))
        .filter_by(name="Everything")
        .order_by(Category.id)
        .all()
    )


def case_expression(session):
    kind = case((Order.total > 50, "big"), else_="small")
    return session.query(Order.id, kind.label("kind")).order_by(Order.id).all()


def cast_expression(session):
    return session.query(cast(Order.id, String)).order_by(Order.id).limit(2).all()


def literal_column(session):
    return session.query(Order.id, literal("x").label("tag")).order_by(Order.id).limit(2).all()


def arithmetic(session):
    return session.query(Line.quantity * Line.price).order_by(Line.id).all()


def hybrid_column(session):
    return session.query(Line.id, Line.amount).order_by(Line.id).all()


def concatenation(session):
    return [n for (n,) in session.query(Customer.name + "-").order_by(Customer.id)]


def lower(session):
    return session.query(func.lower(Customer.name)).order_by(Customer.id).all()


def or_and(session):
    return (
        session.query(Order)
        .filter(or_(Order.status == "new", and_(Order.total > 50, Order.status != "sent")))
        .order_by(Order.id)
        .all()
    )


def with_entities(session):
    return session.query(Order).filter(Order.id < 4).with_entities(Order.id, Order.status).order_by(Order.id).all()


def with_entities_count(session):
    return session.query(Order).filter(Order.id < 4).with_entities(func.count(Order.id)).scalar()


def with_entities_entity(session):
    return (
        session.query(Order)
        .join(Order.customer)
        .with_entities(Customer)
        .order_by(Customer.id)
        .all()
    )


def with_entities_column(session):
    return [i for (i,) in session.query(Order).with_entities(Order.id).order_by(Order.id)]


def add_columns(session):
    return session.query(Order).join(Order.customer).add_columns(Customer.name).order_by(Order.id).all()


def add_columns_to_columns(session):
    return session.query(Order.id).add_columns(Order.status).order_by(Order.id).all()


def add_entity(session):
    return session.query(Order).add_entity(Customer).filter(Order.customer_id == Customer.id).order_by(Order.id).all()


def select_from(session):
    return (
        session.query(Customer.name, func.count(Order.id))
        .select_from(Order)
        .join(Order.customer)
        .group_by(Customer.name)
        .order_by(Customer.name)
        .all()
    )


def select_from_filter_by(session):
    return session.query(Order.id).select_from(Order).filter_by(status="paid").order_by(Order.id).all()


def select_from_entity(session):
    return session.query(Customer).select_from(Order).join(Order.customer).order_by(Order.id).all()


def column_filter_by(session):
    return session.query(Order.id).filter_by(status="paid").order_by(Order.id).all()


def two_columns_filter_by(session):
    return session.query(Order.id, Order.total).filter_by(status="paid").order_by(Order.id).all()


def composite_columns(session):
    return session.query(Stock.warehouse, func.sum(Stock.amount)).group_by(Stock.warehouse).order_by(Stock.warehouse).all()


def distinct_column(session):
    return session.query(Order.status).distinct().order_by(Order.status).all()


def distinct_columns(session):
    return sorted(session.query(Order.status, Order.customer_id).distinct().all())


def many_to_many_column(session):
    return session.query(Tag.name).join(Product.tags).order_by(Tag.name, Product.id).all()


def star_count(session):
    return session.query(func.count()).select_from(Order).scalar()


def no_rows_one(session):
    return session.query(Order.id, Order.status).filter(Order.id < 0).one()


def no_rows_one_or_none(session):
    return session.query(Order.id, Order.status).filter(Order.id < 0).one_or_none()


def rows_sorted(session):
    return sorted(session.query(Order.status, Order.id).all())


def unpack_first(session):
    number, status = session.query(Order.id, Order.status).order_by(Order.id).first()
    return f"{number}:{status}"


def zip_columns(session):
    return list(zip(*session.query(Order.id, Order.status).order_by(Order.id).all(), strict=True))


def any_rows(session):
    return any(total and total > 90 for (total,) in session.query(Order.total))


def over_window(session):
    return (
        session.query(Order.id, func.row_number().over(order_by=Order.id).label("n"))
        .order_by(Order.id)
        .limit(3)
        .all()
    )


def functions_by_module(session):
    biggest = functions.coalesce(functions.sum(Order.total), 0)
    return session.query(functions.max(Order.id), biggest.label("total")).one().total


def grouped_by_itertools(session):
    rows = session.query(Order.status, Order.id).order_by(Order.status, Order.id)
    return [(status, [row.id for row in group]) for status, group in groupby(rows, key=lambda r: r.status)]


def sliced_by_itertools(session):
    rows = session.query(Order.id).order_by(Order.id)
    return [row.id for row in islice(rows, 2)], [id_ for id_, in chain(rows, session.query(Line.id))]


def entities_grouped_by_itertools(session):
    orders = session.query(Order).order_by(Order.customer_id, Order.id)
    return [(name, len(list(some))) for name, some in groupby(orders, key=lambda o: o.customer and o.customer.name)]
