"""One query, one terminal: `all`, `first`, `one`, `scalar`, `count`, `get`."""

from .models import (
    Account,
    Customer,
    Document,
    Employee,
    Invoice,
    Line,
    Manager,
    Order,
    Report,
    Stock,
)


def all_entities(session):
    return session.query(Order).order_by(Order.id).all()


def all_filtered(session):
    return session.query(Order).filter(Order.status == "paid").order_by(Order.id).all()


def all_filtered_twice(session):
    return (
        session.query(Order)
        .filter(Order.status == "paid")
        # only the big ones
        .filter(Order.total > 20, Order.total < 95)  # both bounds
        .order_by(Order.id.desc())
        .all()
    )


def all_filter_by(session):
    return session.query(Customer).filter_by(name="Ann").order_by(Customer.id).all()


def all_filter_by_two(session):
    return session.query(Customer).filter_by(name="Ann", active=True).all()


def all_filter_by_none(session):
    return session.query(Customer).filter_by(email=None).all()


def all_filter_by_mapping(session):
    return session.query(Customer).filter_by(**{"name": "Ann", "active": False}).all()


def all_where(session):
    return session.query(Order).where(Order.total.is_(None)).all()


def all_empty(session):
    return session.query(Order).filter(Order.id == 4711).all()


def all_in_list(session):
    return session.query(Order).filter(Order.id.in_([1, 3, 5])).order_by(Order.id).all()


def all_in_empty_list(session):
    return session.query(Order).filter(Order.id.in_([])).all()


def first(session):
    return session.query(Order).order_by(Order.id).first()


def first_descending(session):
    return session.query(Order).order_by(Order.total.desc(), Order.id).filter(Order.total > 1).first()


def first_none(session):
    return session.query(Order).filter(Order.id < 0).first()


def first_after_limit(session):
    return session.query(Order).order_by(Order.id).limit(5).first()


def first_after_offset(session):
    return session.query(Order).order_by(Order.id).offset(3).first()


def first_attribute(session):
    return session.query(Order).order_by(Order.id).first().status


def first_columns(session):
    return session.query(Order.id, Order.status).order_by(Order.id).first()


def first_columns_none(session):
    return session.query(Order.id, Order.status).filter(Order.id < 0).first()


def first_column(session):
    return session.query(Order.status).order_by(Order.id).first()


def first_column_subscript(session):
    return session.query(Order.status).order_by(Order.id).first()[0]


def first_of_joined_collection(session):
    return session.query(Invoice).order_by(Invoice.id.desc()).first()


def one(session):
    return session.query(Order).filter_by(id=3).one()


def one_missing(session):
    return session.query(Order).filter_by(id=-3).one()


def one_many(session):
    return session.query(Order).filter_by(status="paid").one()


def one_duplicates_from_join(session):
    return session.query(Order).join(Order.lines).filter(Order.id == 3).one()


def one_of_joined_collection(session):
    return session.query(Invoice).filter_by(id=3).one()


def one_columns(session):
    return session.query(Order.id, Order.status).filter(Order.id == 3).one()


def one_columns_many(session):
    return session.query(Order.status).filter(Order.id < 5).one()


def one_or_none(session):
    return session.query(Order).filter_by(id=3).one_or_none()


def one_or_none_missing(session):
    return session.query(Order).filter_by(id=-3).one_or_none()


def one_or_none_many(session):
    return session.query(Order).filter(Order.id < 3).one_or_none()


def one_or_none_duplicates_from_join(session):
    return session.query(Order).join(Line, Line.order_id == Order.id).filter(Order.id == 3).one_or_none()


def scalar_column(session):
    return session.query(Order.status).filter(Order.id == 3).scalar()


def scalar_none(session):
    return session.query(Order.status).filter(Order.id == -3).scalar()


def scalar_many(session):
    return session.query(Order.status).scalar()


def scalar_null(session):
    return session.query(Order.total).filter(Order.id == 7).scalar()


def scalar_entity(session):
    return session.query(Order).filter(Order.id == 3).scalar()


def scalar_entity_many(session):
    return session.query(Order).filter(Order.id.in_([3, 4])).scalar()


def scalar_entity_duplicates(session):
    return session.query(Order).join(Order.lines).filter(Order.id == 3).scalar()


