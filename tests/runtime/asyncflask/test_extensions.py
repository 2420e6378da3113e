"""Extensions that work on a Flask application only: on AsyncFlask they answer as on Flask."""

from __future__ import annotations

import inspect
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import flask
import flask_wtf.csrf
import jwt
import pytest
from flask import g, jsonify, request, session
from flask_babel import Babel, format_datetime, gettext, lazy_gettext
from flask_caching import Cache
from flask_jwt_extended import JWTManager, jwt_required
from flask_jwt_extended import current_user as token_user
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    fresh_login_required,
    login_required,
    login_user,
    logout_user,
)
from flask_mail import Mail, Message
from flask_principal import (
    Identity,
    Permission,
    Principal,
    RoleNeed,
    identity_changed,
    identity_loaded,
)
from flask_restx import Api, Resource, fields, reqparse
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy import select
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from migrator.runtime.asyncflask import get_current_user
from migrator.runtime.db import unbridged
from tests.runtime.asyncflask.stacks import ASYNC, Pair, Stack, pair

SECRET = "a secret of thirty-two characters"


def token(user: int, jti: str = "one") -> dict[str, str]:
    """The header of a request by a bearer of a token that never expires."""
    claims = {"sub": str(user), "jti": jti, "type": "access", "fresh": False, "iat": 1, "nbf": 1}
    return {"Authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


def portal(stack: Stack, url: str) -> Any:
    """One application with all of them, each reading the database in its callbacks."""
    app: flask.Flask = stack.Flask(__name__)
    app.config.update(
        SECRET_KEY=SECRET,
        JWT_SECRET_KEY=SECRET,
        SQLALCHEMY_DATABASE_URI=url,
        CACHE_TYPE="SimpleCache",
        MAIL_SUPPRESS_SEND=True,
        MAIL_DEFAULT_SENDER="shop@example.com",
        WTF_CSRF_CHECK_DEFAULT=True,
        RESTX_MASK_SWAGGER=False,
    )
    db = stack.SQLAlchemy(app)
    login = LoginManager(app)
    login.login_view = "sign_in"
    login.login_message = lazy_gettext("Please sign in")
    csrf = CSRFProtect(app)
    tokens = JWTManager(app)
    mail = Mail(app)
    cache = Cache(app)
    Principal(app)

    class Role(db.Model):  # type: ignore[name-defined]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20))
        user_id = db.Column(db.ForeignKey("user.id"))

    class User(UserMixin, db.Model):  # type: ignore[name-defined]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20), unique=True)
        locale = db.Column(db.String(5), default="en")
        roles = db.relationship(Role, order_by=Role.id)

    with app.app_context():
        db.create_all()
        db.session.add(User(name="ada", locale="de", roles=[Role(name="admin"), Role(name="poet")]))
        db.session.add(User(name="ben"))
        db.session.commit()

    async def me() -> Any:
        return await get_current_user() if stack is ASYNC else current_user._get_current_object()

    async def names() -> list[str]:
        result = db.session.scalars(select(User.name).order_by(User.name))
        return list(await result if inspect.isawaitable(result) else result)

    # ---- Flask-Login, Flask-WTF, Flask-Babel

    @login.user_loader
    def load(ident: str) -> Any:
        return db.session.get(User, int(ident))

    def locale() -> str:
        user_locale: str = current_user.locale if current_user.is_authenticated else "fr"
        return user_locale

    Babel(app, locale_selector=locale)

    class SignIn(FlaskForm):
        name = StringField(lazy_gettext("Name"), validators=[DataRequired(), Length(max=10)])
        password = PasswordField("Password")

        def validate_name(self, field: Any) -> None:
            if User.query.filter_by(name=field.data).first() is None:
                raise ValidationError(f"nobody of {User.query.count()}")

    page = (
        "{{ form.csrf_token }}{{ form.name.label }}{{ form.name }}{{ form.errors }}"
        "{{ get_flashed_messages() }}{{ current_user.name }}"
        "{% for r in current_user.roles %} {{ r.name }}{% endfor %}"
    )

    @app.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> Any:
        form = SignIn()
        if form.validate_on_submit():
            user = User.query.filter_by(name=form.name.data).one()
            login_user(user, remember="remember" in request.form)
            identity_changed.send(app, identity=Identity(user.id))
            return flask.redirect(request.args.get("next") or "/home")
        return flask.render_template_string(page, form=form)

    @app.get("/sign-out")
    def sign_out() -> Any:
        logout_user()
        session.pop("identity.id", None)
        return flask.redirect("/sign-in")

    @app.get("/home")
    @login_required
    def home() -> Any:
        when = format_datetime(datetime(2024, 5, 6, 7, 8), "full")
        roles = [role.name for role in current_user.roles]
        return jsonify(current_user.name, roles, when, gettext("Hello"))

    @app.get("/home-async")
    @login_required
    async def home_async() -> Any:
        user = await me()
        return jsonify(user.name, await names(), str(user.is_authenticated))

    @app.get("/whoever")
    async def whoever() -> Any:
        return jsonify((await me()).is_authenticated, format_datetime(datetime(2024, 5, 6)))

    @app.get("/fresh")
    @fresh_login_required
    async def fresh() -> Any:
        return "fresh"

    @app.post("/guarded")
    async def guarded() -> Any:
        return jsonify(await names())

    @app.post("/open")
    @csrf.exempt
    def opened() -> Any:
        return "open"

    # ---- Flask-Principal

    admin = Permission(RoleNeed("admin"))

    @identity_loaded.connect_via(app)
    def loaded(sender: Any, identity: Any) -> None:
        user = db.session.get(User, identity.id) if identity.id else None
        for role in user.roles if user else ():
            identity.provides.add(RoleNeed(role.name))

    @app.get("/admin")
    @admin.require(403)
    def administer() -> Any:
        return jsonify(sorted(need.value for need in g.identity.provides))

    # ---- Flask-JWT-Extended

    @tokens.user_lookup_loader
    def bearer(header: Any, payload: Any) -> Any:
        return db.session.get(User, int(payload["sub"]))

    @tokens.token_in_blocklist_loader
    def blocked(header: Any, payload: Any) -> bool:
        return bool(payload["jti"] == "stolen" and User.query.count())

    @app.get("/bearer")
    @jwt_required()
    def by_token() -> Any:
        return jsonify(token_user.name, [role.name for role in token_user.roles])

    @app.get("/bearer-async")
    @jwt_required(optional=True)
    async def by_token_async() -> Any:
        return jsonify(token_user.name if token_user else None, await names())

    # ---- Flask-RESTX

    api = Api(app, prefix="/api", doc="/api/doc", title="Portal", decorators=[csrf.exempt])
    space = api.namespace("users", description="Users")
    role = space.model("Role", {"name": fields.String})
    shown = space.model("User", {"name": fields.String, "roles": fields.List(fields.Nested(role))})
    arguments = reqparse.RequestParser()
    arguments.add_argument("name", type=str, required=True, location="json")

    @space.route("/")
    class Users(Resource):
        @space.marshal_list_with(shown)
        def get(self) -> Any:
            return User.query.order_by(User.id).all()

        @space.expect(shown)
        @space.marshal_with(shown, code=201)
        def post(self) -> Any:
            user = User(name=arguments.parse_args()["name"])
            db.session.add(user)
            db.session.commit()
            return user, 201

    async def find(ident: int) -> Any:
        found = db.session.get(User, ident)
        user = await found if inspect.isawaitable(found) else found
        if user is None:
            api.abort(404, "no user", ident=ident)
        return user

    @space.route("/<int:ident>", endpoint="one_user")
    class One(Resource):
        @space.marshal_with(shown)
        def get(self, ident: int) -> Any:
            if stack is ASYNC:
                return unbridged(find)(ident)
            user = db.session.get(User, ident)
            if user is None:
                api.abort(404, "no user", ident=ident)
            return user

    # ---- Flask-Mail, Flask-Caching

    @app.get("/mail")
    def send_mail() -> Any:
        with mail.record_messages() as outbox:
            for user in User.query.order_by(User.id):
                body = flask.render_template_string("{{ u.name }} {{ u.roles|length }}", u=user)
                mail.send(Message("Hello", [f"{user.name}@example.com"], body))
        return jsonify([(message.recipients, message.body) for message in outbox])

    @app.get("/cached")
    @cache.cached(query_string=True)
    def cached() -> Any:
        return f"{request.query_string!r} {User.query.count()}"

    @app.get("/cached-async")
    @cache.cached()
    async def cached_async() -> Any:
        return jsonify(await names())

    @cache.memoize()
    def roles_of(name: str) -> list[str]:
        return [role.name for role in User.query.filter_by(name=name).one().roles]

    @app.get("/memoized/<name>")
    def memoized(name: str) -> Any:
        return jsonify(roles_of(name))

    return app


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both applications draw the same token of CSRF protection."""
    monkeypatch.setattr(flask_wtf.csrf, "os", SimpleNamespace(urandom=lambda size: b"x" * size))


def csrf_of(body: bytes) -> str:
    return body.split(b'name="csrf_token" type="hidden" value="')[1].split(b'"')[0].decode()


def sign_in(both: Pair, over: str, name: str, **more: str) -> Any:
    _, _, body = both.ask("/sign-in", over=over)
    data = {"name": name, "csrf_token": csrf_of(body), **more}
    return both.ask("/sign-in", method="POST", data=data, over=over)


@pytest.mark.parametrize("over", ["asgi", "wsgi"])
def test_login_forms_babel_principal(urls: tuple[str, str], over: str) -> None:
    with pair(portal, urls) as both:
        for path in ("/home", "/home-async", "/whoever", "/admin", "/fresh"):
            both.ask(path, over=over)
        assert both.ask("/sign-in", method="POST", data={"name": "ada"}, over=over)[0] == 400
        assert sign_in(both, over, "nobody")[0] == 200
        assert sign_in(both, over, "")[0] == 200
        assert sign_in(both, over, "ada", remember="1")[0] == 302
        pages = ("/home", "/home-async", "/whoever", "/admin", "/fresh", "/sign-in")
        answers = {path: both.ask(path, over=over) for path in pages}
        assert {status for status, *_ in answers.values()} == {200}
        assert "Montag" in answers["/home"][2].decode()
        for name in ("flask", over):
            both.clients[name].delete_cookie("session")
        assert both.ask("/home", over=over)[0] == 200
        assert both.ask("/fresh", over=over)[0] == 401
        both.ask("/sign-out", over=over)
        assert both.ask("/home", over=over)[0] == 302
        sign_in(both, over, "ben")
        assert both.ask("/admin", over=over)[0] == 403


def test_csrf_protection(sqlite_urls: tuple[str, str]) -> None:
    with pair(portal, sqlite_urls) as both:
        assert both.ask("/guarded", method="POST")[0] == 400
        assert both.ask("/open", method="POST")[0] == 200
        _, _, body = both.ask("/sign-in")
        headers = {"X-CSRFToken": csrf_of(body)}
        assert both.ask("/guarded", method="POST", headers=headers)[0] == 200
        assert both.ask("/guarded", method="POST", headers={"X-CSRFToken": "bad"})[0] == 400


@pytest.mark.parametrize("path", ["/bearer", "/bearer-async"])
def test_tokens(urls: tuple[str, str], path: str) -> None:
    with pair(portal, urls) as both:
        assert both.ask(path, headers=token(1))[0] == 200
        assert both.ask(path, headers=token(99))[0] == 401
        assert both.ask(path, headers=token(1, "stolen"))[0] == 401
        assert both.ask(path, headers={"Authorization": "Bearer x"})[0] == 422
        both.ask(path)


def test_restx(urls: tuple[str, str]) -> None:
    with pair(portal, urls) as both:
        for path in ("/", "/1", "/2", "/99", "/x"):
            both.ask(f"/api/users{path}")
        assert both.ask("/api/users/", method="POST", json={"name": "cy"})[0] == 201
        assert both.ask("/api/users/", method="POST", json={})[0] == 400
        assert both.ask("/api/users/", method="POST", json={"name": "cy"})[0] == 500
        assert both.ask("/api/users/", method="DELETE")[0] == 405
        assert both.ask("/api/swagger.json")[0] == 200
        assert both.ask("/api/doc")[0] == 200
        both.ask("/api/users", method="OPTIONS")


def test_mail_and_caching(urls: tuple[str, str]) -> None:
    with pair(portal, urls) as both:
        both.ask("/mail")
        for path in ("/cached?a=1", "/cached-async", "/memoized/ada"):
            first = both.ask(path)
            both.ask("/api/users/", method="POST", json={"name": path[-3:]})
            assert both.ask(path) == first
        assert both.ask("/cached?a=2")[2] != both.ask("/cached?a=1")[2]
