"""Rows of several entities whose relationships are read: what is loaded with the query."""

from collections import OrderedDict

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from .models import (
    Address,
    Category,
    Customer,
    Employee,
    Invoice,
    Line,
    Manager,
    Order,
    Product,
    Stock,
)


def grouped(session):
    rows = session.query(Order, func.count(Line.id)).outerjoin(Order.lines).group_by(Order.id)
    return [(order.customer and order.customer.name, n) for order, n in rows.order_by(Order.id)]


def grouped_and_having(session):
    query = session.query(Customer, func.sum(Order.total).label("sum")).join(Customer.orders)
    query = query.group_by(Customer.id).having(func.count(Order.id) > 0).order_by(Customer.id)
    return [
        (row.Customer.name, [o.status for o in row.Customer.orders], row.sum) for row in query.all()
    ]


def three_entities(session):
    rows = session.query(Line, Order, Product).join(Line.order).join(Line.product).order_by(Line.id)
    found = []
    for line, order, product in rows.all():
        found.append(
            (line.order is order, order.customer and order.customer.name, product.category)
        )
    return found


def what_is_not_joined(session):
    rows = session.query(Order, Product).filter(Product.id < 3, Order.id < 4)
    rows = rows.order_by(Order.id, Product.id).all()
    return [(o.customer and o.customer.id, [t.name for t in p.tags]) for o, p in rows]


def missing_entities(session):
    rows = session.query(Product, Line).outerjoin(Line, Line.product_id == Product.id)
    found = []
    for product, line in rows.order_by(Product.id, Line.id).all():
        found.append((product.name, line.order.status if line is not None else None))
    return found


def paged(session):
    query = session.query(Customer, Address).outerjoin(Customer.address).order_by(Customer.id)
    rows = query.limit(3).offset(1).all()
    return [(len(customer.orders), address) for customer, address in rows]


def sliced(session):
    rows = session.query(Line, Line.price * 2).order_by(Line.id)[1:4]
    return [(line.product and line.product.name, price) for line, price in rows]


def in_a_dict(session):
    rows = (
        session.query(Customer, func.count(Order.id))
        .outerjoin(Customer.orders)
        .group_by(Customer.id)
    )
    counts = OrderedDict(rows.order_by(Customer.id).all())
    return [(c.name, [o.id for o in c.orders], n) for c, n in counts.items()]


def rearranged(session):
    rows = session.query(Line, Line.quantity).order_by(Line.id).all()
    lines = [row.Line for row in rows]
    return sorted(str(line.product and line.product.name) for line in lines)


def self_reference(session):
    rows = session.query(Category, func.count(Product.id)).outerjoin(Category.products)
    rows = rows.group_by(Category.id).order_by(Category.id).all()
    return [(c.parent and c.parent.name, [x.name for x in c.children], n) for c, n in rows]


def an_alias_beside(session):
    upper = aliased(Category)
    rows = session.query(Category, upper).outerjoin(upper, Category.parent_id == upper.id)
    rows = rows.order_by(Category.id).all()
    return [([p.name for p in c.products], up and up.name) for c, up in rows]


def inherited(session):
    rows = session.query(Manager, Employee).join(Employee, Employee.boss_id == Manager.id)
    return [(m.name, m.level, e.name) for m, e in rows.order_by(Employee.id)]


def eager_mapping(session):
    rows = session.query(Invoice, Order).join(Invoice.order).order_by(Invoice.id).all()
    return [(len(i.items), o.customer and o.customer.name) for i, o in rows]


def options_of_its_own(session):
    rows = session.query(Order, Order.total).options(joinedload(Order.lines)).order_by(Order.id)
    return [
        ([n.product and n.product.name for n in o.lines], o.customer and o.customer.name)
        for o, _ in rows
    ]


def one_row(session):
    order, customer = (
        session.query(Order, Customer).join(Order.customer).filter(Order.id == 1).one()
    )
    return [line.product and line.product.name for line in order.lines], len(customer.orders)


def one_row_or_none(session):
    row = session.query(Line, Order.status).join(Line.order).filter(Line.id == 1).one_or_none()
    return row.Line.product.name, row.status


def several_keys(session):
    rows = session.query(Stock, Stock.amount * 2).order_by(Stock.warehouse, Stock.product_id).all()
    return [(stock.product.name, n) for stock, n in rows]


def statement(session):
    found = select(Order, Customer.name).join(Order.customer).order_by(Order.id)
    return [([n.quantity for n in row.Order.lines], row.name) for row in session.execute(found)]


def statement_in_groups(session):
    found = select(Customer, func.count(Order.id)).outerjoin(Customer.orders)
    found = found.group_by(Customer.id).order_by(Customer.id)
    return [(c.address and c.address.city, n) for c, n in session.execute(found).all()]


def statement_as_mappings(session):
    found = select(Order, Order.total).order_by(Order.id)
    return [
        m["Order"].customer and m["Order"].customer.name for m in session.execute(found).mappings()
    ]


def statement_that_is_distinct(session):
    found = (
        select(Customer, Order.status)
        .join(Customer.orders)
        .distinct()
        .order_by(Customer.id, Order.status)
    )
    return [(len(c.orders), status) for c, status in session.execute(found)]


def written_amid(session):
    names = []
    for order, _ in session.query(Order, Order.id).order_by(Order.id).all():
        names.append(order.customer and order.customer.name)
        order.customer_id = 1
    session.flush()
    return names


def expired_amid(session):
    rows = session.query(Order, Order.id).order_by(Order.id).all()
    session.expire_all()
    return [order.customer and order.customer.name for order, _ in rows]
