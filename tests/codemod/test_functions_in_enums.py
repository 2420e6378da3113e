"""Functions in an enum's body are methods of it and no members: queries go through them as through any others."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Job(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    status = db.Column(db.String(20))

def seed():
    for n in range(1, 7):
        db.session.add(Job(id=n, name="ab"[n % 2], status=["new", "done"][n // 4]))
    db.session.commit()
"""
VIEWS = """
from enum import Enum
from typing import Callable
from flask import Blueprint, jsonify, request
from sqlalchemy.orm import Query
from PKG.models import Job, db

bp = Blueprint("shop", __name__)

def by_name(jobs: Query, name: str | None, **kwargs) -> Query:
    return jobs.filter(Job.name == name)

def by_status(jobs: Query, status: str | None, **kwargs) -> Query:
    if status is None:
        return jobs
    return jobs.filter(Job.status == status)

class Filter(Enum):
    BY_NAME: Callable = by_name
    BY_STATUS: Callable = by_status
    OTHER = "other"

def applied(jobs: Query, filters: list[Callable], name: str | None = None, status: str | None = None) -> Query:
    for function in filters:
        jobs: Query = function(jobs=jobs, name=name, status=status)
    return jobs

class Store:
    def start(self, table) -> Query:
        return db.session.query(table)

    def named(self, name):
        return applied(self.start(Job), [Filter.BY_NAME], name=name).order_by(Job.id).all()

    def first(self, name, status):
        given = {Filter.BY_NAME: name, Filter.BY_STATUS: status}
        filters = [function for function, value in given.items() if value]
        return applied(jobs=self.start(Job), filters=filters, name=name, status=status).first()

@bp.route("/named/<name>")
def named(name):
    return jsonify([job.id for job in Store().named(name)], [f.name for f in Filter], Filter.OTHER.value)

@bp.route("/first/<name>")
def first(name):
    found = Store().first(name, request.args.get("status"))
    return jsonify(found and found.id)
"""


def test_functions_in_enums(alike: Alike) -> None:
    paths = ["/named/a", "/named/c", "/first/a", "/first/b?status=done", "/first/c?status=done"]
    sides = alike(VIEWS, paths, models=MODELS)
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen > 0
