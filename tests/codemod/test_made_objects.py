"""What the mapping loads with an object, or the database computes, is not at hand of one that code has made or changed."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Kind(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))

class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    task_id = db.Column(db.ForeignKey("task.id"))

class Task(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    kind_id = db.Column(db.ForeignKey("kind.id"))
    kind = db.relationship(Kind, lazy="joined")
    tags = db.relationship(Tag, lazy="selectin", order_by=Tag.id)

def seed():
    db.session.add_all([Kind(name="small"), Kind(name="large"), Task(name="first", kind_id=1)])
    db.session.commit()
"""

VIEWS = """
import json
from flask import Blueprint, jsonify
from PKG.models import Kind, Tag, Task, db

bp = Blueprint("shop", __name__)

class Encoder(json.JSONEncoder):
    def default(self, task):
        return [task.name, task.kind.name, [t.name for t in task.tags]]

def made(**values):
    task = Task(**values)
    db.session.add(task)
    return task

def shown(task):
    return task.kind.name

def read(task, name):
    return getattr(task, name)

@bp.get("/flushed")
def flushed():
    task = Task(name="a", kind_id=1)
    before = task.kind
    db.session.add(task)
    db.session.flush()
    return jsonify(before, task.kind.name, [t.name for t in task.tags], getattr(task, "kind").name)

@bp.get("/queried")
def queried():
    # The query flushes what is new.
    task = made(name="b", kind_id=2)
    return jsonify(Kind.query.count(), shown(task))

@bp.get("/perhaps/<name>")
def perhaps(name):
    task = made(name=name, kind_id=2)
    if name == "committed":
        db.session.commit()
    db.session.flush()
    return jsonify(shown(task), read(task, "kind").name)

@bp.get("/several")
def several():
    tasks = [Task(name=n, kind_id=1) for n in "cd"]
    db.session.add_all(tasks)
    db.session.flush()
    ordered = sorted(tasks, key=lambda t: (t.kind.name, t.name))
    return jsonify([t.name for t in ordered], list(map(shown, tasks)), json.dumps(tasks, cls=Encoder))

@bp.get("/replaced")
def replaced():
    task = made(name="e", kind_id=1)
    db.session.flush()
    task.tags = [Tag(name="one")]
    task.tags.append(Tag(name="two"))
    return jsonify([t.name for t in task.tags])

@bp.get("/merged")
def merged():
    task = made(name="f", kind_id=1)
    db.session.flush()
    key = task.id
    again = db.session.merge(Task(id=key, name="g"))
    db.session.flush()
    return jsonify(again.name, again.kind.name)

@bp.get("/loaded")
def loaded():
    task = Task.query.first()
    other = made(name="h", kind_id=2)
    db.session.commit()
    db.session.refresh(other)
    return jsonify(shown(task), other.kind.name)
"""


def test_what_is_mapped_as_eager_is_loaded_for_new_objects(
    alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    paths = ["/flushed", "/queried", "/perhaps/committed", "/perhaps/not", "/several", "/replaced"]
    sides = alike(VIEWS, [*paths, "/merged", "/loaded"], models=MODELS)
    assert outcome_of(sides.conversion).totals.left == 0
    assert "Implicit I/O" not in caplog.text


ONLY_LOADED = """
from flask import Blueprint, jsonify
from PKG.models import Task

bp = Blueprint("shop", __name__)

def shown(task):
    return [task.kind.name, [t.name for t in task.tags]]

@bp.get("/all")
def every():
    return jsonify([shown(t) for t in Task.query.order_by(Task.id)], shown(Task.query.get(1)))
"""


def test_what_a_query_has_loaded_is_read_plainly(alike: Alike) -> None:
    views = alike(ONLY_LOADED, ["/all"], models=MODELS).conversion.texts["views.py"]
    assert "\ndef shown(task):" in views


COMPUTED = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Computed, func, select
from sqlalchemy.orm import column_property

db = SQLAlchemy()

class Line(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    order_id = db.Column(db.ForeignKey("order.id"))

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    amount = db.Column(db.Integer, default=1)
    touched = db.Column(db.Integer, default=7, onupdate=func.abs(-9))
    twice = db.Column(db.Integer, Computed("amount * 2"))
    lines = column_property(
        select(func.count(Line.id)).where(Line.order_id == id).correlate_except(Line).scalar_subquery()
    )

    def shown(self):
        return [self.number, self.amount, self.touched, self.twice, self.lines]

def seed():
    db.session.add_all([Order(number=f"N{n}", amount=n) for n in range(3)])
    db.session.commit()
"""

CHANGED = """
from flask import Blueprint, jsonify
from PKG.models import Line, Order, db

bp = Blueprint("shop", __name__)

@bp.get("/made")
def made():
    order = Order(number="new", amount=4)
    db.session.add(order)
    db.session.flush()
    return jsonify(order.lines, order.twice, order.shown())

@bp.get("/changed")
def changed():
    order = Order.query.get(1)
    before = order.shown()
    order.number = "changed"
    order.amount = 8
    db.session.flush()
    return jsonify(before, order.touched, order.lines, getattr(order, "twice"), order.shown())

@bp.get("/by-sql")
def by_sql():
    order, other = Order.query.get(1), Order.query.get(2)
    order.amount = Order.amount + 1
    other.amount = -Order.amount if other.amount > 0 else 0
    found = Order.query.count()
    return jsonify(order.amount, found, other.amount, order.shown())

@bp.get("/savepoint")
def savepoint():
    order, other = Order.query.get(1), Order.query.get(2)
    try:
        with db.session.begin_nested():
            order.amount = 77
            db.session.flush()
            raise ValueError("no")
    except ValueError:
        other.number = f"{order.amount} again"
    return jsonify(order.amount, other.number)

@bp.get("/read")
def read():
    return jsonify([order.touched for order in Order.query.order_by(Order.id)])
"""


def test_what_the_database_computes_is_expired_by_a_flush(
    alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    paths = ["/made", "/changed", "/by-sql", "/savepoint", "/read"]
    views = alike(CHANGED, paths, models=COMPUTED).conversion.texts["views.py"]
    assert "order.touched for order" in views
    assert "Implicit I/O" not in caplog.text