def scalar_first_of_two(session):
    return session.query(Order.status, Order.total).filter(Order.id == 3).scalar()


def scalar_many_duplicates(session):
    return session.query(Order.status).filter(Order.status == "paid").scalar()


def count(session):
    return session.query(Order).count()


def count_filtered(session):
    return session.query(Order).filter(Order.status == "new").count()


def count_limited(session):
    return session.query(Order).limit(4).count()


def count_offset(session):
    return session.query(Order).order_by(Order.id).offset(7).limit(100).count()


def count_joined(session):
    return session.query(Order).join(Order.lines).count()


def count_joined_distinct(session):
    return session.query(Order).join(Order.lines).distinct().count()


def count_distinct_column(session):
    return session.query(Order.status).distinct().count()


def count_grouped(session):
    return session.query(Order.status).group_by(Order.status).count()


def count_two_columns_of_one_name(session):
    return session.query(Order.id, Line.id).join(Order.lines).count()


def count_joined_collection(session):
    return session.query(Invoice).count()


def count_polymorphic(session):
    return session.query(Manager).count()


def count_plus_one(session):
    return session.query(Order).count() + 1


def count_compared(session):
    return session.query(Order).filter(Order.status == "gone").count() > 0


def get(session):
    return session.query(Order).get(3)


def get_missing(session):
    return session.query(Order).get(-3)


def get_composite(session):
    return session.query(Stock).get(("north", 2))


def get_composite_mapping(session):
    return session.query(Stock).get({"warehouse": "north", "product_id": 2})


def get_keyword(session):
    return session.query(Order).get(ident=4)


def get_none(session):
    return session.query(Order).get(None)


def get_polymorphic(session):
    return session.query(Employee).get(1)


def get_wrong_subclass(session):
    return session.query(Manager).get(2)


def get_after_filter(session):
    return session.query(Order).filter(Order.status == "new").get(3)


def get_after_limit(session):
    return session.query(Order).limit(3).get(3)


def get_populate_existing(session):
    return session.query(Order).populate_existing().get(3)


def get_for_update(session):
    return session.query(Account).with_for_update().get(1)


def get_for_update_nowait(session):
    return session.query(Account).with_for_update(nowait=True).get(1)


def get_twice_is_same(session):
    return session.query(Order).get(3) is session.query(Order).get(3)


def session_get(session):
    return session.get(Order, 3)


def session_get_missing(session):
    return session.get(Order, -3)


def session_get_options(session):
    return session.get(Account, 1, with_for_update=True, populate_existing=True)


def polymorphic_all(session):
    return session.query(Employee).order_by(Employee.id).all()


def polymorphic_sub(session):
    return session.query(Manager).order_by(Manager.level).all()


def polymorphic_parent_attribute(session):
    return session.query(Manager).filter(Manager.name == "Max").one()


def single_table_sub(session):
    return session.query(Report).order_by(Report.id).all()


def single_table_sub_count(session):
    return session.query(Report).filter(Document.pages > 3).count()


def hybrid_filter(session):
    return session.query(Line).filter(Line.amount > 20).order_by(Line.id).all()


def hybrid_filter_by(session):
    return session.query(Customer).filter_by(label="Bob!").all()


def distinct_entities(session):
    return session.query(Customer).join(Customer.orders).distinct().order_by(Customer.id).all()


def for_update(session):
    return session.query(Account).with_for_update().order_by(Account.id).all()


def reversed_order(session):
    return session.query(Order).order_by(Order.id).order_by(None).order_by(Order.id.desc()).all()


def order_by_text_label(session):
    return session.query(Order.id, Order.total.label("amount")).filter(Order.total > 1).order_by("amount").all()


def parameters(session):
    from sqlalchemy import text

    return session.query(Order).filter(text("orders.id > :low")).params(low=8).order_by(Order.id).all()


def autoflush_off(session):
    return session.query(Order).autoflush(False).filter(Order.id == 1).all()


def execution_options(session):
    return session.query(Order).execution_options(populate_existing=True).filter(Order.id == 1).one()


def null_comparison(session):
    return session.query(Order).filter(Order.total == None).all()  # noqa: E711


def boolean_column(session):
    return session.query(Customer).filter(Customer.active).order_by(Customer.id).all()


def negated(session):
    return session.query(Customer).filter(~Customer.active).order_by(Customer.id).all()
