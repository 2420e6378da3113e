"""Query classes of the repository's own, converted and served by `asgi.py`."""

from __future__ import annotations

import importlib
import textwrap

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import FILES as SHOP
from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import Make, Request

FILES = {
    "__init__.py": """
        import os
        from flask import Flask

        def create_app():
            from {name}.models import db
            app = Flask(__name__, instance_relative_config=True)
            app.config["SECRET_KEY"] = "parity"
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)
            from {name}.views import bp
            app.register_blueprint(bp)
            return app
    """,
    "models.py": """
        from flask import request
        from flask_sqlalchemy import SQLAlchemy
        from flask_sqlalchemy.query import Query
        from sqlalchemy.exc import NoResultFound

        class SiteQuery(Query):
            def newest(self, count=2):
                return self.order_by(db.desc("id")).limit(count)

            def numbers(self):
                return [found.id for found in self.all()]

        db = SQLAlchemy(query_class=SiteQuery)

        class ItemQuery(SiteQuery):
            def open(self, least=0):
                return self.filter(Item.hidden == False).filter(Item.id > least)

            def first_open(self):
                return self.open().order_by(Item.id).first()

            def named(self, name, /, *, hidden=None):
                found = self.filter_by(name=name)
                return found if hidden is None else found.filter_by(hidden=hidden)

        class Item(db.Model):
            query_class = ItemQuery
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(50))
            hidden = db.Column(db.Boolean, default=False)

        class Safe(db.Model):
            class SafeQuery(SiteQuery):
                def get(self, ident):
                    return self.filter_by(id=ident, hidden=False).first()

                def twice(self, ident):
                    return [self.get(ident), self.filter_by(id=ident).one_or_none()]

            query_class = SafeQuery
            id = db.Column(db.Integer, primary_key=True)
            hidden = db.Column(db.Boolean, default=False)

        class KeptQuery(Query):
            def get(self, item, ident):
                try:
                    found = self.join(Item).filter(Item.id == item.id).filter(Kept.id == ident)
                    return found.one()
                except NoResultFound:
                    return None

            def delete(self, item, ident):
                kept = self.get(item, ident)
                if kept:
                    db.session.delete(kept)
                return kept

            def first(self):
                return self.filter_by(hidden=False).order_by(Kept.id.desc()).limit(1).one_or_none()

            def count(self):
                return 100 + super().count()

        class Kept(db.Model):
            query_class = KeptQuery
            id = db.Column(db.Integer, primary_key=True)
            hidden = db.Column(db.Boolean, default=False)
            item_id = db.Column(db.ForeignKey("item.id"))

        class VeiledQuery(SiteQuery):
            _all = False

            def __new__(cls, *args, **kwargs):
                made = super(VeiledQuery, cls).__new__(cls)
                if not args and not kwargs:
                    return made
                super(VeiledQuery, made).__init__(*args, **kwargs)
                made._all = bool(request.args.get("all"))
                if request.args.get("whose"):
                    # Who may see what is asked of the database.
                    owner = db.session.query(Item).filter_by(name=request.args["whose"]).first()
                    made = made.filter(Veiled.item_id == owner.id)
                return made if made._all else made.filter_by(hidden=False)

            def __init__(self, *args, **kwargs):
                pass

            def everything(self):
                return [found.id for found in self.order_by(Veiled.id).all()]

        class Veiled(db.Model):
            query_class = VeiledQuery
            id = db.Column(db.Integer, primary_key=True)
            hidden = db.Column(db.Boolean, default=False)
            item_id = db.Column(db.ForeignKey("item.id"))
            item = db.relationship("Item")

            @classmethod
            def after(cls, least):
                return cls.query.filter(cls.id > least)

        class LoadedQuery(Query):
            def __init__(self, entities, session=None):
                super().__init__(entities, session)
                made = self.options(db.joinedload(Loaded.veiled)).order_by(None)
                self.__dict__.update(made.__dict__)

        class Loaded(db.Model):
            query_class = LoadedQuery
            id = db.Column(db.Integer, primary_key=True)
            hidden = db.Column(db.Boolean, default=False)
            veiled_id = db.Column(db.ForeignKey("veiled.id"))
            veiled = db.relationship("Veiled")

        class Soft(db.Model):
            class SoftQuery(SiteQuery):
                def __init__(self, *args, **kwargs):
                    super().__init__(*args, **kwargs)
                    self._where_criteria += (Soft.hidden == False,)

            query_class = SoftQuery
            id = db.Column(db.Integer, primary_key=True)
            hidden = db.Column(db.Boolean, default=False)
    """,
    "views.py": """
        from flask import Blueprint, jsonify
        from {name}.models import Item, Kept, Loaded, Safe, Soft, Veiled, db

        bp = Blueprint("api", __name__)

        @bp.route("/newest")
        def newest():
            return jsonify([i.id for i in Item.query.open().newest().all()])

        @bp.route("/numbers")
        def numbers():
            return jsonify(Item.query.filter(Item.id > 1).numbers(), Safe.query.numbers())

        @bp.route("/first")
        def first():
            return jsonify(Item.query.first_open().name)

        @bp.route("/named/<name>")
        def named(name):
            return jsonify(Item.query.named(name).count(), Item.query.named(name, hidden=True).count())

        @bp.route("/counted")
        def counted():
            return jsonify(db.session.query(Soft).newest(1).count(), Item.query.open(1).count())

        @bp.route("/safe/<int:ident>")
        def safe(ident):
            return jsonify(Safe.query.get(ident) is None, [s is None for s in Safe.query.twice(ident)])

        @bp.route("/safe/<int:ident>/404")
        def safe_or_404(ident):
            return jsonify(Safe.query.get_or_404(ident).id)

        @bp.route("/safe/<int:ident>/by_name")
        def safe_by_name(ident):
            return jsonify(getattr(Safe.query, "get")(ident) is None)

        def kept_id(kept):
            return kept.id if kept else None

        @bp.route("/kept/<int:ident>")
        def kept(ident):
            item = db.session.get(Item, 3)
            found = Kept.query.get(item, ident)
            return jsonify(kept_id(found), kept_id(Kept.query.filter(Kept.id < 3).first()))

        @bp.route("/kept/<int:ident>/404")
        def kept_or_404(ident):
            return jsonify(Kept.query.filter_by(id=ident).first_or_404().id)

        @bp.route("/kept/changed/<int:ident>", methods=["POST"])
        def kept_gone(ident):
            gone = Kept.query.delete(db.session.get(Item, 3), ident)
            db.session.flush()
            left = [kept.id for kept in Kept.query.order_by(Kept.id)]
            db.session.rollback()
            return jsonify(gone is None, left)

        @bp.route("/kept/count")
        def kept_count():
            return jsonify(Kept.query.count())

        @bp.route("/safes")
        def safes():
            return jsonify([s.id for s in Safe.query.newest(9)])

        @bp.route("/soft")
        def soft():
            return jsonify([s.id for s in Soft.query.all()], Soft.query.numbers())

        @bp.route("/veiled")
        def veiled():
            return jsonify(
                [v.id for v in Veiled.query.order_by(Veiled.id)],
                Veiled.query.count(),
                Veiled.query.filter(Veiled.id > 1).first().id,
                Veiled.query.with_entities(Veiled.id).order_by(Veiled.id)[0:3][0].id,
                Veiled.query.everything(),
                [v.id for v in Veiled.after(2).order_by(Veiled.id).all()],
                [v.item.name for v in Veiled.query.join(Item).filter(Item.name == "a")],
                Item.query.filter(Item.id.in_(Veiled.query.with_entities(Veiled.item_id))).count(),
                db.session.query(Veiled.query.filter(Veiled.id == 2).exists()).scalar(),
                db.session.query(Veiled).count(),
            )

        @bp.route("/veiled/any")
        def veiled_any():
            return jsonify(any(v.id == 2 for v in Veiled.query), [v.id for v in Veiled.query][:1])

        @bp.route("/veiled/<int:ident>")
        def veiled_one(ident):
            return jsonify(Veiled.query.filter_by(id=ident).first_or_404().id)

        @bp.route("/veiled/page")
        def veiled_page():
            return jsonify([v.id for v in Veiled.query.paginate(page=1, per_page=2).items])

        @bp.route("/veiled/changed", methods=["POST"])
        def veiled_changed():
            changed = Veiled.query.filter(Veiled.id < 3).update({{"item_id": 4}})
            query = Veiled.query
            if changed:
                query = query.filter(Veiled.item_id == 3)
            gone = query.delete()
            left = db.session.query(Veiled.id, Veiled.item_id).order_by(Veiled.id).all()
            db.session.rollback()
            return jsonify(changed, gone, [list(row) for row in left])

        @bp.route("/loaded")
        def loaded():
            return jsonify([found.veiled.id for found in Loaded.query.order_by(Loaded.id)])

        @bp.route("/pages")
        def pages():
            return jsonify([i.id for i in Item.query.open().paginate(page=1, per_page=2).items])
    """,
    "seed.py": """
        from {name}.models import Item, Kept, Loaded, Safe, Soft, Veiled, db

        def seed():
            db.drop_all()
            db.create_all()
            for model in (Item, Safe, Soft, Veiled, Loaded, Kept):
                for number in (1, 2, 3, 4):
                    found = model(id=number, hidden=number % 2 == 0)
                    if model is Item:
                        found.name = "abab"[number - 1]
                    if model in (Veiled, Kept):
                        found.item_id = number
                    if model is Loaded:
                        found.veiled_id = number
                    db.session.add(found)
            db.session.commit()
    """,
}
REQUESTS: list[Request] = [
    (("POST" if "changed" in path else "GET"), path)
    for path in (
        *("/veiled", "/veiled?all=1", "/veiled?whose=b&all=1", "/veiled/1", "/veiled/2", "/loaded"),
        *("/kept/3", "/kept/2", "/kept/3/404", "/kept/2/404", "/kept/changed/3", "/kept/changed/1"),
        *("/kept/count", "/safe/1/by_name", "/safe/2/by_name"),
        *("/veiled/2?all=1", "/veiled/page", "/veiled/page?all=1", "/veiled/any"),
        *("/veiled/changed", "/veiled/changed?all=1"),
        *(
            "/newest",
            "/numbers",
            "/first",
            "/named/a",
            "/named/b",
            "/counted",
            "/safe/1",
            "/safe/2",
        ),
        *("/safe/1/404", "/safe/2/404", "/safe/9/404", "/safes", "/soft", "/pages"),
    )
]


