"""Statements inside statements: subqueries, exists, CTEs, unions, scalar subqueries."""

from sqlalchemy import exists, func, literal, select, text, union
from sqlalchemy.orm import aliased

from .models import Category, Customer, Document, Line, Order, Product, Report, Tag


def in_query(session):
    return session.query(Order).filter(Order.customer_id.in_(session.query(Customer.id).filter_by(name="Ann"))).order_by(Order.id).all()


def in_query_variable(session):
    names = session.query(Customer.id).filter(Customer.name == "Ann")
    return session.query(Order).filter(Order.customer_id.in_(names)).order_by(Order.id).all()


def not_in_subquery(session):
    paid = session.query(Order.customer_id).filter(Order.status == "paid")
    return session.query(Customer).filter(~Customer.id.in_(paid)).order_by(Customer.id).all()


def in_subquery(session):
    sub = session.query(Customer.id).filter_by(name="Ann").subquery()
    return session.query(Order).filter(Order.customer_id.in_(select(sub.c.id))).order_by(Order.id).all()


def exists_scalar(session):
    return session.query(session.query(Order).filter(Order.status == "paid").exists()).scalar()


def exists_not(session):
    return session.query(session.query(Order).filter(Order.status == "gone").exists()).scalar()


def exists_with_filter_by(session):
    return session.query(session.query(Order).filter_by(status="sent").exists()).scalar()


def exists_in_filter(session):
    some = session.query(Order).filter(Order.customer_id == Customer.id, Order.total > 90)
    return session.query(Customer).filter(some.exists()).order_by(Customer.id).all()


def not_exists_in_filter(session):
    return (
        session.query(Customer)
        .filter(~session.query(Order).filter(Order.customer_id == Customer.id).exists())
        .all()
    )


def exists_literal(session):
    return session.query(literal(True)).filter(session.query(Order).filter_by(status="gone").exists()).scalar()


def exists_function(session):
    return session.query(exists().where(Order.status == "paid")).scalar()


def exists_negated(session):
    return session.query(~session.query(Order).filter_by(status="gone").exists()).scalar()


def subquery_join(session):
    counts = (
        session.query(Order.customer_id, func.count(Order.id).label("n"))
        .group_by(Order.customer_id)
        .subquery()
    )
    return (
        session.query(Customer.name, counts.c.n)
        .outerjoin(counts, Customer.id == counts.c.customer_id)
        .order_by(Customer.id)
        .all()
    )


def subquery_entity_join(session):
    counts = session.query(Line.order_id, func.sum(Line.quantity).label("n")).group_by(Line.order_id).subquery("counts")
    return session.query(Order, counts.c.n).join(counts, counts.c.order_id == Order.id).order_by(Order.id).all()


def subquery_selected(session):
    sub = session.query(Order.id, Order.status).filter(Order.id < 4).subquery()
    return session.query(sub).order_by(sub.c.id).all()


def subquery_column_max(session):
    sub = session.query(func.count(Order.id).label("n")).group_by(Order.customer_id).subquery()
    return session.query(func.max(sub.c.n)).scalar()


def subquery_aliased(session):
    sub = session.query(Order).filter(Order.status == "paid").subquery()
    paid = aliased(Order, sub)
    return session.query(paid).order_by(paid.id).all()


def subquery_limited_entity(session):
    sub = session.query(Order).order_by(Order.id.desc()).limit(3).subquery()
    return session.query(func.count()).select_from(sub).scalar()


def scalar_subquery(session):
    biggest = session.query(func.max(Order.total)).scalar_subquery()
    return session.query(Order).filter(Order.total == biggest).all()


def as_scalar(session):
    biggest = session.query(func.max(Order.total)).as_scalar()
    return session.query(Order).filter(Order.total == biggest).all()


def labelled_subquery(session):
    lines = session.query(func.count(Line.id)).filter(Line.order_id == Order.id).correlate(Order).label("lines")
    return session.query(Order.id, lines).order_by(Order.id).all()


