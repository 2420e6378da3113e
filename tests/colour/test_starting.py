"""What runs while the application is made stays plain: nobody could await it."""

from __future__ import annotations

from tests.colour.conftest import Analyse, modes

FACTORY = """
from flask import Flask


def create_app():
    app = Flask(__name__)
    db.init_app(app)
    with app.app_context():
        prepare()

    @app.get("/")
    def index():
        return str(User.query.count())

    @app.get("/names")
    def names():
        return sorted(all_names())

    return app


def prepare():
    if not all_names():
        db.session.add(User(name="first"))
        db.session.commit()


def all_names():
    return [user.name for user in User.query.all()]
"""


def test_a_factory_is_called_plainly_and_its_views_are_native(analyse: Analyse) -> None:
    made = analyse(FACTORY)
    assert modes(made) == {
        "create_app": "bridged",
        "create_app.<locals>.index": "native",
        "create_app.<locals>.names": "native",
        "prepare": "bridged",
        "all_names": "native",
    }
    text = made.texts["app.py"]
    assert "\ndef create_app():\n" in text
    assert "        prepare()\n" in text
    assert "\ndef prepare():\n    if not unbridge(all_names()):\n" in text
    assert "    async def index():\n        return str(await db.session.scalar(" in text


def test_what_requests_call_as_well_is_native(analyse: Analyse) -> None:
    made = analyse(FACTORY.replace("sorted(all_names())", "str(prepare())"))
    assert modes(made)["prepare"] == "native"
    assert "        unbridge(prepare())\n" in made.texts["app.py"]


MAPPED = """
from sqlalchemy.orm import Mapper, declared_attr

seen = []


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.ForeignKey("user.id"))
    author = db.relationship(User)


def note(mapper):
    # Of unknown type: for all we see, an object that loads its author.
    seen.append(str(mapper.local_table.author))


class Noted:
    @declared_attr
    def __mapper_cls__(cls):
        def map_(cls, *args, **kw):
            mapper = Mapper(cls, *args, **kw)
            note(mapper)
            return mapper

        return map_
"""


def test_what_maps_a_class_runs_when_it_is_imported(analyse: Analyse) -> None:
    made = analyse(MAPPED)
    assert modes(made) == {
        "note": "bridged",
        "Noted.__mapper_cls__": "plain",
        "Noted.__mapper_cls__.<locals>.map_": "bridged",
    }
