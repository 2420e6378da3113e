"""A legacy application on MySQL or MariaDB, with what is particular to them: cascades that no trigger
sees, tables without rollback, ids that are never given twice, the server's own clock and chance."""

from __future__ import annotations

import enum
import os
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from flask import Flask, current_app, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import mysql

db = SQLAlchemy()


class State(enum.Enum):
    NEW = "new"
    SENT = "sent"


class Owner(db.Model):
    __tablename__ = "owners"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), unique=True, nullable=False)
    options = db.Column(db.JSON)
    key = db.Column(db.LargeBinary)


class Parcel(db.Model):
    __tablename__ = "parcels"
    id = db.Column(db.Integer, primary_key=True)
    owner_id = db.Column(db.ForeignKey("owners.id", ondelete="CASCADE"), nullable=False)
    state = db.Column(db.Enum(State), default=State.NEW, nullable=False)
    weight = db.Column(db.Numeric(10, 3), nullable=False)
    length = db.Column(db.Float)
    note = db.Column(mysql.LONGTEXT)
    due = db.Column(db.Date)
    at = db.Column(mysql.DATETIME(fsp=6))
    stored = db.Column(mysql.TIMESTAMP(fsp=3), server_default=sa.func.now(3), nullable=False)
    owner = db.relationship(Owner, backref=db.backref("parcels", passive_deletes=True))


class Scan(db.Model):
    __tablename__ = "scans"
    id = db.Column(db.Integer, primary_key=True)
    parcel_id = db.Column(db.ForeignKey("parcels.id", ondelete="CASCADE"), nullable=False)
    last_id = db.Column(db.ForeignKey("parcels.id", ondelete="SET NULL"))
    place = db.Column(db.String(20))


class Visit(db.Model):
    """Without rollback."""

    __tablename__ = "visits"
    __table_args__ = {"mysql_engine": "MyISAM"}
    id = db.Column(db.Integer, primary_key=True)
    page = db.Column(db.String(20))


line = sa.Table(  # without a primary key
    "lines", db.metadata, sa.Column("word", sa.String(20)), sa.Column("number", sa.Integer)
)


def create_app(plant=None):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    app.config["PLANT"] = plant
    app.config["PROPAGATE_EXCEPTIONS"] = False
    db.init_app(app)
    for view, rule, method in VIEWS:
        app.add_url_rule(rule, view_func=view, methods=[method])
    return app


def planted(name):
    return current_app.config["PLANT"] == name


def shown(parcel):
    return {
        "id": parcel.id,
        "owner": parcel.owner.name,
        "options": parcel.owner.options,
        "state": parcel.state.value,
        "weight": parcel.weight,
        "length": parcel.length,
        "note": parcel.note,
        "due": parcel.due,
        "at": parcel.at,
        "stored": parcel.stored,
    }


def parcels():
    found = Parcel.query.order_by(Parcel.weight.desc() if planted("order") else Parcel.id).all()
    if planted("missing row"):
        found = found[1:]
    return jsonify([shown(parcel) for parcel in found])


def parcel(number):
    return jsonify(shown(db.get_or_404(Parcel, number)))


def add():
    data = request.get_json()
    weight = Decimal(data["weight"]) + (Decimal("0.001") if planted("wrong row") else 0)
    made = Parcel(
        owner_id=data["owner"],
        weight=weight,
        length=data.get("length"),
        note=data.get("note"),
        due=datetime.now().date(),
        at=datetime.now(),
    )
    db.session.add(made)
    db.session.commit()
    if not planted("not written"):
        db.session.add(Scan(parcel_id=made.id, last_id=made.id, place="door"))
    db.session.commit()
    return jsonify(shown(made)), 201


def send(number):
    found = db.get_or_404(Parcel, number)
    found.state = State.SENT
    db.session.commit()
    if planted("extra update"):
        db.session.execute(sa.update(Parcel).where(Parcel.id == number).values(state=State.SENT))
        db.session.commit()
    return jsonify(shown(found))