def test_methods_of_query_classes(make_sides: Make) -> None:
    pair = make_sides("queryclasses", FILES)
    legacy = importlib.import_module(pair.legacy).create_app()
    with legacy.app_context():
        importlib.import_module(f"{pair.legacy}.seed").seed()
    expected = list(pair.answers(legacy, REQUESTS))
    with pair.converted() as asgi:
        for before, after in zip(expected, pair.answers(asgi.app, REQUESTS), strict=True):
            assert after == before
    levels = {
        e.endpoint.endpoint: (e.level, e.reason) for e in outcome_of(pair.conversion).endpoints
    }
    changed = {"api.safe_or_404", "api.safe_by_name", "api.loaded"}
    changed |= {"api.kept_or_404", "api.kept_count"}
    assert {e for e, (level, _) in levels.items() if level == "bridged"} == changed, levels


@pytest.mark.parametrize("base", ["CachingQuery", "Query if db else object", "(lambda: Query)()"])
def test_of_whatever_a_query_class_is_made(base: str, alike: Alike) -> None:
    """Bases that nobody has seen to be a Query: its methods are still methods of a query."""
    query_class = f"""
from caching_queries import CachingQuery
from flask_sqlalchemy.query import Query

class OrderQuery({base}):
    def dear(self, least=20):
        return self.filter(Order.amount >= least)

    def search(self, words):
        query = self
        for word in words.split():
            query = query.filter(Order.number.contains(word))
        return query

class Order(db.Model):
    query_class = OrderQuery
"""
    models = textwrap.dedent(SHOP["models.py"])
    models = models.replace("class Order(db.Model):\n", query_class.lstrip("\n"))
    views = """
@bp.route("/rows")
def rows():
    return [o.number for o in Order.query.dear().order_by(Order.id)]
@bp.route("/pages")
def pages():
    query = Order.query.dear(10)
    if "q" in request.args:
        query = query.search(request.args["q"])
    page = query.order_by(Order.id).paginate(per_page=2)
    return {"total": page.total, "numbers": [o.number for o in page.items]}
@bp.route("/first")
def first():
    return Order.query.search("N 3").first_or_404().customer.name
"""
    extension = "from flask_sqlalchemy.query import Query\nclass CachingQuery(Query): pass\n"
    paths = ["/rows", "/pages", "/pages?q=3", "/first"]
    alike(HEAD + views, paths, {"caching_queries": extension}, models=models)


def test_a_class_in_the_body_that_has_the_name(alike: Alike) -> None:
    models = textwrap.dedent(SHOP["models.py"]).replace(
        "class Order(db.Model):\n",
        """from flask_sqlalchemy.query import Query

class Dated(db.Model):
    __abstract__ = True

    class query_class(Query):
        def newest(self, count=2):
            return self.order_by(db.desc("id")).limit(count)

class Order(Dated):
    class query_class(Dated.query_class):
        def dear(self, least=20):
            return self.filter(Order.amount >= least)

        def first_of(self, name):
            return self.join(Customer).filter(Customer.name == name).order_by(Order.id).first()

""",
    )
    views = """
@bp.route("/rows")
def rows():
    return [o.number for o in Order.query.dear().newest()]
@bp.route("/first/<name>")
def first(name):
    found = Order.query.filter(Order.amount < 50).dear(10).first_of(name)
    return [found and found.number, Order.query.newest(1).one().customer.name]
"""
    sides = alike(HEAD + views, ["/rows", "/first/ann", "/first/zoe"], models=models)
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen
