"""Databases whose application has another driver than psycopg2 or sqlite3: both sides answer alike."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request
from tests.mysql import mysql_database, mysql_urls

_APP = {
    "__init__.py": """
        import os
        import sqlite3
        import sqlalchemy as sa
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy
        from sqlalchemy import create_engine, event
        from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

        URL = os.environ["OTHER_DATABASE"]
        OPTIONS = {{}}
        if URL.startswith("sqlite"):
            OPTIONS["creator"] = lambda: sqlite3.connect(sa.make_url(URL).database)

        db = SQLAlchemy()
        engine = create_engine(URL, **OPTIONS)
        session = scoped_session(sessionmaker(bind=engine))
        Base = declarative_base()
        connected = []

        @event.listens_for(engine, "connect")
        def heard(connection, record):
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            connected.append(cursor.fetchone()[0])
            cursor.close()

        class Note(Base):
            __tablename__ = "notes"
            id = sa.Column(sa.Integer, primary_key=True)
            text = sa.Column(sa.String(30))

        class Author(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(20), unique=True, nullable=False)
            joined = db.Column(db.DateTime, default=lambda: __import__("datetime").datetime(2026, 1, 2))
            books = db.relationship("Book", backref="author", order_by="Book.id")

        class Book(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            title = db.Column(db.String(40))
            price = db.Column(db.Numeric(8, 2))
            extra = db.Column(db.JSON)
            author_id = db.Column(db.ForeignKey("author.id"))

        def fresh():
            db.drop_all()
            db.create_all()
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            for name in ("Ann", "Ben"):
                author = Author(name=name)
                author.books = [Book(title=f"{{name}} {{n}}", price=n * 3, extra={{"n": [n]}}) for n in range(4)]
                db.session.add(author)
            db.session.commit()

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = URL
            app.config["SQLALCHEMY_ENGINE_OPTIONS"] = OPTIONS
            app.config["MIGRATOR_ASYNC_DRIVER"] = os.environ.get("OTHER_ASYNC_DRIVER")
            db.init_app(app)
            from .views import bp
            app.register_blueprint(bp)

            @app.teardown_appcontext
            def close(error):
                session.remove()

            return app
        """,
    "views.py": """
        from flask import Blueprint, Response, abort, jsonify, request, stream_with_context
        from sqlalchemy import func, text
        from sqlalchemy.exc import DBAPIError, IntegrityError

        from . import Author, Book, Note, connected, db, session

        bp = Blueprint("views", __name__)

        @bp.get("/authors")
        def authors():
            found = Author.query.order_by(Author.id.desc()).all()
            return jsonify([[a.id, a.name, a.joined.isoformat(), [b.title for b in a.books]] for a in found])

        @bp.get("/books")
        def books():
            page = Book.query.order_by(Book.price, Book.id).paginate(
                page=request.args.get("page", 1, type=int), per_page=3
            )
            return jsonify(page.total, [[b.title, str(b.price), b.extra, b.author.name] for b in page.items])

        @bp.get("/sums")
        def sums():
            rows = (
                db.session.query(Author.name, func.sum(Book.price), func.count())
                .join(Book)
                .group_by(Author.name)
                .order_by(Author.name)
            )
            return jsonify([[str(value) for value in row] for row in rows])

        @bp.post("/authors/<name>")
        def create(name):
            author = Author(name=name)
            db.session.add(author)
            try:
                db.session.commit()
            except IntegrityError as e:
                db.session.rollback()
                return jsonify(str(e.orig.args), type(e.orig).__name__, Author.query.count()), 409
            return jsonify(author.id), 201

        @bp.post("/raise")
        def prices():
            rows = Book.query.filter(Book.price > 3).update({{"price": Book.price + 1}})
            db.session.commit()
            return jsonify(rows, [str(price) for (price,) in db.session.query(Book.price).order_by(Book.id)])

        @bp.delete("/books/<int:number>")
        def delete(number):
            db.session.delete(Book.query.get_or_404(number))
            db.session.commit()
            return "", 204

        @bp.get("/stream")
        def stream():
            def lines():
                for book in Book.query.order_by(Book.id).yield_per(2):
                    yield f"{{book.title}} {{book.price}}\\n"
            return Response(stream_with_context(lines()), mimetype="text/plain")

        @bp.get("/wrong")
        def wrong():
            try:
                db.session.execute(text("SELECT nothing FROM nowhere"))
            except DBAPIError as e:
                db.session.rollback()
                return jsonify(type(e).__name__, type(e.orig).__name__, str(e.orig).splitlines()[0])

        @bp.post("/notes/<words>")
        def note(words):
            session.add(Note(text=words))
            session.flush()
            nested = session.begin_nested()
            session.add(Note(text="undone"))
            session.flush()
            nested.rollback()
            session.commit()
            return jsonify([[n.id, n.text] for n in session.query(Note).order_by(Note.id)], set(connected) == {{1}})

        @bp.get("/plain")
        def plain():
            rows = db.session.execute(text("SELECT name FROM author WHERE name LIKE :n"), {{"n": "%n"}})
            return jsonify([name for (name,) in rows])
        """,
}

_REQUESTS: list[Request] = [
    ("GET", "/authors"),
    ("GET", "/books"),
    ("GET", "/books?page=3"),
    ("GET", "/books?page=4"),
    ("GET", "/sums"),
    ("POST", "/authors/Cid"),
    ("POST", "/authors/Ann"),
    ("POST", "/raise"),
    ("GET", "/stream"),
    ("DELETE", "/books/2"),
    ("DELETE", "/books/2"),
    ("GET", "/wrong"),
    ("POST", "/notes/one"),
    ("POST", "/notes/two"),
    ("GET", "/plain"),
    ("GET", "/authors"),
]

#: The driver of the URL, and what takes the place of the usual one on the async side.
_DRIVERS = [
    ("postgresql+psycopg2", "thread"),
    ("postgresql+psycopg", None),
    ("postgresql+psycopg", "thread"),
    ("sqlite", None),
    *((driver, None) for driver in mysql_urls()),
]


@pytest.fixture(params=_DRIVERS, ids=lambda pair: "-".join(filter(None, pair)))
def database(
    request: pytest.FixtureRequest, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    driver, in_place = request.param
    stack = ExitStack()
    if driver == "sqlite":
        url = sqlite_url
    elif driver.startswith("postgresql"):
        made = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername=driver)
        url = made.render_as_string(hide_password=False)
    else:
        url = stack.enter_context(mysql_database(driver))
    monkeypatch.setenv("OTHER_DATABASE", url)
    if in_place is not None:
        monkeypatch.setenv("OTHER_ASYNC_DRIVER", in_place)
    with stack:
        yield url


@pytest.mark.parametrize("frame", FRAMES)
def test_the_application_answers_as_it_did(
    frame: FrameChoice, database: str, make_sides: Make
) -> None:
    sides = make_sides("other", _APP, frame)
    assert {site.status for site in sides.conversion.plan.sites} == {"native"}
    legacy = importlib.import_module(sides.legacy)
    app = legacy.create_app()
    try:
        with sides.converted():
            target = importlib.import_module(sides.target)
        for expected, found in sides.both(app, _REQUESTS, legacy.fresh):
            assert expected == found
            assert expected[2] != 500
        driver = os.environ["OTHER_DATABASE"].partition(":")[0]
        assert target.db.engine.dialect.driver in driver or driver == "sqlite"
    finally:
        with app.app_context():
            legacy.db.engine.dispose()
        legacy.engine.dispose()