def remove_owner(number):
    """The database deletes the parcels and scans."""
    if planted("other cascade"):
        Scan.query.delete()
    db.session.delete(db.get_or_404(Owner, number))
    db.session.commit()
    return "", 204


def add_owner():
    data = request.get_json()
    db.session.add(Owner(name=data["name"], options=data.get("options"), key=b"\x00\xff'"))
    try:
        db.session.commit()
    except sa.exc.IntegrityError as error:
        db.session.rollback()
        return jsonify(error=str(error.orig)), 409
    return jsonify(id=Owner.query.filter_by(name=data["name"]).one().id), 201


def fail():
    """Takes an id, writes where there is no rollback, and rolls back."""
    db.session.add(Owner(name="lost"))
    if not planted("no visit"):
        db.session.add(Visit(page="failed"))
    db.session.flush()
    db.session.rollback()
    return jsonify(owners=Owner.query.count(), visits=Visit.query.count())


def truncate():
    if not planted("not truncated"):
        db.session.execute(sa.text("TRUNCATE TABLE scans"))
    return jsonify(scans=Scan.query.count())


def define():
    kind = "BIGINT" if planted("other type") else "INTEGER"
    db.session.execute(sa.text(f"CREATE TABLE extras (id {kind} PRIMARY KEY)"))
    db.session.execute(sa.text("ALTER TABLE visits ADD COLUMN extra INTEGER"))
    db.session.execute(sa.text("INSERT INTO extras VALUES (1)"))
    db.session.commit()
    return jsonify(tables=sorted(sa.inspect(db.engine).get_table_names()))


def lines():
    db.session.execute(line.delete().where(line.c.number == 2))
    number = 7 if planted("other line") else 5
    db.session.execute(
        line.insert(), [{"word": "five", "number": number}, {"word": "A", "number": None}]
    )
    db.session.commit()
    found = db.session.execute(sa.select(line)).all()
    return jsonify([list(row) for row in found])


def server():
    """What the server itself says."""
    row = db.session.execute(sa.text("SELECT NOW(), UTC_TIMESTAMP(), RAND(), RAND()")).one()
    return jsonify([str(value) for value in row])


def chance():
    return jsonify(db.session.scalar(sa.text("SELECT UUID()")))


def elsewhere():
    name = request.args["name"]
    db.session.execute(sa.text(f"INSERT INTO `{name}`.owners (name) VALUES ('elsewhere')"))
    db.session.commit()
    return jsonify("written")


VIEWS = [
    (parcels, "/parcels", "GET"),
    (parcel, "/parcels/<int:number>", "GET"),
    (add, "/parcels", "POST"),
    (send, "/parcels/<int:number>/send", "POST"),
    (remove_owner, "/owners/<int:number>", "DELETE"),
    (add_owner, "/owners", "POST"),
    (fail, "/fail", "POST"),
    (truncate, "/truncate", "POST"),
    (define, "/define", "POST"),
    (lines, "/lines", "POST"),
    (server, "/server", "GET"),
    (chance, "/chance", "GET"),
    (elsewhere, "/elsewhere", "POST"),
]


def seed():
    db.create_all()
    for name in ("Ada", "Zoë", "Grace"):
        db.session.add(Owner(name=name, options={"b": 1, "a": [name, None]}, key=name.encode()))
    db.session.flush()
    for number in range(1, 7):
        db.session.add(
            Parcel(
                owner_id=number % 3 + 1,
                weight=Decimal(number) / 8,
                length=number / 3,
                note=None if number % 2 else "née 'quoted' \\ 😀" * number,
                due=datetime(2026, 1, number).date(),
                at=datetime(2026, 1, number, 12, 0, 0, number),
                stored=datetime(2026, 1, number, 12),
            )
        )
    db.session.flush()
    for number in range(1, 7):
        db.session.add(Scan(parcel_id=number, last_id=7 - number, place=f"dock {number}"))
    db.session.add(Visit(page="first"))
    words = [("one", 1), ("two", 2), ("two", 2), ("none", None)]
    db.session.execute(line.insert(), [{"word": w, "number": n} for w, n in words])
    db.session.commit()
