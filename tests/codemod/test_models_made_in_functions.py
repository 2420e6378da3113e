"""Models that functions make: given back, in a dict, on the application, in an object."""

from __future__ import annotations

import re

import pytest

from tests.codemod.alike import Alike
from tests.codemod.parity import all_native

EXTENSION = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
"""
MADE = """
def create_customer_model(db):
    class Customer(db.Model):
        __tablename__ = "customer"
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(50))
        orders = db.relationship("Order", backref="customer", order_by="Order.id")

        def total(self):
            return sum(o.amount for o in self.orders)

        @classmethod
        def named(cls, name):
            return cls.query.filter_by(name=name).first()

        @property
        def last(self):
            return self.orders[-1]

    return Customer

def create_order_models(db):
    class Order(db.Model):
        __tablename__ = "order"
        id = db.Column(db.Integer, primary_key=True)
        number = db.Column(db.String(20))
        amount = db.Column(db.Integer)
        customer_id = db.Column(db.ForeignKey("customer.id"))

    class Note(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        text = db.Column(db.String(20))
        order_id = db.Column(db.Integer, db.ForeignKey("order.id"))
        order = db.relationship("Order", backref="notes", lazy=True)

        @staticmethod
        def count():
            return Note.query.count()

    return Order, Note

def init_models(db):
    Customer = create_customer_model(db)
    Order, Note = create_order_models(db)
    return {"Customer": Customer, "Order": Order, "Note": Note}
"""
SEED = """
def seed():
    ann, bob = Customer(name="ann"), Customer(name="bob")
    db.session.add_all([ann, bob])
    for n in range(5):
        owner = ann if n % 2 else bob
        db.session.add(Order(number=f"N{n}", amount=50 - 10 * n, customer=owner))
    db.session.commit()
    db.session.add(Note(text="a", order_id=1))
    db.session.commit()
"""
GIVEN_BACK = """
from PKG.ext import db
from PKG.made import create_customer_model, create_order_models
Customer = create_customer_model(db)
Order, Note = create_order_models(db)
"""
IN_A_DICT = """
from PKG.ext import db
from PKG.made import init_models
registry = init_models(db)
Customer = registry["Customer"]; Order = registry["Order"]; Note = registry["Note"]
"""
REGISTRY = """
from typing import Any, Dict
from flask import current_app

class ModelRegistry:
    def __init__(self, app=None):
        self.models: Dict[str, Any] = {}
        if app:
            self.init_app(app)
    def init_app(self, app):
        app.extensions["models"] = self
    def register(self, models: Dict[str, Any]):
        self.models = models
    def get(self, name):
        return self.models.get(name)

model_registry = ModelRegistry()

def get_models() -> Dict[str, Any]:
    if "models" not in current_app.extensions:
        raise RuntimeError("no models")
    return current_app.extensions["models"].models

def get_db():
    return current_app.extensions["sqlalchemy"]
"""
VIEWS = """
from flask import Blueprint, jsonify, request
from PKG.models import Customer, Order, Note, db
bp = Blueprint("b", __name__)

@bp.get("/all")
def all_():
    return jsonify([[c.name, c.total(), c.last.number] for c in Customer.query.order_by(Customer.id)])

@bp.get("/named")
def named():
    c = Customer.named("ann")
    return jsonify([o.number for o in c.orders] + [Note.count()])

@bp.get("/session")
def session():
    o = db.session.query(Order).filter(Order.amount > 20).order_by(Order.id).first()
    return jsonify([o.number, o.customer.name, [n.text for n in o.notes]])

@bp.get("/add")
def add():
    c = Customer(name="new")
    db.session.add(c)
    db.session.commit()
    return jsonify([c.name, c.orders == [], Customer.query.count()])

@bp.get("/note")
def note():
    n = Note.query.first()
    return n.order.customer.name
"""
ON_THE_APPLICATION = """
from flask import Blueprint, jsonify, request, current_app
from PKG.models import db, registry
from PKG.reg import get_models, get_db, model_registry
bp = Blueprint("b", __name__)

def setup(app):
    model_registry.init_app(app)
    model_registry.register(registry)
    app.config.update(Client=registry["Customer"])
    app.config.update({"Thing": registry["Order"]})
    app.config.setdefault("Remark", registry["Note"])
    app.config["CHANGING"] = registry["Note"]

class Service:
    def __init__(self, session, models):
        self.db = session
        self.Order = models["Order"]
        self.models = models

    def numbers(self):
        return [o.number for o in self.db.query(self.Order).order_by(self.Order.id)]

    def notes(self):
        Note = self.models["Note"]
        return self.db.query(Note).filter_by(order_id=1).count()

@bp.get("/ext")
def ext():
    db = current_app.extensions["sqlalchemy"]
    models = get_models()
    Customer, Order = models["Customer"], models["Order"]
    found = db.session.query(Customer).filter(Customer.name == "ann").first()
    return jsonify([o.number for o in found.orders] + [db.session.query(Order).filter_by(customer_id=found.id).count()])

@bp.get("/service")
def service():
    db = get_db()
    made = Service(db.session, get_models())
    return jsonify([made.numbers(), made.notes()])

@bp.get("/updated")
def updated():
    Client = current_app.config["Client"]
    Thing = current_app.config.get("Thing")
    Remark = current_app.config.get("Remark")
    if not Thing:
        return "none"
    c = Client.query.filter_by(name="ann").first()
    return jsonify([c.total(), Thing.query.filter(Thing.customer_id == c.id).count(), Remark.count()])

@bp.get("/changing")
def changing():
    first = current_app.config["CHANGING"].query.count()
    config = current_app.config
    config["CHANGING"] = get_models()["Customer"]
    second = [getattr(c, "name", "") for c in current_app.config["CHANGING"].query.all()]
    current_app.config["CHANGING"] = get_models()["Note"]
    return jsonify([first, second])

@bp.get("/none")
def none():
    Missing = current_app.config.get("Missing")
    return jsonify(Missing is None)

@bp.get("/direct")
def direct():
    return jsonify(current_app.config["Client"].query.filter_by(name="bob").first().last.number)

@bp.get("/write")
def write():
    db = current_app.extensions["sqlalchemy"]
    Note = get_models()["Note"]
    note = Note(text="x", order_id=2)
    db.session.add(note)
    db.session.commit()
    Note.query.filter_by(id=note.id).update({"text": "y"})
    db.session.commit()
    return jsonify([note.text, note.order.number])
"""
#: What the application has under names of the run, or more kinds of things under one, is not followed.
OTHERWISE = """
from flask import Blueprint, current_app, jsonify
from PKG.models import db, registry

bp = Blueprint("b", __name__)

class Stub:
    class query:
        @staticmethod
        def count():
            return 7

def setup(app):
    for name, model in registry.items():
        app.config["my_" + name] = model
    app.config["models"] = registry
    app.config["Order"] = registry["Order"]

@bp.get("/looped")
def looped():
    Order = current_app.config["my_Order"]
    return jsonify([o.customer.name for o in Order.query.order_by(Order.id).all()])

@bp.get("/held")
def held():
    models = current_app.config["models"]
    return jsonify([o.customer.name for o in models["Order"].query.order_by(models["Order"].id).all()])

@bp.get("/put-later")
def put_later():
    before = current_app.config["Order"].query.count()
    current_app.config["Order"] = Stub
    after = current_app.config["Order"].query.count()
    current_app.config["Order"] = registry["Order"]
    return jsonify([before, after])
"""


def _paths(views: str) -> list[str]:
    return re.findall(r'bp.get\("([^"]+)"', views)


def _files(models: str) -> dict[str, str]:
    return {"ext": EXTENSION, "made": MADE, "models": models + SEED, "reg": REGISTRY}


@pytest.mark.parametrize("models", [GIVEN_BACK, IN_A_DICT])
def test_what_a_function_gives_back(alike: Alike, models: str) -> None:
    all_native(alike(VIEWS, _paths(VIEWS), **_files(models)))


def test_what_hangs_on_the_application(alike: Alike) -> None:
    sides = alike(ON_THE_APPLICATION, _paths(ON_THE_APPLICATION), **_files(IN_A_DICT))
    all_native(sides)


def test_what_the_run_alone_knows(alike: Alike) -> None:
    alike(OTHERWISE, _paths(OTHERWISE), **_files(IN_A_DICT))
