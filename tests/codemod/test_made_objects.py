"""What the mapping loads with an object, is not loaded of one that code has made: legacy code loads it when it asks."""

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
