"""`super()` in what models share, and relationships whose two sides point to each other."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

FORUM = """
from flask import Blueprint
from PKG.models import Customer, db

bp = Blueprint("shop", __name__)


class Hideable:
    hidden = db.Column(db.Boolean)

    def hide(self, why):
        self.hidden = True
        return self


class Counted:
    def hide(self, why):
        self.why = f"{why} of {Customer.query.count()}"
        return super().hide(why)


class Post(Hideable, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    topic_id = db.Column(db.ForeignKey("topic.id", name="topic", use_alter=True, ondelete="SET NULL"))

    def hide(self, why):
        if self.topic.first_post == self:
            self.topic.hide(why)
            return self.topic.newest
        super(Post, self).hide(why)
        db.session.commit()
        return self.topic.newest


class Topic(Counted, Hideable, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    why = db.Column(db.String(20))
    first_post_id = db.Column(db.ForeignKey("post.id", ondelete="SET NULL"))
    first_post = db.relationship("Post", backref="opens", foreign_keys=[first_post_id])
    posts = db.relationship("Post", backref="topic", lazy="SELECT", primaryjoin="Post.topic_id == Topic.id")

    def hide(self, why):
        super().hide(why)
        db.session.commit()

    @property
    def newest(self):
        return Post.query.filter_by(topic=self).order_by(Post.id.desc()).first().id


@bp.route("/make")
def make():
    topic = Topic()
    db.session.add_all([topic, Post(topic=topic), Post(topic=topic)])
    db.session.commit()
    topic.first_post = Post.query.get(1)
    db.session.commit()
    return ""


@bp.route("/hide/<int:key>")
def hide(key):
    newest = Post.query.get(key).hide("because")
    topic = Topic.query.first()
    return [newest, topic.why, topic.hidden, [p.hidden for p in Post.query.order_by(Post.id)]]
"""


@pytest.mark.parametrize("lazy", ["select", "dynamic"])
def test_each_calls_what_comes_next(lazy: str, alike: Alike) -> None:
    alike(FORUM.replace("SELECT", lazy), ["/make", "/hide/2", "/hide/1"])


def test_set_up_code_and_what_it_shares_with_requests(alike: Alike) -> None:
    alike(
        """
import inspect
from functools import wraps
from flask import Blueprint, current_app
from PKG.models import Customer, db

bp = Blueprint("shop", __name__)


def setup(app):
    with app.app_context():
        db.create_all()
        app.config["HOW_MANY"] = len(names())
        remember(app, f"at least {min(0, how_many())}")


def remember(app, what):
    if not Customer.query.filter_by(name=what).all():
        app.config["FIRST"] = what


def names():
    return [customer.name for customer in Customer.query.order_by(Customer.name)]


def how_many():
    return Customer.query.count()


def seen(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        bound = inspect.signature(f).bind(*args, **kwargs)
        return f(**bound.arguments).where(Customer.id <= how_many())
    return wrapper


@bp.route("/")
def view():
    @seen
    def statement(name):
        return db.select(Customer).where(Customer.name != name)

    found = db.session.scalars(statement("bob")).all()
    return [current_app.config["FIRST"], names(), [customer.name for customer in found]]
""",
        ["/"],
    )
