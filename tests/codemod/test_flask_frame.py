"""An application with extensions that need Flask: it keeps Flask as its frame and answers alike."""

from __future__ import annotations

import importlib
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from werkzeug.test import Client

from migrator.codemod.outcome import outcome_of
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from tests.codemod.parity import Make, Sides

#: Extensions as they are in the wild: hooks, callbacks, classes that call methods, signals.
EXTENSIONS = {
    "flask_words": """
        from flask import g, request

        class Words:
            '''Translates; asks the application for the language, once a request.'''
            def __init__(self):
                self.selector = None

            def init_app(self, app):
                app.extensions["words"] = self
                app.jinja_env.globals["_"] = gettext
                app.after_request(self.mark)

            def language(self, f):
                self.selector = f
                return f

            def mark(self, response):
                response.headers["X-Language"] = getattr(g, "language", "none")
                return response

        def gettext(text):
            from flask import current_app
            if "language" not in g:
                g.language = current_app.extensions["words"].selector() or "en"
            return f"{g.language}:{text}"
    """,
    "flask_resources": """
        from flask import jsonify
        from flask.views import MethodView

        class Resource(MethodView):
            '''Calls the method itself and awaits nothing, as API frameworks do.'''
            def dispatch_request(self, **values):
                from flask import request
                return jsonify(result=getattr(self, request.method.lower())(**values))

        class Api:
            def init_app(self, app):
                for cls, rule in self.found:
                    app.add_url_rule(rule, view_func=cls.as_view(cls.__name__.lower()))

            def __init__(self):
                self.found = []

            def add_resource(self, cls, rule):
                self.found.append((cls, rule))
    """,
    "flask_guard": """
        from functools import wraps

        class Guard:
            '''Refuses by a callback's word, and wraps plain functions only.'''
            def init_app(self, app):
                app.before_request(self.check)

            def __init__(self):
                self.refuses = None

            def asked(self, f):
                self.refuses = f
                return f

            def check(self):
                if self.refuses is not None and self.refuses():
                    return "refused", 403

            def counted(self, f):
                @wraps(f)
                def wrapper(*args, **kwargs):
                    result = f(*args, **kwargs)
                    return f"{result}|{len(result)}"
                return wrapper
    """,
}
FILES = {
    "__init__.py": """
        import os
        from flask import Flask, g, request
        from flask.json.provider import DefaultJSONProvider

        class Json(DefaultJSONProvider):
            def default(self, value):
                return value.name if hasattr(value, "name") else super().default(value)

        class Site(Flask):
            json_provider_class = Json

        def create_app():
            from {name}.extensions import api, csrf, db, guard, login, migrate, words
            from {name} import models, resources
            app = Site("{name}", instance_relative_config=True)
            app.config["SECRET_KEY"] = "parity"
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "site.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)
            migrate.init_app(app, db)
            login.init_app(app)
            csrf.init_app(app)
            words.init_app(app)
            guard.init_app(app)
            api.init_app(app)

            @app.before_request
            def begin():
                g.posts = models.Post.query.count()

            @app.after_request
            def end(response):
                response.headers["X-Posts"] = f"{{g.get('posts')}}>{{models.Post.query.count()}}"
                return response

            @app.context_processor
            def tags():
                return dict(tags=models.Tag.query.order_by(models.Tag.name).all())

            @app.template_filter()
            def count(tag):
                return models.Post.query.filter(models.Post.tags.contains(tag)).count()

            @app.errorhandler(404)
            def missing(error):
                return f"nothing among {{models.Post.query.count()}}", 404

            @app.cli.command()
            def clean():
                models.clean_up()
                print(models.Post.query.count())

            from {name}.views import bp
            app.register_blueprint(bp)
            return app
    """,
    "extensions.py": """
        from flask_guard import Guard
        from flask_login import LoginManager, current_user
        from flask_migrate import Migrate
        from flask_resources import Api
        from flask_sqlalchemy import SQLAlchemy
        from flask_words import Words
        from flask_wtf.csrf import CSRFProtect
        from blinker import Namespace

        db = SQLAlchemy()
        migrate = Migrate()
        login = LoginManager()
        csrf = CSRFProtect()
        words = Words()
        guard = Guard()
        api = Api()
        posted = Namespace().signal("posted")

        @login.user_loader
        def load(key):
            from {name}.models import User
            return User.query.get(int(key))

        @words.language
        def language():
            return current_user.language if current_user.is_authenticated else "en"

        @guard.asked
        def banned():
            from flask import request
            from {name}.models import User
            name = request.headers.get("X-Name")
            return name is not None and User.query.filter_by(name=name, active=False).count() > 0
    """,
    "models.py": """
        from flask_login import UserMixin
        from {name}.extensions import db, posted

        links = db.Table(
            "links",
            db.Column("post_id", db.ForeignKey("post.id"), primary_key=True),
            db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
        )

        class User(UserMixin, db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(30), unique=True)
            language = db.Column(db.String(2), default="en")
            active = db.Column(db.Boolean, default=True)
            posts = db.relationship("Post", back_populates="author", order_by="Post.id")

            @property
            def busiest(self):
                return max((len(p.tags) for p in self.posts), default=0)

            def can(self, what):
                return Right.query.filter_by(user_id=self.id, what=what).first() is not None

        class Right(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            user_id = db.Column(db.ForeignKey("user.id"))
            what = db.Column(db.String(30))

        class Tag(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(30), unique=True)

        class Post(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(80))
            author_id = db.Column(db.ForeignKey("user.id"))
            author = db.relationship("User", back_populates="posts")
            tags = db.relationship("Tag", secondary=links, order_by="Tag.name")

            def __init__(self, **values):
                number = Post.query.count() + 1
                super().__init__(**values)
                self.number = number

        class Note(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(80))

        @posted.connect
        def note(sender, post):
            db.session.add(Note(text=f"{{post.author.name}} wrote {{post.name}}, {{Note.query.count()}}"))
            db.session.commit()

        def clean_up():
            for post in Post.query.filter(~Post.tags.any()).all():
                db.session.delete(post)
            db.session.commit()
    """,
    "forms.py": """
        from flask_login import current_user
        from flask_wtf import FlaskForm
        from wtforms import SelectField, StringField
        from wtforms.validators import DataRequired, ValidationError
        from {name}.models import Post, Tag

        class PostForm(FlaskForm):
            name = StringField("name", validators=[DataRequired()])
            tag = SelectField("tag", coerce=int)

            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.tag.choices = [(t.id, t.name) for t in Tag.query.order_by(Tag.id)]

            def validate_name(self, field):
                if Post.query.filter_by(name=field.data, author_id=current_user.id).count():
                    raise ValidationError("twice by " + current_user.name)
    """,
    "resources.py": """
        from flask import abort
        from flask_resources import Resource
        from {name}.extensions import api
        from {name}.models import Post

        class Posts(Resource):
            def get(self):
                return [dict(name=p.name, author=p.author and p.author.name) for p in Post.query.order_by(Post.id)]

        class OnePost(Resource):
            def get(self, id):
                post = Post.query.get_or_404(id)
                return [t.name for t in post.tags]

        api.add_resource(Posts, "/api/posts")
        api.add_resource(OnePost, "/api/posts/<int:id>")
    """,
    "views.py": """
        from functools import wraps
        from flask import Blueprint, Response, abort, current_app, flash, get_flashed_messages, jsonify
        from flask import redirect, render_template, request, session, stream_with_context, url_for
        from flask.views import MethodView
        from flask_login import current_user, login_required, login_user, logout_user
        from flask_words import gettext as _
        from {name}.extensions import csrf, db, guard, posted
        from {name}.forms import PostForm
        from {name}.models import Note, Post, Tag, User

        bp = Blueprint("site", __name__)

        def right_required(what):
            def decorator(view):
                @wraps(view)
                def wrapper(*args, **kwargs):
                    if not current_user.is_authenticated or not current_user.can(what):
                        abort(403)
                    return view(*args, **kwargs)
                return wrapper
            return decorator

        @bp.route("/")
        def index():
            return render_template("index.html", posts=Post.query.order_by(Post.id).all())

        @bp.route("/login/<name>", methods=["GET", "POST"])
        def login(name):
            user = User.query.filter_by(name=name).first_or_404()
            login_user(user)
            flash(_("welcome") + " " + user.name)
            return redirect(url_for(".index"))

        @bp.route("/logout")
        def logout():
            logout_user()
            return _("bye") + str(User.query.count())

        @bp.route("/new", methods=["GET", "POST"])
        @login_required
        def new():
            form = PostForm()
            if form.validate_on_submit():
                tag = Tag.query.get(form.tag.data)
                post = Post(name=form.name.data, author=current_user._get_current_object())
                post.tags.append(tag)
                db.session.add(post)
                db.session.commit()
                posted.send(current_app._get_current_object(), post=post)
                return redirect(url_for(".show", id=post.id, number=post.number))
            return render_template("new.html", form=form)

        @bp.route("/posts/<int:id>")
        def show(id):
            post = Post.query.get_or_404(id)
            return jsonify(post=post, tags=post.tags, author=post.author, by=dict(request.args))

        @bp.route("/posts/<int:id>", methods=["DELETE"])
        @csrf.exempt
        @login_required
        @right_required("delete")
        def delete(id):
            db.session.delete(Post.query.get_or_404(id))
            db.session.commit()
            return "", 204

        @bp.route("/posts/<int:id>/counted")
        @guard.counted
        @right_required("delete")
        def counted(id):
            return Post.query.get_or_404(id).author.name

        @bp.route("/stream")
        def stream():
            def lines():
                for post in Post.query.order_by(Post.id):
                    yield f"{{post.name}} of {{post.author.name if post.author else '?'}}\\n"
            return Response(stream_with_context(lines()), mimetype="text/plain")

        @bp.route("/broken")
        def broken():
            db.session.add(User(name="Ada"))
            db.session.commit()

        @bp.route("/me")
        def me():
            session["seen"] = session.get("seen", 0) + 1
            if not current_user.is_authenticated:
                return _("nobody") + str(session["seen"])
            return jsonify(current_user.name, current_user.busiest, len(current_user.posts), get_flashed_messages())

        class Notes(MethodView):
            decorators = [login_required]

            def get(self):
                return jsonify([n.text for n in Note.query.order_by(Note.id)])

            def post(self):
                db.session.add(Note(text=request.form["text"]))
                db.session.flush()
                return str(Note.query.count())

        bp.add_url_rule("/notes", view_func=Notes.as_view("notes"))
        bp.add_url_rule("/start", redirect_to="/", endpoint="start")
    """,
    "templates/index.html": (
        "{{% for p in posts %}}{{{{ p.name }}}} {{{{ p.author.name }}}} "
        "{{% for t in p.tags %}}{{{{ t.name }}}}{{% endfor %}};{{% endfor %}}\n"
        "{{{{ _('tags') }}}}: {{% for t in tags %}}{{{{ t.name }}}}={{{{ t|count }}}} {{% endfor %}}\n"
        "{{% if current_user.is_authenticated and current_user.can('delete') %}}may delete{{% endif %}}"
        "{{% for m in get_flashed_messages() %}}[{{{{ m }}}}]{{% endfor %}}\n"
    ),
    "templates/new.html": (
        "{{{{ form.csrf_token }}}}{{{{ form.name }}}}{{{{ form.tag }}}}{{{{ form.errors }}}}"
    ),
}
TOKEN = re.compile(r'value="([^"]+\.[^"]+\.[^"]+)"')


