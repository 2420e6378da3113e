"""Rows that are read like dicts, in pairs: the form of SQLAlchemy 1.x, and what it means."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from .models import Order

SQL = "SELECT id, status FROM orders WHERE id < 4 ORDER BY id"


def items_by_name(session: Session):
    found = session.execute(text(SQL)).fetchall()
    return [row["status"] for row in found], found[0]["id"], session.execute(text(SQL)).first()["status"]


def items_of_mapping(session: Session):
    found = session.execute(text(SQL)).fetchall()
    first = session.execute(text(SQL)).first()
    return [row._mapping["status"] for row in found], found[0]._mapping["id"], first._mapping["status"]


def as_dicts(session: Session):
    rows = session.execute(select(Order.id, Order.status).where(Order.id < 4).order_by(Order.id))
    one = session.query(Order.id, Order.status).filter(Order.id == 1).one()
    return [dict(row) for row in rows], dict(one), {**one, "more": 1}, dict(**one)


def as_dicts_of_mapping(session: Session):
    rows = session.execute(select(Order.id, Order.status).where(Order.id < 4).order_by(Order.id))
    one = session.query(Order.id, Order.status).filter(Order.id == 1).one()._mapping
    return [dict(row._mapping) for row in rows], dict(one), {**one, "more": 1}, dict(**one)


def methods_of_dicts(session: Session):
    told = []
    for row in session.execute(text(SQL)):
        for key, value in row.items():
            told.append(f"{key}={value}")
        told.append((sorted(row.keys()), list(row.values())))
    return told


def methods_of_mapping(session: Session):
    told = []
    for row in session.execute(text(SQL)):
        for key, value in row._mapping.items():
            told.append(f"{key}={value}")
        told.append((sorted(row._mapping.keys()), list(row._mapping.values())))
    return told


def by_each_key(session: Session):
    found = session.execute(text(SQL))
    names = found.keys()
    return [{name: row[name] for name in names} for row in found]


def by_each_key_of_mapping(session: Session):
    found = session.execute(text(SQL))
    names = found.keys()
    return [{name: row._mapping[name] for name in names} for row in found]


def by_column(session: Session):
    row = session.query(Order.id, Order.status).order_by(Order.id).first()
    column = Order.status
    return row[Order.id], row[column], row[0], row[-1], row[:1]


def by_column_of_mapping(session: Session):
    row = session.query(Order.id, Order.status).order_by(Order.id).first()
    return row.id, row.status, row[0], row[-1], row[:1]


def _one(session: Session, number: int):
    return session.execute(text("SELECT id, status FROM orders WHERE id = :id"), {"id": number}).first()


def _told(row):
    return dict(row) if row is not None else None


def through_functions(session: Session):
    return _told(_one(session, 2)), _told(_one(session, 0)), _told({"id": 7}), dict(_one(session, 1))


def through_functions_of_mapping(session: Session):
    return (
        dict(_one(session, 2)._mapping),
        None,
        {"id": 7},
        dict(_one(session, 1)._mapping),
    )


class Told:
    def __init__(self, session: Session):
        self.session = session

    def __len__(self):
        row = self.session.query(func.count(Order.id).label("n")).one()
        return row["n"] + dict(self.session.execute(text("SELECT count(*) AS n FROM orders")).one())["n"]


def in_the_bridge(session: Session):
    return len(Told(session))


def in_the_bridge_of_mapping(session: Session):
    return 2 * session.query(Order).count()


def by_a_key_function(session: Session):
    rows = session.execute(text(SQL)).fetchall()
    return [r[0] for r in sorted(rows, key=lambda row: (row["status"], row["id"]))]


def by_a_key_function_of_mapping(session: Session):
    rows = session.execute(text(SQL)).fetchall()
    return [r[0] for r in sorted(rows, key=lambda row: (row.status, row.id))]


def of_a_connection(session: Session):
    return [dict(row) for row in session.connection().execute(text(SQL))]


def of_a_connection_of_mapping(session: Session):
    return [dict(row._mapping) for row in session.connection().execute(text(SQL))]


# What is read as before.
def plain_items(session: Session):
    rows = session.execute(text(SQL)).all()
    mapped = session.execute(text(SQL)).mappings().all()
    return [row[1] for row in rows], dict((a, b) for a, b in rows), dict(rows), [m["id"] for m in mapped]
