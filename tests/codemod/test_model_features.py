"""What models can have besides columns works alike after conversion: listeners, mixins, own types.

Listeners run inside a flush, where nothing can be awaited: they stay plain functions, and what they
ask the database is asked in the bridge.
"""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

MODELS = """
from datetime import datetime
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator

db = SQLAlchemy()
log = []


class Codes(TypeDecorator):
    impl = db.String(80)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else ",".join(sorted(value))

    def process_result_value(self, value, dialect):
        return None if value is None else value.split(",")


class Owned:
    @declared_attr
    def owner_id(cls):
        return db.Column(db.ForeignKey("user.id"))

    @declared_attr
    def owner(cls):
        return db.relationship("User", foreign_keys=[cls.owner_id])

    def owner_name(self):
        return self.owner.name if self.owner else None

    @classmethod
    def of(cls, user):
        return cls.query.filter_by(owner_id=user.id).order_by(cls.id).all()


class Tagging(db.Model):
    item_id = db.Column(db.ForeignKey("item.id"), primary_key=True)
    tag_id = db.Column(db.ForeignKey("tag.id"), primary_key=True)
    tag = db.relationship("Tag")


class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    word = db.Column(db.String(20))


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    first = db.Column(db.String(20))
    name = db.Column(db.String(20))
    codes = db.Column(Codes)
    logins = db.Column(db.Integer, default=0)
    kind = db.Column(db.String(10), default="user")
    items_count = db.Column(db.Integer, default=0)
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "user"}

    @hybrid_property
    def full(self):
        return self.first + " " + self.name

    @full.expression
    def full(cls):
        return cls.first + " " + cls.name

    @full.setter
    def full(self, value):
        self.first, self.name = value.split(" ")

    @hybrid_method
    def knows(self, number):
        return self.logins > number

    @hybrid_property
    def biggest(self):
        return max([i.price for i in self.items] or [0])

    @property
    def cheapest(self):
        return Item.query.filter_by(owner_id=self.id).order_by(Item.price).first()

    @classmethod
    def named(cls, name):
        return cls.query.filter_by(name=name).first()

    def rename(self, name):
        self.name = name
        db.session.add(self)
        return self


class Admin(User):
    level = db.Column(db.Integer)
    __mapper_args__ = {"polymorphic_identity": "admin"}

    def rename(self, name):
        super().rename(name.upper())
        self.level = User.query.count()
        return self


class Staff(User):
    id = db.Column(db.ForeignKey("user.id"), primary_key=True)
    salary = db.Column(db.Integer)
    __mapper_args__ = {"polymorphic_identity": "staff"}


class Item(Owned, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(20))
    price = db.Column(db.Integer, default=lambda: 1)
    number = db.Column(db.Integer, default=lambda: db.session.query(db.func.count(Counter.id)).scalar())
    version = db.Column(db.Integer, nullable=False)
    slug = db.Column(db.String(40))
    taggings = db.relationship("Tagging", cascade="all, delete-orphan")
    tags = association_proxy("taggings", "tag", creator=lambda tag: Tagging(tag=tag))
    items = db.relationship("User", backref=db.backref("items", order_by="Item.id"), foreign_keys="Item.owner_id", viewonly=True)
    __mapper_args__ = {"version_id_col": version}

    @db.validates("title")
    def check(self, key, value):
        if Tag.query.filter_by(word=value).count():
            raise ValueError("a tag has this name")
        return value.strip()


Tag.uses = db.column_property(
    db.select(db.func.count(Tagging.item_id)).where(Tagging.tag_id == Tag.id).scalar_subquery()
)


class Counter(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    said = db.Column(db.String(80))


@event.listens_for(Item, "before_insert")
def slugify(mapper, connection, target):
    target.slug = target.title.lower().replace(" ", "-")
    connection.execute(db.insert(Counter).values(said="insert " + target.title))


@event.listens_for(Item, "after_update")
def note(mapper, connection, target):
    n = connection.execute(db.select(db.func.count()).select_from(Counter.__table__)).scalar()
    connection.execute(Counter.__table__.insert().values(said=f"update {n}"))


@event.listens_for(Item.title, "set")
def titled(target, value, old, initiator):
    log.append(value)


@event.listens_for(Item.taggings, "append")
def tagged(target, value, initiator):
    log.append(value.tag.word if value.tag else "none")


@event.listens_for(db.session, "before_flush")
def count(session, context, instances):
    for new in list(session.new):
        if isinstance(new, Item):
            owner = session.get(User, new.owner_id) if new.owner_id else new.owner
            if owner is not None:
                owner.items_count = (owner.items_count or 0) + 1
                with session.no_autoflush:
                    log.append(f"{owner.name} has {db.session.query(Item).filter_by(owner_id=owner.id).count()}")


@event.listens_for(db.session, "after_commit")
def committed(session):
    log.append("committed")


@event.listens_for(User, "load", propagate=True)
def loaded(target, context):
    target.seen = True


@event.listens_for(User, "init", propagate=True)
def made(target, args, kwargs):
    kwargs.setdefault("first", "No")


def seed():
    log.clear()
    ann = User(id=1, name="Ann", codes=["b", "a"])
    root = Admin(id=2, name="Root", first="The", level=9)
    joe = Staff(id=3, name="Joe", salary=100, logins=5)
    db.session.add_all([ann, root, joe, Tag(id=1, word="red"), Tag(id=2, word="new")])
    db.session.commit()
    db.session.add_all([Item(id=1, title="One Two ", owner=ann, price=5), Item(id=2, title="B", owner_id=1)])
    db.session.commit()
    Item.query.get(1).tags.append(Tag.query.get(1))
    db.session.commit()
    log.clear()
"""
VIEWS = """
from flask import Blueprint, jsonify, request
from sqlalchemy.orm.exc import StaleDataError
from PKG.models import Admin, Counter, Item, Staff, Tag, User, db, log

bp = Blueprint("views", __name__)


def taken():
    found, log[:] = list(log), []
    return found


@bp.route("/users")
def users():
    rows = []
    for user in User.query.order_by(User.id):
        rows.append([type(user).__name__, user.full, user.codes, user.seen, user.knows(3), user.items_count])
    return jsonify(rows, [u.id for u in User.query.filter(User.full == "No Ann")], [u.id for u in User.query.filter(User.knows(3))])


@bp.route("/kinds")
def kinds():
    staff = Staff.query.one()
    salaries = [getattr(u, "salary", None) for u in User.query.order_by(User.id)]
    return jsonify(staff.salary, staff.name, salaries, [a.level for a in Admin.query.all()])


@bp.route("/new")
def new():
    item = Item(title="Three ", owner=User.named("Ann"))
    db.session.add(item)
    db.session.commit()
    said = [c.said for c in Counter.query.order_by(Counter.id)]
    return jsonify(item.slug, item.number, item.price, item.version, item.owner_name(), item.owner.items_count, said, taken())


@bp.route("/refused")
def refused():
    try:
        Item(title="red")
    except ValueError as error:
        return jsonify(str(error), taken())


@bp.route("/change")
def change():
    item = Item.query.get(1)
    item.price += 1
    db.session.commit()
    item.title = "Other"
    db.session.flush()
    said = [c.said for c in Counter.query.order_by(Counter.id)]
    db.session.commit()
    return jsonify(item.version, item.slug, said, taken())


@bp.route("/stale")
def stale():
    item = Item.query.get(2)
    db.session.execute(db.update(Item).where(Item.id == 2).values(version=Item.version + 1))
    item.price = 70
    try:
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        return jsonify("stale", item.price, item.version)
    return jsonify("fine")


@bp.route("/tags")
def tags():
    item = Item.query.get(2)
    item.tags.append(Tag.query.filter_by(word="new").one())
    item.tags.extend(Tag.query.filter_by(word="red"))
    db.session.commit()
    before = [t.word for t in item.tags]
    item.tags.remove(Tag.query.get(1))
    db.session.commit()
    return jsonify(before, [t.word for t in item.tags], [[t.word, t.uses] for t in Tag.query.order_by(Tag.id)], taken())


@bp.route("/tagged")
def tagged():
    red = Tag.query.filter_by(word="red").one()
    return jsonify([i.id for i in Item.query.filter(Item.tags.contains(red)).order_by(Item.id)], red.uses)


@bp.route("/mixin")
def mixin():
    ann = User.query.get(1)
    return jsonify([i.title for i in Item.of(ann)], [i.owner_name() for i in Item.query], ann.biggest, ann.cheapest.title)


@bp.route("/rename")
def rename():
    names = []
    for user in User.query.order_by(User.id).all():
        names.append(user.rename(user.name + "x").name)
    User.query.get(3).full = "A B"
    db.session.commit()
    return jsonify(names, Admin.query.one().level, User.named("B").first, taken())


@bp.route("/orphans")
def orphans():
    item = Item.query.get(1)
    item.taggings = []
    db.session.commit()
    db.session.delete(User.query.get(3))
    db.session.commit()
    return jsonify(len(item.taggings), Tag.query.get(1).uses, User.query.count(), taken())
"""
PATHS = [
    "/users", "/kinds", "/new", "/refused", "/change", "/stale", "/tags", "/tagged", "/mixin",
    "/rename", "/orphans", "/users",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning")
def test_models_with_everything(alike: Alike) -> None:
    pair = alike(VIEWS, PATHS, models=MODELS)
    assert not pair.conversion.findings


HANDED = """
from flask import Blueprint, jsonify
from sqlalchemy import event
from sqlalchemy.orm import object_session
from PKG.models import Customer, Order, db

bp = Blueprint("views", __name__)
log = []


def numbers(session):
    return [o.number for o in session.query(Order).order_by(Order.id)]


@event.listens_for(db.session, "before_flush")
def before(session, context, instances):
    for new in session.new:
        if isinstance(new, Order):
            log.append([new.number, session.query(Order).count(), *numbers(session)])


def after(session, context):
    log.append(session.query(Customer).filter(Customer.name.like("b%")).update({"name": "bobby"}))


event.listen(db.session, "after_flush", after)


@event.listens_for(Order.number, "set")
def numbered(target, value, old, initiator):
    log.append(Order.query.filter_by(number=value).count())


def siblings(order):
    return object_session(order).query(Order).filter_by(customer_id=order.customer_id).count()


def first(order):
    session = object_session(order)
    return session.scalars(db.select(Order).order_by(Order.id)).first().number


@bp.route("/")
def index():
    log.clear()
    return "cleared"


@bp.route("/add")
def add():
    db.session.add(Order(**{"number": "N9", "customer_id": 1}))
    db.session.commit()
    order = Order.query.filter_by(number="N9").one()
    order.number += "x"
    order.number = order.number + "y"
    setattr(order, "number", "N1")
    db.session.commit()
    return jsonify(order.number, siblings(order), first(order), [c.name for c in Customer.query.order_by(Customer.id)], log)


@bp.route("/detached")
def detached():
    order = Order(number="N2")
    return jsonify(object_session(order) is None, log)
"""


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning")
def test_sessions_that_sqlalchemy_hands_over_and_what_runs_when_an_attribute_is_set(
    alike: Alike,
) -> None:
    pair = alike(HANDED, ["/", "/add", "/detached"])
    assert not pair.conversion.findings