def talk(app: Any) -> Iterator[tuple[Any, ...]]:
    """What one client is answered, cookies kept, form tokens sent back."""
    client = Client(app if isinstance(app, flask.Flask) else as_wsgi(app, run_blocking))
    token = ""
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/", {}), ("GET", "/me", {}), ("GET", "/new", {}), ("GET", "/nowhere", {}),
        ("GET", "/posts/99", {}), ("GET", "/posts/1?x=1", {}), ("GET", "/api/posts", {}),
        ("GET", "/api/posts/1", {}), ("GET", "/api/posts/9", {}), ("GET", "/stream", {}),
        ("GET", "/start", {}), ("GET", "/", {"headers": {"X-Name": "Eve"}}), ("GET", "/notes", {}),
        ("DELETE", "/posts/1", {}), ("GET", "/posts/1/counted", {}), ("GET", "/login/nobody", {}),
        ("POST", "/login/Ada", {}), ("GET", "/login/Ada", {}), ("GET", "/", {}), ("GET", "/me", {}),
        ("GET", "/new", {}), ("POST", "/new", {"name": "x"}),
        ("POST", "/new", {"name": "third", "tag": "2", "csrf_token": "*"}),
        ("POST", "/new", {"name": "third", "tag": "2", "csrf_token": "*"}),
        ("POST", "/new", {"name": "", "tag": "7", "csrf_token": "*"}),
        ("GET", "/notes", {}), ("POST", "/notes", {"text": "hello", "csrf_token": "*"}),
        ("GET", "/me", {}), ("GET", "/posts/1/counted", {}), ("DELETE", "/posts/2", {}),
        ("DELETE", "/posts/2", {}), ("PUT", "/posts/2", {}), ("GET", "/broken", {}),
        ("GET", "/logout", {}), ("GET", "/logout", {}), ("GET", "/login/Ben", {}),
        ("GET", "/", {}), ("DELETE", "/posts/1", {}), ("HEAD", "/", {}), ("GET", "/stream", {}),
    ]  # fmt: skip
    for method, path, given in requests:
        headers = given.get("headers")
        data = {k: token if v == "*" else v for k, v in given.items() if k != "headers"}
        answer = client.open(path, method=method, data=data or None, headers=headers)
        body = answer.get_data(as_text=True)
        found = TOKEN.search(body)
        token = found[1] if found is not None else token
        kept = ("content-type", "location", "x-language", "x-posts")
        yield (
            method, path, answer.status_code, TOKEN.sub("token", body),
            {name: answer.headers.get(name) for name in kept},
        )  # fmt: skip


@pytest.fixture
def site(make_sides: Make) -> Sides:
    sides: Sides = make_sides("site", FILES)
    for name, text in EXTENSIONS.items():
        (sides.root / f"{name}.py").write_text(textwrap.dedent(text))
    return sides


def seeded(sides: Sides, application: flask.Flask) -> None:
    models = importlib.import_module(f"{sides.legacy}.models")
    db = importlib.import_module(f"{sides.legacy}.extensions").db
    with application.app_context():
        db.drop_all()
        db.create_all()
        ada, ben = models.User(name="Ada", language="de"), models.User(name="Ben")
        db.session.add_all([ada, ben, models.User(name="Eve", active=False)])
        tags = [models.Tag(name=name) for name in ("red", "blue")]
        db.session.add_all(tags)
        db.session.commit()
        db.session.add(models.Right(user_id=ada.id, what="delete"))
        db.session.add(models.Post(name="first", author=ada, tags=tags))
        db.session.add(models.Post(name="second", author=ben))
        db.session.commit()
        db.engine.dispose()


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning")
def test_every_request_is_answered_alike(site: Sides) -> None:
    legacy = importlib.import_module(site.legacy).create_app()
    seeded(site, legacy)
    expected = list(talk(legacy))
    assert {row[2] for row in expected} == {200, 204, 302, 308, 400, 401, 403, 404, 405, 500}
    seeded(site, legacy)
    with site.converted() as asgi:
        for before, after in zip(expected, talk(asgi.app), strict=True):
            assert after == before
        result = asgi.converted.test_cli_runner().invoke(args=["clean"])
        assert (result.exit_code, result.output) == (0, "2\n")


def test_nothing_is_left_and_most_is_native(site: Sides) -> None:
    outcome = outcome_of(site.conversion)
    assert not outcome.findings
    assert outcome.totals.left == 0
    assert outcome.totals.native > 3 * outcome.totals.bridged
    assert outcome.levels().keys() == {"bridged"}
