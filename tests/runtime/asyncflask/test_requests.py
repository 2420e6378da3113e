"""Flask's own parts: views, hooks, handlers, sessions, templates, streams, the URL map."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from flask import Blueprint, Response, flash, g, jsonify, request, session, stream_with_context
from flask.views import MethodView, View
from sqlalchemy import select, text
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from migrator.runtime.asyncflask import AsyncFlask, run_blocking
from migrator.runtime.db import SQLAlchemy
from tests.runtime.asyncflask.stacks import Stack, pair


class Teapot(Exception):
    pass


def shop(stack: Stack, url: str) -> Any:
    """Authors with lazy books, used by views of every kind."""
    app: flask.Flask = stack.Flask(__name__, template_folder=None)
    app.config.update(SECRET_KEY="k", SQLALCHEMY_DATABASE_URI=url, MAX_CONTENT_LENGTH=2_000_000)
    db = stack.SQLAlchemy(app)

    class Author(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(80), unique=True, nullable=False)
        books = db.relationship("Book", backref="author", order_by="Book.id")

    class Book(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String(80), nullable=False)
        author_id = db.Column(db.ForeignKey("author.id"))

    with app.app_context():
        db.create_all()
        for name in ("Ada", "Ben"):
            db.session.add(Author(name=name, books=[Book(title=f"{name} {n}") for n in (1, 2)]))
        db.session.commit()
    template = "{% for a in authors %}{{ a.name }}:{% for b in a.books %} {{ b.title }}{% endfor %};{% endfor %}"

    async def all_authors() -> list[Any]:
        """Async code on the async stack; on Flask the same statement by the sync session."""
        result = db.session.scalars(select(Author).order_by(Author.id))
        return list((await result if inspect.isawaitable(result) else result).all())

    async def commit() -> None:
        done = db.session.commit()
        if inspect.isawaitable(done):
            await done

    @app.get("/authors")
    def authors() -> Any:
        return jsonify(
            [(a.id, a.name, [b.title for b in a.books]) for a in Author.query.order_by(Author.id)]
        )

    @app.get("/page")
    def page() -> str:
        return flask.render_template_string(
            template + "{{ url_for('one', ident=1) }} {{ get_flashed_messages() }} {{ g.seen }}",
            authors=Author.query.order_by(Author.name).all(),
        )

    @app.get("/authors/<int:ident>")
    def one(ident: int) -> Any:
        author = db.get_or_404(Author, ident)
        return {"name": author.name, "books": len(author.books)}

    @app.get("/paged")
    def paged() -> Any:
        found = db.paginate(select(Author).order_by(Author.id), per_page=1)
        query = Author.query.order_by(Author.id).paginate(per_page=1)
        return jsonify([a.name for a in found], found.total, found.pages, query.items[0].name)

    @app.post("/authors")
    async def create() -> Any:
        db.session.add(Author(name=request.form["name"]))
        await commit()
        flash("made")
        session["last"] = request.form["name"]
        return flask.redirect(flask.url_for("page"), 303)

    @app.post("/forgotten")
    def forgotten() -> Any:
        db.session.add(Author(name="never committed"))
        db.session.flush()
        return str(Author.query.count())

    @app.get("/async")
    async def asynchronous() -> Any:
        await asyncio.sleep(0)
        session["visits"] = session.get("visits", 0) + 1
        return jsonify([a.name for a in await all_authors()], g.seen, session["visits"])

    @app.get("/stream")
    def stream() -> Any:
        def rows() -> Iterator[str]:
            for author in Author.query.order_by(Author.id):
                yield f"{author.name} {request.path} {len(author.books)}\n"

        return Response(stream_with_context(rows()), mimetype="text/plain")

    @app.get("/detached")
    def detached() -> Any:
        author = Author.query.order_by(Author.id).first()

        def rows() -> Iterator[str]:
            yield author.name
            try:
                yield str(len(author.books))
            except Exception as error:
                yield type(error).__name__
            try:
                yield str(db.session.query(Author).count())
            except RuntimeError as error:
                yield "RuntimeError" if isinstance(error, RuntimeError) else ""

        return Response(rows())

    @app.get("/slash/")
    def slash() -> str:
        return request.full_path

    @app.post("/upload")
    def upload() -> Any:
        files = {name: len(f.read()) for name, f in request.files.items()}
        return jsonify(files, request.form.to_dict())

    @app.put("/raw")
    async def raw() -> Any:
        return jsonify(len(request.get_data()), request.headers.get("Transfer-Encoding"))

    @app.post("/json")
    async def json() -> Any:
        return jsonify(request.get_json())

    class Item(MethodView):
        init_every_request = False
        decorators = [lambda f: f]

        def get(self, ident: int) -> Any:
            return db.session.get(Author, ident).name

        async def delete(self, ident: int) -> Any:
            found = db.session.get(Author, ident)
            await commit()
            return (await found if inspect.isawaitable(found) else found).name, 202

    class Plain(View):
        methods = ["GET", "POST"]

        async def dispatch_request(self) -> Any:  # type: ignore[override]  # Flask runs it all the same
            return request.method

    app.add_url_rule("/items/<int:ident>", view_func=Item.as_view("item"))
    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))

    @app.before_request
    async def see() -> None:
        g.seen = [Author.__name__, len(await all_authors())]

    @app.before_request
    def stop() -> Any:
        return ("stopped", 418) if "stop" in request.args else None

    @app.after_request
    async def mark(response: Response) -> Response:
        response.headers["X-Seen"] = str(g.get("seen"))
        return response

    torn: list[Any] = []

    @app.teardown_request
    def tear(error: BaseException | None) -> None:
        torn.append(type(error).__name__)

    @app.teardown_appcontext
    async def tear_app(error: BaseException | None) -> None:
        torn.append(("app", type(error).__name__))

    @app.get("/torn")
    def was_torn() -> Any:
        found, torn[:] = list(torn), []
        return jsonify(found)

    @app.errorhandler(404)
    async def missing(error: Any) -> Any:
        return jsonify(error=str(error), authors=len(await all_authors())), 404

    @app.errorhandler(Teapot)
    def teapot(error: Teapot) -> Any:
        return f"{error} {Author.query.count()}", 418

    @app.get("/teapot")
    async def raising() -> Any:
        raise Teapot("short and stout")

    @app.get("/boom")
    def boom() -> Any:
        db.session.add(Author(name="lost"))
        db.session.flush()
        raise ZeroDivisionError("boom")

    @app.get("/duplicate")
    def duplicate() -> Any:
        db.session.add(Author(name="Ada"))
        try:
            db.session.commit()
        except Exception as error:
            db.session.rollback()
            return type(error).__name__, 409
        return "no"

    @app.get("/nested")
    def nested() -> Any:
        outer = db.session()
        with app.app_context():
            inner = db.session()
            counted = Author.query.count()
        return jsonify(outer is inner, outer is db.session(), counted)

    @app.get("/removed")
    def removed() -> Any:
        first = db.session()
        author = Author.query.first()
        db.session.remove()
        return jsonify(first is db.session(), author in db.session)

    blueprint = Blueprint("blue", __name__, url_prefix="/blue")

    @blueprint.before_request
    def blue() -> None:
        g.blue = True

    @blueprint.errorhandler(KeyError)
    async def no_key(error: KeyError) -> Any:
        return "no key", 400

    @blueprint.get("/<name>")
    async def by_name(name: str) -> Any:
        if name == "key":
            raise KeyError(name)
        return jsonify(name, g.blue, flask.url_for(".by_name", name="é/x"))

    app.register_blueprint(blueprint)
    return app


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/authors", {}),
    ("GET", "/page", {}),
    ("GET", "/authors/1", {}),
    ("GET", "/authors/99", {}),
    ("GET", "/paged?page=2", {}),
    ("GET", "/paged?page=7", {}),
    ("POST", "/authors", {"data": {"name": "Cleo"}}),
    ("POST", "/authors", {"data": {"name": "Dora"}, "follow_redirects": True}),
    ("POST", "/authors", {"data": {}}),
    ("GET", "/page", {}),
    ("POST", "/forgotten", {}),
    ("GET", "/authors", {}),
    ("GET", "/async", {}),
    ("GET", "/async", {}),
    ("GET", "/stream", {}),
    ("GET", "/detached", {}),
    ("HEAD", "/authors", {}),
    ("HEAD", "/stream", {}),
    ("OPTIONS", "/authors", {}),
    ("OPTIONS", "/items/1", {}),
    ("DELETE", "/authors", {}),
    ("PATCH", "/items/1", {}),
    ("GET", "/slash?a=b%20c", {}),
    ("GET", "/slash/?a=b%20c&d=%C3%A9", {}),
    ("GET", "//slash", {}),
    ("GET", "/nowhere", {}),
    ("GET", "/authors?stop", {}),
    ("GET", "/items/2", {}),
    ("DELETE", "/items/2", {}),
    ("POST", "/plain", {}),
    ("GET", "/plain", {}),
    ("GET", "/teapot", {}),
    ("GET", "/boom", {}),
    ("GET", "/authors", {}),
    ("GET", "/duplicate", {}),
    ("GET", "/nested", {}),
    ("GET", "/removed", {}),
    ("GET", "/blue/sky", {}),
    ("GET", "/blue/key", {}),
    ("GET", "/blue/%C3%BC%2Fx", {}),
    ("GET", "/torn", {}),
    ("POST", "/json", {"json": {"ü": [1, None]}}),
    ("POST", "/json", {"data": "no json", "content_type": "application/json"}),
    ("POST", "/json", {"data": "{}", "content_type": "text/plain"}),
    ("PUT", "/raw", {"data": b"x" * 700_000}),
    ("PUT", "/raw", {"data": b"x" * 2_500_000}),
    ("GET", "/static/none.css", {}),
    ("GET", "/authors", {"headers": {"X_Under": "1", "Host": "shop.example"}}),
]


@pytest.mark.parametrize("over", ["asgi", "wsgi"])
def test_every_answer_is_flasks(urls: tuple[str, str], over: str) -> None:
    with pair(shop, urls) as both:
        for method, path, options in REQUESTS:
            both.ask(path, method=method, over=over, **options)


@pytest.mark.parametrize("over", ["asgi", "wsgi"])
@pytest.mark.parametrize("size", [0, 10, 100_000, 1_500_000, 2_100_000])
def test_uploads(sqlite_urls: tuple[str, str], size: int, over: str) -> None:
    file = FileStorage(io.BytesIO(b"z" * size), "name.bin")
    boundary, data = encode_multipart({"note": "ü", "f": file})
    kind = f"multipart/form-data; boundary={boundary}"
    with pair(shop, sqlite_urls) as both:
        status, *_ = both.ask("/upload", method="POST", data=data, content_type=kind, over=over)
        assert status == (413 if size > 2_000_000 else 200)


def test_a_plain_function_around_a_coroutine_function(sqlite_url: str) -> None:
    """As Flask-Injector puts around views and hooks: it gives a coroutine, which is awaited."""
    app = AsyncFlask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    db: Any = SQLAlchemy(app)

    def given(view: Any) -> Any:
        return lambda *args, **kwargs: view(*args, query=text("select 41"), **kwargs)

    @app.before_request
    @given
    async def count(query: Any) -> None:
        g.count = await db.session.scalar(query)

    @app.get("/<int:n>")
    @given
    async def show(n: int, query: Any) -> Any:
        if n > 1:
            raise KeyError(n)
        return [g.count, n + await db.session.scalar(query)]

    @app.errorhandler(KeyError)
    @given
    async def failed(error: KeyError, query: Any) -> Any:
        return [await db.session.scalar(query)], 400

    client = app.test_client()
    assert client.get("/1").json == [41, 42]
    answer = client.get("/2")
    assert (answer.status_code, answer.json) == (400, [41])
    run_blocking(app.dispose_database())
