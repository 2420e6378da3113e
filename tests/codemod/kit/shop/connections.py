"""Statements on the session's connection: rows of columns, and no notice of its objects."""

from sqlalchemy import case, create_engine, insert, select, text, update
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


def driver_text(session: Session):
    session.connection().execute("UPDATE orders SET status = 'told' WHERE id = 3")
    found = session.connection().execute("SELECT id, status FROM orders WHERE status LIKE '%%t%%' ORDER BY id")
    return [dict(row) for row in found]


def text_of_the_driver(session: Session):
    session.connection().exec_driver_sql("UPDATE orders SET status = 'told' WHERE id = 3")
    found = session.connection().exec_driver_sql("SELECT id, status FROM orders WHERE status LIKE '%%t%%' ORDER BY id")
    return [dict(row._mapping) for row in found]


def driver_text_by_a_variable(session: Session):
    kept = session.connection()
    return kept.execute("SELECT count(*) AS n FROM orders").first()["n"]


def text_of_the_driver_by_a_variable(session: Session):
    return session.connection().exec_driver_sql("SELECT count(*) FROM orders").scalar()


def texts_of_an_engine(session: Session):
    with create_engine("sqlite://").begin() as c:
        c.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        c.execute("INSERT INTO t VALUES (?, 'x:y')", (1,))
        c.execute("INSERT INTO t VALUES (:a, '%')", [{"a": 2}, {"a": 3}])
        rows = c.execute("SELECT a, b FROM t WHERE a > :a ORDER BY a", {"a": 0}).fetchall()
        return [row["b"] for row in rows], dict(rows[0]), c.execute(text("SELECT max(a) AS m FROM t")).first()["m"]


def texts_of_an_engine_since(session: Session):
    return ["x:y", "%", "%"], {"a": 1, "b": "x:y"}, 3


def whens_in_a_list(session: Session):
    whens = [(Order.id == 1, "one")]
    listed = case(
        [
            (Order.id == 2, "two"),  # a pair
            *whens,
        ],
        else_="many",
    )
    named = case(whens, else_="not one")
    return session.query(Order.id, listed, named, case({1: "x"}, value=Order.id)).order_by(Order.id).limit(4).all()


def whens_as_arguments(session: Session):
    whens = [(Order.id == 1, "one")]
    listed = case((Order.id == 2, "two"), *whens, else_="many")
    named = case(*whens, else_="not one")
    return session.query(Order.id, listed, named, case({1: "x"}, value=Order.id)).order_by(Order.id).limit(4).all()
