"""What the base of all models has, each of them has: `model_class=`, and `declarative_base(cls=)`."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

_BASE = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.model import DefaultMeta, Model
from sqlalchemy.orm import declarative_base

class Base(Model):
    @classmethod
    def counted(cls):
        return cls.query.count()

    @classmethod
    def find(cls, key):
        return cls.query.filter_by(id=key).one()

    @classmethod
    def named(cls, name):
        return cls.query.filter_by(name=name)

    def rename(self, name):
        self.name = name
        db.session.commit()
        return self.name

    @property
    def twins(self):
        return type(self).query.filter_by(name=self.name).count()
"""

_REST = """
class M(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(9))

def seed():
    db.session.add_all([M(name="a"), M(name="b")])
    db.session.commit()
"""

MODELS = {
    "the class": f"{_BASE}\ndb = SQLAlchemy(model_class=Base)\n{_REST}",
    "made of it": f"""{_BASE}
db = SQLAlchemy(model_class=declarative_base(cls=Base, metaclass=DefaultMeta, name="Model"))
{_REST}""",
    "in a variable": f"""{_BASE}
Made = declarative_base(name="Model", cls=Base, metaclass=DefaultMeta)
db = SQLAlchemy(model_class=Made)
{_REST}""",
    "whose tables are named by hand": f"""{_BASE}
from flask_sqlalchemy.model import BindMetaMixin
from sqlalchemy.orm import DeclarativeMeta

class Meta(BindMetaMixin, DeclarativeMeta):
    pass

db = SQLAlchemy(model_class=declarative_base(cls=Base, metaclass=Meta, name="Model"))
assert db.Model.metadata is db.metadata
{_REST.replace("(db.Model):", "(db.Model):" + chr(10) + '    __tablename__ = "named"')}""",
    "with a metaclass of its own": f"""{_BASE}
from flask_sqlalchemy.model import BindMetaMixin, NameMetaMixin
from sqlalchemy.orm import DeclarativeMeta

class Meta(NameMetaMixin, BindMetaMixin, DeclarativeMeta):
    def __init__(cls, name, bases, body, **kwargs):
        super().__init__(name, bases, body, **kwargs)
        cls.kind = name.lower()

db = SQLAlchemy(model_class=declarative_base(cls=Base, metaclass=Meta, name="Model"))
{_REST}
assert M.kind == M.__tablename__ == "m"
""",
}

VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import M, db

bp = Blueprint("shop", __name__)

@bp.get("/counted")
def counted():
    return jsonify(M.counted(), M.query.count())

@bp.get("/found")
def found():
    m = M.find(1)
    return jsonify(m.name, m.twins, [n.id for n in M.named("b")], M.named("a").count())

@bp.get("/renamed")
def renamed():
    m = M.query.order_by(M.id).first()
    return jsonify(m.rename("z"), M.named("z").count(), bool(M.counted() > 5))
"""


@pytest.mark.parametrize("models", MODELS.values(), ids=MODELS.keys())
def test_every_model_has_it(models: str, alike: Alike) -> None:
    pair = alike(VIEWS, ["/counted", "/found", "/renamed"], models=models)
    # Whose query `type(self).query` is, nobody says: it runs in the bridge.
    assert [b.chain[0] for b in outcome_of(pair.conversion).bridged] == ["Base.twins"]
    text = pair.conversion.texts["views.py"]
    assert "await M.counted()" in text
    assert "async def renamed():" in text
