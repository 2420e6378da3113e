"""`given.get("name")` is no `get(self, name)` of a class-based view that the framework alone makes."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.item_app import MADE, item_app
from tests.codemod.parity import FRAMES, Make, Request

VIEWS = """
    import json
    from flask import Blueprint, jsonify, request
    from flask.views import MethodView
    from . import db
    from .models import Item

    __all__ = ["Items", "bp"]
    bp = Blueprint("views", __name__)

    class Named:
        label = ""

    class Items(Named, MethodView):
        def get(self, name):
            return jsonify(self.named(name))

        def delete(self, name):
            Item.query.filter_by(name=name).delete()
            db.session.commit()
            return jsonify(count())

        @staticmethod
        def named(name):
            return [item.name for item in Item.query.filter_by(name=name)]

        def chosen(self, ending):
            return getattr(self, ending, None) if hasattr(self, "delete") else None

    class Below(Items):
        def get(self, name):
            return super().get(name.lower())

    bp.add_url_rule("/items/<name>", view_func=Items.as_view("items"))
    bp.add_url_rule("/below/<name>", view_func=Below.as_view("below"))

    def count():
        return Item.query.count()

    def name_of(given):
        return given.get("name")

    @bp.route("/made", methods=["POST"])
    def make():
        given = json.loads(request.get_data())
        Item.query.delete()
        db.session.add(Item(name=name_of(given)))
        db.session.commit()
        return jsonify(given.get("name"), count())
"""
#: What makes an object of the class, so that anybody may have it.
MAKING = {
    "by_its_class": "held = []\nclass Keeping(Items):\n    def post(self):\n"
    "        held.append(getattr(self, '__class__')())\nKeeping.post(Keeping())",
    "called": "held = [Items()]",
    "kept": "held = [cls() for cls in (Items,)]",
    "by_name": "held = [globals()['Items']()]",
    "below": "held = [Below()]",
    "by_itself": "held = []\nItems.keep = lambda self: held.append(self)\nItems().keep()",
    "listed": "from flask.views import MethodView\n"
    "held = [c() for c in MethodView.__subclasses__() if c.__module__ == __package__ + '.views']",
    "listed_below_a_mixin": "from .views import Named as Base\nheld = [c() for c in Base.__subclasses__()]",
    "under_the_name_of_a_model": "from .records import Items\n\ndef make():\n"
    "    from .views import Items\n    return Items\n\n"
    "held = list(vars(__import__('types').SimpleNamespace(a=make()())).values())",
    "another_name": "from . import views as again\nheld = [again.Items()]",
}
MORE = """

    @bp.route("/held/<name>")
    def of_held(name):
        from .made import held
        return held[0].get(name).get_data()
"""
#: Classes that have the name of a view, and others below which are listed.
RECORDS = """
    from . import db

    class Items(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    class Kind:
        label = ""

    class Small(Kind):
        label = "small"

    def labels():
        return [kind.label for kind in Kind.__subclasses__()] + [Items.__tablename__]
"""
REQUESTS: list[Request] = [
    ("POST", "/made", {"data": '{"name": "a"}'}),
    ("GET", "/items/a"),
    ("GET", "/below/A"),
    ("DELETE", "/items/a"),
    ("GET", "/items/a"),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_what_is_called_is_somebody_elses(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"views_{frame}", {**item_app(), "views.py": VIEWS}, frame)
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), REQUESTS))
    assert [a[3] for a in expected] == [b'["a",1]\n', b'["a"]\n', b'["a"]\n', b"0\n", b"[]\n"]
    text = sides.conversion.texts["views.py"]
    assert '\ndef name_of(given):\n    return given.get("name")' in text
    assert 'jsonify(given.get("name"), await count())' in text
    with sides.converted() as target:
        assert list(sides.answers(target.app, REQUESTS)) == expected


@pytest.mark.parametrize("frame", FRAMES)
def test_other_classes_of_its_name_and_others_that_are_listed(
    make_sides: Make, frame: FrameChoice
) -> None:
    used = """
    @bp.route("/labels")
    def shown():
        from .records import labels
        return jsonify(labels())
    """
    files = {**item_app(), "views.py": VIEWS + used, "records.py": RECORDS}
    sides = make_sides(f"named_{frame}", files, frame)
    requests = [*REQUESTS, ("GET", "/labels")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert expected[-1][3] == b'["small","items"]\n'
    text = sides.conversion.texts["views.py"]
    assert '\ndef name_of(given):\n    return given.get("name")' in text
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", MAKING)
def test_an_object_that_the_code_makes_may_be_anybodys(
    make_sides: Make, kind: str, frame: FrameChoice
) -> None:
    made = MAKING[kind] + "\n"
    if kind in ("by_its_class", "called", "kept", "by_name", "below", "by_itself"):
        made = f"from .views import Below, Items\n{made}"
    if kind == "by_name":
        made = made.replace("globals()", "vars(__import__(Below.__module__, fromlist=['x']))")
    files = {**item_app(), "views.py": VIEWS + MORE, "made.py": made, "records.py": RECORDS}
    sides = make_sides(f"made_{kind}_{frame}", files, frame)
    requests: list[Request] = [REQUESTS[0], ("GET", "/held/a")]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [a[3] for a in expected] == [b'["a",1]\n', b'["a"]\n']
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected


#: What flask-restx is told by the names of views, and what it has read of a request.
TOLD = """
    from flask import Blueprint, jsonify, request
    from flask_restx import Api, Resource, reqparse
    from . import db
    from .documented import described
    from .models import Item

    bp = Blueprint("views", __name__)
    api = Api(bp)
    model = api.model("Shelf", dict())

    class Kept(db.Model):
        __tablename__ = "Shelf"
        id = db.Column(db.Integer, primary_key=True)

    reader = reqparse.RequestParser()
    reader.add_argument("name", location="args")

    @api.route("/shelf", defaults=dict(kind="any"))
    class Shelf(Resource):
        def get(self, kind):
            return [item.name for item in chosen(reader.parse_args())]

    @api.route("/case/<name>")
    class Case(Resource):
        def get(self, name):
            return [described.name, chosen(dict(name=name)).count()]

    @api.route("/asked")
    class Asked(Resource):
        def get(self):
            return call_any(TAKEN[request.args["name"]], 2)

    @bp.route("/payload", methods=["POST"])
    def payload():
        return jsonify(described.payload.get("name"))

    def call_any(function, *args):
        return function(*args)

    def counted(times):
        return Item.query.count() * times

    TAKEN = dict(counted=counted)

    def chosen(args):
        found = Item.query
        if args.get("name"):
            found = found.filter_by(name=args.get("name"))
        return found
"""
DOCUMENTED = """
    from flask_restx import Namespace

    described = Namespace("Case", description="Case")
"""


def test_what_other_distributions_are_told_and_have_read(make_sides: Make) -> None:
    files = {**item_app(), "views.py": TOLD + MADE, "documented.py": DOCUMENTED}
    sides = make_sides("told", files)
    asked = ["/shelf", "/shelf?name=a", "/shelf?name=b", "/case/a", "/asked?name=counted"]
    given: Request = ("POST", "/payload", {"json": {"name": "b"}})
    requests: list[Request] = [("GET", "/made"), *(("GET", path) for path in asked), given]
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), requests))
    assert [a[2] for a in expected] == [200] * 7
    text = sides.conversion.texts["views.py"]
    assert 'jsonify(described.payload.get("name"))' in text
    assert "call(args.get" not in text
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
