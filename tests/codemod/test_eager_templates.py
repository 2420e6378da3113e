"""Loader options for what templates read: placed at the query in the view, run on both sides."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Sides

APP = {
    "__init__.py": """
        import os
        from flask import Flask

        def create_app():
            from {name}.models import db
            app = Flask(__name__, instance_relative_config=True)
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "blog.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)
            from {name}.views import bp
            app.register_blueprint(bp)
            return app
    """,
    "models.py": """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Author(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(50))

        class Post(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            title = db.Column(db.String(50))
            author_id = db.Column(db.ForeignKey("author.id"))
            author = db.relationship("Author")
            comments = db.relationship("Comment", back_populates="post", order_by="Comment.id")

            @property
            def signature(self):
                return self.author.name if self.author else "nobody"

            def by(self):
                return "by " + self.signature

        class Comment(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(50))
            post_id = db.Column(db.ForeignKey("post.id"))
            post = db.relationship("Post", back_populates="comments")
            author_id = db.Column(db.ForeignKey("author.id"))
            author = db.relationship("Author")
    """,
    "views.py": """
        from flask import Blueprint, render_template, request
        from {name}.models import Author, Comment, Post, db

        bp = Blueprint("blog", __name__)

        @bp.route("/seed", methods=["POST"])
        def seed():
            db.create_all()
            authors = [Author(name=f"a{{i}}") for i in range(4)]
            db.session.add_all(authors)
            for i in range(6):
                post = Post(title=f"p{{i}}", author=authors[i % 3] if i else None)
                post.comments = [Comment(text=f"c{{k}}", author=authors[-k]) for k in range(i % 4)]
                db.session.add(post)
            db.session.commit()
            return ""

        @bp.route("/")
        def index():
            pagination = Post.query.order_by(Post.id).paginate(per_page=5)
            posts = pagination.items
            return render_template("index.html", pagination=pagination, posts=posts)

        @bp.route("/macro")
        def macro():
            return render_template("macro.html", posts=Post.query.order_by(Post.id).all())

        @bp.route("/included")
        def included():
            return render_template("included.html", posts=Post.query.order_by(Post.id).all())

        @bp.route("/methods")
        def methods():
            return render_template("methods.html", posts=Post.query.order_by(Post.id).all())

        @bp.route("/rows")
        def rows():
            found = db.session.query(Post, db.func.count(Comment.id).label("size"))
            found = found.outerjoin(Post.comments).group_by(Post.id).order_by(Post.id)
            return render_template("rows.html", rows=found.all())

        @bp.route("/rows-by-name")
        def rows_by_name():
            found = db.session.query(Comment.text, Comment, Post).join(Comment.post)
            page = found.order_by(Comment.id).paginate(per_page=5)
            return render_template("rows_by_name.html", page=page)

        @bp.route("/sometimes")
        def sometimes():
            posts = Post.query.order_by(Post.id).all()
            return render_template("sometimes.html", posts=posts, all="all" in request.args)

        @bp.route("/<int:post_id>")
        def show(post_id):
            post = Post.query.get_or_404(post_id)
            return render_template("show.html", post=post)
    """,
    "templates/base.html": """
        <title>{{% block title %}}blog{{% endblock %}}</title>
        {{% block body %}}{{% endblock %}}
    """,
    "templates/index.html": """
        {{% extends "base.html" %}}
        {{% block title %}}{{{{ super() }}}}: {{{{ pagination.total }}}}{{% endblock %}}
        {{% block body %}}
        {{% for post in posts %}}
          {{{{ post.title }}}} {{% if post.author %}}{{{{ post.author.name }}}}{{% endif %}}
          {{% for comment in post.comments %}}{{{{ comment.author.name }}}}{{% endfor %}}
        {{% else %}}none{{% endfor %}}
        {{% endblock %}}
    """,
    "templates/macros.html": """
        {{% macro row(post, long=false) %}}
          {{{{ post.title }}}} {{{{ post.author.name if post.author else "-" }}}}
          {{% if long %}}{{{{ post.comments|length }}}}{{% endif %}}
        {{% endmacro %}}
    """,
    "templates/macro.html": """
        {{% from "macros.html" import row as line %}}
        {{% for post in posts %}}{{{{ line(post) }}}}{{% endfor %}}
    """,
    "templates/included.html": """
        {{% for post in posts|reverse %}}{{% include "part.html" %}}{{% endfor %}}
    """,
    "templates/part.html": "{{{{ post.title }}}} {{{{ post.comments|map(attribute='text')|join(' ') }}}}",
    "templates/methods.html": "{{% for post in posts %}}{{{{ post.by() }}}}{{% endfor %}}",
    "templates/rows.html": """
        {{% for post, size in rows %}}{{{{ post.by() }}}}: {{{{ size }}}}{{% endfor %}}
    """,
    "templates/rows_by_name.html": """
        {{% for row in page.items %}}{{{{ row.Comment.author.name }}}}{{% endfor %}}
        {{% for row in page.items %}}{{% set post = row[2] %}}{{{{ post.author.name }}}}{{% endfor %}}
        {{% for row in page.items %}}{{{{ row[-1].title }}}} {{{{ row["text"] }}}}{{% endfor %}}
    """,
    "templates/sometimes.html": """
        {{% for post in posts if all %}}{{{{ post.author.name }}}}{{% endfor %}}
        {{% for post in posts %}}{{% if all %}}{{{{ post.comments|length }}}}{{% endif %}}{{% endfor %}}
    """,
    "templates/show.html": """
        {{{{ post.signature }}}}
        {{% for comment in post.comments %}}{{{{ comment.author.name }}}}{{% endfor %}}
    """,
}

#: What each page asks the database less, and the options that its view has.
PAGES = {
    "/": (6, ["Post.author", "Post.comments).selectinload(Comment.author"]),
    "/macro": (2, ["Post.author"]),
    "/included": (5, ["Post.comments"]),
    "/methods": (2, ["Post.author"]),
    "/rows": (2, ["Post.author"]),
    "/rows-by-name": (2, ["Comment.author), selectinload(Post.author"]),
    "/sometimes": (0, []),
    "/4": (2, ["Post.author"]),
    "/99": (0, ["Post.author"]),
}

#: A template that calls what writes.
WRITING = {
    "views.py": APP["views.py"]
    + """
        @bp.route("/writes")
        def writes():
            posts = Post.query.order_by(Post.id).all()
            return render_template("writes.html", posts=posts, rename=rename)

        def rename(post):
            post.author_id = 1
            return post.title
    """,
    "templates/writes.html": """
        {{% for post in posts %}}{{{{ rename(post) }}}} {{{{ post.author.name }}}}{{% endfor %}}
    """,
}


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of every engine meanwhile."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def both(sides: Sides) -> Iterator[tuple[Any, Any]]:
    """Both applications, over one database with its rows."""
    legacy = importlib.import_module(sides.legacy).create_app()
    assert next(sides.answers(legacy, [("POST", "/seed")]))[2] == 200
    try:
        with sides.converted() as asgi:
            yield legacy, asgi.app
    finally:
        with legacy.app_context():
            importlib.import_module(f"{sides.legacy}.models").db.engine.dispose()


def test_a_template_that_may_write_is_waited_for(make_sides: Make) -> None:
    sides = make_sides("writing_blog", {**APP, **WRITING}, "flask")
    assert "load(" not in sides.conversion.texts["views.py"]
    with both(sides) as apps:
        before, after = ([*sides.answers(app, [("GET", "/writes")])] for app in apps)
    assert before == after


@pytest.mark.parametrize("frame", FRAMES)
def test_what_templates_read_is_loaded_with_the_query(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides(f"blog_{frame}", APP, frame)
    views = sides.conversion.texts["views.py"]
    with both(sides) as (legacy, target):
        for page, (saved, options) in PAGES.items():
            with counted() as before:
                expected = [*sides.answers(legacy, [("GET", page)])]
            with counted() as after:
                assert [*sides.answers(target, [("GET", page)])] == expected
            assert len(before) - len(after) == saved
            for option in options:
                assert f"load({option})" in views
