"""`SQLAlchemy(session_options={"class_": ...})` with a class below Flask-SQLAlchemy's Session, in both frames."""

from __future__ import annotations

import textwrap

from tests.codemod.alike import FILES, HEAD, Alike

OWN = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session

class Counting(Session):
    def add(self, instance, **options):
        self.info["added"] = self.info.get("added", 0) + 1
        super().add(instance, **options)

    def numbered(self):
        return self.info.get("added", 0), self.query(Order).count()

db = SQLAlchemy(session_options={"class_": Counting})
"""
MODELS = textwrap.dedent(FILES["models.py"]).partition("db = SQLAlchemy()")[2]


def test_its_methods_are_those_of_the_session(alike: Alike) -> None:
    views = """
@bp.route("/add")
def add():
    order = Order(number="new", customer=Customer.query.first())
    db.session.add(order)
    db.session.commit()
    return jsonify(db.session.info.get("added"), Order.query.count())
@bp.route("/numbered")
def numbered():
    db.session.add(Order(number="x"))
    return jsonify(db.session().numbered())
"""
    alike(HEAD + views, ["/add", "/numbered"], models=OWN + MODELS)