def cte(session):
    paid = session.query(Order).filter(Order.status == "paid").cte("paid")
    return session.query(paid.c.id).order_by(paid.c.id).all()


def recursive_cte(session):
    tree = session.query(Category.id, Category.parent_id).filter(Category.parent_id.is_(None)).cte("tree", recursive=True)
    child = aliased(Category)
    tree = tree.union_all(session.query(child.id, child.parent_id).filter(child.parent_id == tree.c.id))
    return session.query(tree.c.id).order_by(tree.c.id).all()


def union_entities(session):
    new = session.query(Order).filter(Order.status == "new")
    return sorted(o.id for o in new.union(session.query(Order).filter(Order.total > 80)).all())


def union_all_entities(session):
    low = session.query(Order).filter(Order.id < 3)
    return len(low.union_all(session.query(Order).filter(Order.id < 5)).all())


def union_count(session):
    low = session.query(Order).filter(Order.id < 3)
    return low.union(session.query(Order).filter(Order.id < 5)).count()


def union_all_count(session):
    low = session.query(Order).filter(Order.id < 3)
    return low.union_all(session.query(Order).filter(Order.id < 5)).count()


def intersect_entities(session):
    low = session.query(Order).filter(Order.id < 5)
    return sorted(o.id for o in low.intersect(session.query(Order).filter(Order.id > 2)))


def except_entities(session):
    low = session.query(Order).filter(Order.id < 5)
    return sorted(o.id for o in low.except_(session.query(Order).filter(Order.id == 2)))


def union_three(session):
    q = session.query(Order)
    return sorted(o.id for o in q.filter(Order.id == 1).union(q.filter(Order.id == 2), q.filter(Order.id == 3)))


def union_ordered(session):
    low = session.query(Order).filter(Order.id < 3)
    return low.union(session.query(Order).filter(Order.id > 8)).order_by(Order.id).all()


def union_filtered(session):
    low = session.query(Order).filter(Order.id < 3)
    return low.union(session.query(Order).filter(Order.id > 8)).filter(Order.id != 1).order_by(Order.id).all()


def union_columns(session):
    names = session.query(Customer.name).union(session.query(Tag.name))
    return sorted(n for (n,) in names)


def union_of_core(session):
    statement = union(select(Customer.name), select(Tag.name))
    return sorted(session.execute(statement).all())


def statement_executed(session):
    statement = session.query(Order.id).filter(Order.id < 3).order_by(Order.id).statement
    return session.execute(statement).fetchall()


def statement_scalars(session):
    return session.scalars(session.query(Order).order_by(Order.id).statement).all()


def from_statement_text(session):
    return session.query(Order).from_statement(text("select * from orders where id < 3 order by id")).all()


def from_statement_first(session):
    return session.query(Order).from_statement(text("select * from orders order by id desc")).first()


def from_statement_select(session):
    return session.query(Order).from_statement(select(Order).where(Order.id == 2)).one()


def from_statement_parameters(session):
    return session.query(Order).from_statement(text("select * from orders where id = :i")).params(i=4).all()


def whereclause(session):
    return str(session.query(Order).filter(Order.id == 3).whereclause)


def text_filter(session):
    return session.query(Order).filter(text("status = 'paid'")).order_by(Order.id).all()


def text_executed(session):
    return session.execute(text("select id, status from orders where id < :n order by id"), {"n": 3}).fetchall()


def text_scalar(session):
    return session.execute(text("select count(*) from orders")).scalar()


def single_table_exists(session):
    return session.query(session.query(Report).filter(Document.pages > 100).exists()).scalar()


def product_without_tag(session):
    tagged = session.query(Product.id).join(Product.tags).filter(Tag.name == "red").subquery()
    return session.query(Product).outerjoin(tagged, tagged.c.id == Product.id).filter(tagged.c.id.is_(None)).order_by(Product.id).all()
