"""Views that stream, or loop over generators: both frames answer as the legacy application does."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    "__init__.py": """
        from contextlib import contextmanager

        from flask import Flask, Response, current_app, jsonify, request, stream_with_context
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        seen = []


        class Author(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(20), nullable=False)


        class Book(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            title = db.Column(db.String(20), nullable=False)
            author_id = db.Column(db.ForeignKey("author.id"), nullable=False)
            author = db.relationship(Author, backref="books")


        def rows():
            for book in Book.query.order_by(Book.id).yield_per(2):
                yield f"{{book.id}} {{book.title}} {{book.author.name}}\\n"


        def closed_properly():
            try:
                yield from rows()
            finally:
                seen.append(Book.query.count())


        @contextmanager
        def renamed(book, title):
            old = book.title
            book.title = title
            db.session.flush()
            try:
                yield Book.query.filter_by(title=title).count()
            finally:
                book.title = f"{{old}} ({{book.author.name}})"
                db.session.flush()


        def create_app(path):
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)

            @app.get("/rows")
            def all_rows():
                return Response(stream_with_context(rows()), mimetype="text/plain")

            @app.get("/books/<int:number>")
            def described(number):
                db.get_or_404(Book, number)

                def parts():
                    book = db.session.get(Book, number)
                    yield f"{{request.path}} {{book.title}} "
                    yield from (other.title for other in book.author.books)

                return Response(stream_with_context(parts()), mimetype="text/plain")

            @app.get("/after")
            def after():
                Book.query.filter_by(id=1).one().title = request.args["title"]
                db.session.commit()
                return Response(stream_with_context(rows()), mimetype="text/plain"), 201

            @app.get("/closed")
            def closed():
                return current_app.response_class(stream_with_context(closed_properly()), mimetype="text/plain")

            @app.get("/seen")
            def what_was_seen():
                return jsonify(seen)

            @app.get("/looped")
            def looped():
                found = []
                for row in rows():
                    found.append(row)
                    if row.startswith("3"):
                        break
                return jsonify(found, any(row.endswith("B\\n") for row in rows()), list(closed_properly()))

            @app.get("/renamed/<int:number>")
            def rename(number):
                book = db.get_or_404(Book, number)
                with renamed(book, "other") as count:
                    during = book.title
                return jsonify(count, during, book.title, sorted(Book.query, key=lambda b: (b.author.name, -b.id))[0].id)

            @app.get("/failing")
            def failing():
                def parts():
                    yield Author.query.order_by(Author.id).first().name
                    yield str(Author.query.filter_by(name="C").one().id)

                return Response(stream_with_context(parts()), mimetype="text/plain")

            return app


        def seed():
            db.drop_all()
            db.create_all()
            for name, titles in (("A", "xyz"), ("B", "uv")):
                db.session.add(Author(name=name, books=[Book(title=title) for title in titles]))
            db.session.commit()
            seen.clear()
    """,
    "wsgi.py": """
        import os

        from {name} import create_app

        app = create_app(os.environ["STREAMS_DATABASE"])
    """,
}
REQUESTS: list[Request] = [
    ("GET", "/rows"),
    ("HEAD", "/rows"),
    ("GET", "/books/2"),
    ("GET", "/books/9"),
    ("GET", "/after?title=new"),
    ("GET", "/closed"),
    ("GET", "/seen"),
    ("GET", "/looped"),
    ("GET", "/seen"),
    ("GET", "/renamed/4"),
    ("GET", "/rows"),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_every_request_is_answered_alike(
    frame: FrameChoice,
    make_sides: Make,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("STREAMS_DATABASE", str(tmp_path_factory.mktemp("streams") / "books.db"))
    pair = make_sides("streams", FILES, frame)
    modes = {
        key.rpartition(":")[2]: decision.mode
        for key, decision in pair.conversion.decisions.by_key.items()
    }
    bridged = {name for name, mode in modes.items() if mode == "bridged"}
    assert bridged == {
        "closed_properly", "create_app.<locals>.described.<locals>.parts",
        "create_app.<locals>.closed",
    }  # fmt: skip
    legacy = importlib.import_module(f"{pair.legacy}.wsgi").app
    seed = importlib.import_module(pair.legacy).seed
    for before, after in pair.both(legacy, REQUESTS, seed):
        assert after == before
