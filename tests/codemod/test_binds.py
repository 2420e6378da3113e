"""Several databases: every form of a query asks the one that the legacy application asks.

Both databases have a table of the same name, with other rows: what goes astray finds something.
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import sqlalchemy as sa

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    "__init__.py": """
        import os
        from flask import Flask
        from {name} import views
        from {name}.models import db

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BINDS_MAIN"]
            app.config["SQLALCHEMY_BINDS"] = {{
                "archive": os.environ["BINDS_ARCHIVE"],
                "log": {{"url": os.environ["BINDS_MAIN"] + ".log", "echo": False}},
            }}
            db.init_app(app)
            app.register_blueprint(views.bp)
            return app
    """,
    "models.py": """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Customer(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(20))

        class MainVisit(db.Model):
            __tablename__ = "visit"
            id = db.Column(db.Integer, primary_key=True)
            page = db.Column(db.String(20))

        class Archived(db.Model):
            __abstract__ = True
            __bind_key__ = "archive"

        class Visit(Archived):
            id = db.Column(db.Integer, primary_key=True)
            page = db.Column(db.String(20))
            hits = db.relationship("Hit", backref="visit", order_by="Hit.id")
            recent = db.relationship("Hit", lazy="dynamic", viewonly=True, order_by="Hit.id")

        class Hit(Archived):
            id = db.Column(db.Integer, primary_key=True)
            visit_id = db.Column(db.ForeignKey("visit.id"))

        class Long(Visit):
            id = db.Column(db.ForeignKey("visit.id"), primary_key=True)
            seconds = db.Column(db.Integer)

        class Line(db.Model):
            __bind_key__ = "log"
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(20))

        words = db.Table("word", db.Column("id", db.Integer, primary_key=True), bind_key="archive")

        def seed():
            db.session.add_all([Customer(id=1, name="ann"), MainVisit(id=7, page="main")])
            db.session.add_all([Visit(id=i, page=f"p{{i}}", hits=[Hit(id=i)]) for i in (1, 2, 3)])
            db.session.add(Long(id=9, page="long", seconds=5))
            db.session.add(Line(id=1, text="one"))
            db.session.execute(db.insert(words).values(id=4))
            db.session.commit()
    """,
    "views.py": "",
}
HEAD = """
from flask import Blueprint, jsonify
from sqlalchemy import func, insert, select, text, update
from {name}.models import Customer, Hit, Line, Long, MainVisit, Visit, db, words

bp = Blueprint("views", __name__)
"""
#: Expressions, each the body of a view; `main` ones ask the main database.
ASKED = """
[v.id for v in Visit.query.order_by(Visit.id).all()]
[v.id for v in MainVisit.query.all()] + [c.name for c in Customer.query.all()]
[v.page for v in db.session.query(Visit).filter(Visit.id < 3).order_by(Visit.id.desc())]
[r[0] for r in db.session.query(Visit.id).order_by(Visit.id)]
[list(r) for r in db.session.query(Visit.page, func.count(Visit.id)).group_by(Visit.page).order_by(Visit.page)]
Visit.query.count()
Visit.query.filter_by(page="p1").count()
Visit.query.distinct().count()
db.session.query(func.count(Visit.id)).scalar()
db.session.query(func.max(Visit.id)).filter(Visit.id < 3).scalar()
db.session.query(func.count()).select_from(Visit).scalar()
db.session.query(Visit.id).join(Hit).count()
Visit.query.get(2).page
db.session.get(Visit, 2).page
Visit.query.first().id
Visit.query.order_by(Visit.id).first_or_404().page
Visit.query.get_or_404(3).page
db.get_or_404(Visit, 3).page
[v.id for v in Visit.query.order_by(Visit.id).paginate(page=1, per_page=2).items]
Visit.query.paginate(page=1, per_page=2).total
[v.id for v in db.paginate(select(Visit).order_by(Visit.id), per_page=3).items]
[h.id for h in Visit.query.get(1).hits]
[h.id for h in Visit.query.get(2).recent]
Visit.query.get(2).recent.count()
Visit.query.get(2).recent.filter_by(id=2).first().id
Hit.query.get(3).visit.page
[v.id for v in Visit.query.join(Hit).filter(Hit.id > 1).order_by(Visit.id)]
[v.id for v in Visit.query.filter(Visit.hits.any(Hit.id == 2))]
[v.id for v in Visit.query.filter(Visit.id.in_(db.session.query(Hit.visit_id))).order_by(Visit.id)]
[v.id for v in Visit.query.filter_by(id=1).union(Visit.query.filter_by(id=3)).order_by(Visit.id)]
Visit.query.filter_by(id=1).union_all(Visit.query.filter_by(id=3)).count()
[v.id for v in Visit.query.order_by(Visit.id)[1:3]]
[v.id for v in Visit.query.order_by(Visit.id).limit(2).from_self()] if hasattr(Visit.query, "from_self") else []
[v.id for v in Visit.query.from_statement(text("select * from visit where id = 2"))]
[l.seconds for l in Long.query.all()]
[l.page for l in Long.query.all()]
Line.query.one().text
[v.id for v in db.session.execute(select(Visit).order_by(Visit.id)).scalars()]
[v.id for v in db.session.scalars(select(Visit).where(Visit.id > 1).order_by(Visit.id))]
db.session.execute(select(func.count(Visit.id))).scalar()
db.session.scalar(select(func.count()).select_from(Visit))
db.session.execute(select(func.count()).select_from(Customer)).scalar()
db.session.execute(select(func.count()).select_from(MainVisit.__table__)).scalar()
db.session.execute(select(func.count()).select_from(Visit.__table__)).scalar()
db.session.execute(text("select count(*) from visit")).scalar()
Visit.query.filter_by(id=1).update({{"page": "new"}})
Visit.query.filter_by(id=1).delete()
db.session.execute(update(Visit).values(page="x")).rowcount
db.session.execute(insert(words).values(id=5)).rowcount
db.session.execute(insert(Hit).values(id=50)).rowcount
db.session.query(Visit.id).filter_by(id=1).scalar()
db.session.query(Visit.query.filter_by(id=1).exists()).scalar()
db.session.query(Visit.query.filter_by(page="main").exists()).scalar()
bool(db.session.query(db.session.query(Visit).filter_by(id=2).exists()).scalar())
db.session.query(Visit.query.exists()).select_from(Visit).scalar()
db.session.query(db.literal(True)).filter(Visit.query.filter_by(id=1).exists()).scalar()
""".strip().splitlines()
WRITES = """
@bp.route("/write")
def write():
    db.session.add(Visit(id=20, page="added"))
    db.session.add(Customer(id=20, name="both"))
    db.session.delete(Hit.query.get(3))
    Visit.query.get(2).page = "changed"
    db.session.flush()
    found = Visit.query.filter_by(page="changed").one()
    db.session.commit()
    return jsonify(found.id, Customer.query.count(), Visit.query.count(), MainVisit.query.count())


