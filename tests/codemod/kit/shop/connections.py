"""Statements on the session's connection: rows of columns, and no notice of its objects."""

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from .models import Note, Order


def rows(session: Session):
    found = session.connection().execute(select(Order).where(Order.id < 4).order_by(Order.id))
    return [tuple(row)[:2] for row in found]


def mappings(session: Session):
    return [m["status"] for m in session.connection().execute(select(Order.status).order_by(Order.id)).mappings()]


def one_value(session: Session):
    return session.connection().scalar(select(Order.status).where(Order.id == 1))


def scalars(session: Session):
    return session.connection().scalars(select(Order.id).order_by(Order.id.desc())).all()


def driver(session: Session):
    return session.connection().exec_driver_sql("SELECT count(*) FROM notes").scalar()


def from_a_query(session: Session):
    query = session.query(Order.status).filter(Order.id < 3)
    session.connection().execute(insert(Note).from_select(["text"], query.limit(2)))
    return session.query(Note).filter(Note.text == "new").count()


def objects_take_no_notice(session: Session):
    order = session.get(Order, 1)
    order.status = "waits"
    changed = session.connection().execute(update(Order).where(Order.id == 2).values(status="told"))
    seen = session.connection().execute(text("SELECT status FROM orders WHERE id = 1")).scalar()
    other = session.get(Order, 2)
    return changed.rowcount, seen != "waits", order.status, other.status


def kept(session: Session):
    connection = session.connection()
    return connection.execute(select(Order.id).order_by(Order.id)).scalars().all()


# What follows in pairs: a form of SQLAlchemy 1.x, and what it means.
def plain_text(session: Session):
    found = session.execute("SELECT id, status FROM orders WHERE id < :id ORDER BY id", {"id": 4})
    return [tuple(row) for row in found]


def text_statement(session: Session):
    found = session.execute(text("SELECT id, status FROM orders WHERE id < :id ORDER BY id"), {"id": 4})
    return [tuple(row) for row in found]


def plain_text_in_a_name(session: Session):
    sql = "UPDATE orders SET status = '%s' " % "told"
    sql += f"WHERE id = {2 + 1}"
    session.execute(
        sql
    )
    return session.scalar("SELECT count(*) FROM orders " "WHERE status = 'told'")


def text_statement_in_a_name(session: Session):
    session.execute(text("UPDATE orders SET status = 'told' WHERE id = 3"))
    return session.scalar(text("SELECT count(*) FROM orders WHERE status = 'told'"))


class Counted:
    def __init__(self, session: Session):
        self.session = session

    def __len__(self):
        return self.session.execute("SELECT count(*) FROM orders").scalar()


def plain_text_in_the_bridge(session: Session):
    return len(Counted(session))


def text_statement_in_the_bridge(session: Session):
    return session.execute(text("SELECT count(*) FROM orders")).scalar()