@bp.route("/roll-back")
def roll_back():
    db.session.add(Visit(id=30, page="lost"))
    db.session.add(Customer(id=30, name="lost"))
    db.session.flush()
    db.session.rollback()
    return jsonify(Customer.query.count(), Visit.query.count())


@bp.route("/engines")
def engines():
    with db.engines["archive"].connect() as connection:
        one = connection.execute(text("select count(*) from visit")).scalar()
    with db.get_engine("archive").begin() as connection:
        two = connection.execute(text("select count(*) from visit")).scalar()
    with db.engine.connect() as connection:
        main = connection.execute(text("select count(*) from visit")).scalar()
    return jsonify(one, two, main, sorted(str(key) for key in db.engines))
"""


def views() -> str:
    parts = [HEAD]
    for number, expression in enumerate(ASKED):
        parts.append(
            f'@bp.route("/{number}")\ndef view_{number}():\n'
            f"    try:\n        return jsonify({expression})\n"
            "    except Exception as error:\n"
            "        db.session.rollback()\n"
            "        return jsonify(failed=type(error).__name__)\n"
        )
    return "\n\n".join(parts) + WRITES


@pytest.mark.filterwarnings("ignore:.*deprecated")
@pytest.mark.filterwarnings("ignore:.*legacy:sqlalchemy.exc.LegacyAPIWarning")
@pytest.mark.parametrize("frame", FRAMES)
def test_every_query_asks_the_database_of_the_legacy_application(
    frame: FrameChoice,
    make_sides: Make,
    sqlite_url: str,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BINDS_MAIN", sqlite_url)
    archive = sa.make_url(postgres_url).set(drivername="postgresql+psycopg2")
    monkeypatch.setenv("BINDS_ARCHIVE", archive.render_as_string(hide_password=False))
    pair = make_sides("binds", {**FILES, "views.py": views()}, frame)
    assert not pair.conversion.findings
    paths = [*map(str, range(len(ASKED))), "write", "roll-back", "engines"]
    requests: list[Request] = [("GET", f"/{path}") for path in paths]
    legacy = importlib.import_module(pair.legacy).create_app()
    models = importlib.import_module(f"{pair.legacy}.models")

    def fresh() -> None:
        keys: Any = [None, "archive", "log"]
        models.db.drop_all(keys)
        models.db.create_all(keys)
        models.seed()

    wrong = []
    for before, after in pair.both(legacy, requests, fresh):
        assert before[2] == 200
        if after != before:
            number = before[1][1:]
            what = ASKED[int(number)] if number.isdigit() else number
            wrong.append((what, before[3], after[3]))
    assert not wrong
