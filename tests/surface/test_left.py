"""What stays on the mount, and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from migrator.queries.step import Refusal
from migrator.surface import Surface

Read = Callable[..., Surface]

HEAD = """
    from flask import Blueprint, Flask, jsonify, render_template
    app = Flask(__name__)

    @app.route("/plain")
    def plain():
        return jsonify(ok=True)

    @app.post("/write")
    def write():
        return ""

    @app.get("/page")
    def page():
        return render_template("page.html")
"""


def codes(surface: Surface) -> dict[str, str]:
    return {e.endpoint: e.refusal.code for e in surface.endpoints if e.refusal is not None}


def read_with(read: Read, source: str) -> Surface:
    return read({"site.py": HEAD + source, "templates/page.html": "plain"})


@pytest.mark.parametrize(
    ("route", "code"),
    [
        ('@app.route("/x/<unheard:x>")', "MIG401"),
        ('@app.route("/x/<x>", redirect_to="/y")', "MIG403"),
        ('@app.route("/x/<x>", alias=True)', "MIG403"),
        ('@app.route("/x/<x>", subdomain="api")', "MIG404"),
    ],
)
def test_rules_the_target_does_not_have(route: str, code: str, read: Read) -> None:
    surface = read_with(read, f"\n    {route}\n    def view(x):\n        return ''\n")
    assert codes(surface) == {"view": code}
    assert set(surface.left) == {"site:view"}


def test_a_view_is_on_one_side_with_all_its_rules(read: Read) -> None:
    source = """
    @app.route("/x", redirect_to="/y")
    @app.route("/x/<int:x>")
    def view(x):
        return ""
    """
    assert [e.refusal.code for e in read_with(read, source).endpoints if e.refusal] == [
        "MIG403",
        "MIG403",
    ]


VIEW = """
    from flask.views import MethodView
    class Things(MethodView):
        def get(self):
            return self.helped()
        def helped(self):
            return ""
    app.add_url_rule("/things", view_func=Things.as_view("things"))
"""


def test_class_based_views(read: Read) -> None:
    surface = read_with(read, VIEW)
    assert codes(surface) == {}
    assert surface.entries["site:Things.get"].kind == "view"
    assert "site:Things.helped" not in surface.entries


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("from flask.views import", "from other.views import", "MIG402"),
        ("class Things(MethodView)", "class Things(Unknown, MethodView)", "MIG402"),
        ("class Things", "@mark\n    class Things", "MIG402"),
        ("(MethodView)", "(MethodView, metaclass=Meta)", "MIG402"),
        ('return ""', "return flask_babel.get_locale()", "MIG406"),
        ("def get(", "decorators = [flask_limiter.limit()]\n        def get(", "MIG406"),
        (
            'view_func=Things.as_view("things")',
            'redirect_to="/x", view_func=Things.as_view("things")',
            "MIG403",
        ),
        # APIFlask makes a view of a class that is given as it is; Flask does not.
        ('view_func=Things.as_view("things")', 'endpoint="things", view_func=Things', "MIG407"),
    ],
)
def test_class_based_views_that_stay(old: str, new: str, code: str, read: Read) -> None:
    source = "\n    import flask_babel, flask_caching, flask_limiter\n" + VIEW.replace(old, new, 1)
    assert codes(read_with(read, source)) == {"things": code}


def test_rules_of_one_call_stay_together(read: Read) -> None:
    source = """
    import flask_babel

    def here():
        return ""

    def there():
        return flask_babel.get_locale()

    for view in (here, there):
        app.add_url_rule("/" + view.__name__, view.__name__, view)
    """
    assert set(codes(read_with(read, source))) == {"here", "there"}


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("return int(value)", False),
        ("return werkzeug.routing.ValidationError", False),
        ("return db.session.get(Item, value)", True),
        ("return helper(value)", True),
    ],
)
def test_converters_of_the_applications_own(body: str, left: bool, read: Read) -> None:
    source = f"""
    import werkzeug
    from flask_sqlalchemy import SQLAlchemy
    from werkzeug.routing import BaseConverter
    db = SQLAlchemy(app)
    def helper(value):
        return db.session

    class Four(BaseConverter):
        regex = "[0-9]{{4}}"
        def to_python(self, value):
            {body}

    app.url_map.converters["four"] = Four

    @app.get("/years/<four:year>")
    def year(year):
        return ""
    """
    assert codes(read_with(read, source)) == ({"year": "MIG401"} if left else {})


def test_resources_of_flask_restful(read: Read) -> None:
    source = """
    from flask_restful import Api, Resource
    bp = Blueprint("api", __name__, url_prefix="/api")
    api = Api(bp)
    class BillHandler(Resource):
        def get(self, bill_id):
            return {}
        def delete(self, bill_id):
            return {}
    api.add_resource(BillHandler, "/bills/<int:bill_id>")
    app.register_blueprint(bp)
    """
    surface = read_with(read, source)
    assert codes(surface) == {"api.billhandler": "MIG405"}
    (endpoint,) = [e for e in surface.endpoints if e.endpoint == "api.billhandler"]
    assert (endpoint.rule, endpoint.methods) == ("/api/bills/<int:bill_id>", ("DELETE", "GET"))


def test_what_uses_an_extension_through_its_own_functions(read: Read) -> None:
    source = """
    from flask_mail import Mail, Message
    mail = Mail()
    mail.init_app(app)

    class Mailer:
        def deliver_note(self, text):
            mail.send(Message(text))

    def notify(who):
        Mailer().deliver_note("hello")

    @app.post("/notify")
    def notify_view():
        notify("you")
        return ""
    """
    surface = read_with(read, source)
    assert codes(surface) == {"notify_view": "MIG406"}
    assert "flask_mail" in surface.left["site:notify_view"].reason
    assert [f.code for f in surface.findings if "stays on the mount:" not in f.message] == [
        "MIG411"
    ]


def test_names_that_the_target_does_not_have(read: Read) -> None:
    source = """
    from flask import signals

    @app.get("/signals")
    def watch():
        return str(signals)
    """
    assert codes(read_with(read, source)) == {"watch": "MIG408"}


def test_csrf_protection_keeps_writes(read: Read) -> None:
    source = """
    from flask_wtf.csrf import CSRFProtect
    CSRFProtect(app)
    """
    assert codes(read_with(read, source)) == {"write": "MIG413"}


def test_what_changes_every_request_keeps_everything(read: Read) -> None:
    source = """
    from flask_talisman import Talisman
    Talisman(app)
    """
    assert set(codes(read_with(read, source))) == {"static", "plain", "write", "page"}


def test_a_hook_that_stays_keeps_what_goes_through_it(read: Read) -> None:
    source = """
    from flask_limiter import check
    bp = Blueprint("bp", __name__)

    @bp.before_request
    def limit():
        check()

    @bp.get("/inside")
    def inside():
        return ""

    app.register_blueprint(bp)
    """
    assert codes(read_with(read, source)) == {"bp.inside": "MIG414"}


def test_a_context_processor_that_stays_keeps_pages_only(read: Read) -> None:
    source = """
    from flask_babel import get_locale

    @app.context_processor
    def locale():
        return {"locale": get_locale()}
    """
    assert codes(read_with(read, source)) == {"page": "MIG414"}


@pytest.mark.parametrize(
    ("template", "left"),
    [
        ("<p>moment</p>", False),
        ("{{ moment(x).fromNow() }}", True),
        ("{% extends 'base.html' %}", True),
        ("{{ x.moment }}", False),
        ("{% include 'other.html' %}", False),
    ],
)
def test_a_page_whose_template_needs_an_extension(template: str, left: bool, read: Read) -> None:
    source = """
    from flask_moment import Moment
    Moment(app)
    """
    files = {
        "site.py": HEAD + source,
        "templates/page.html": template,
        "templates/base.html": "{{ moment.include_moment() }}",
        "templates/other.html": "plain",
    }
    assert codes(read(files)) == ({"page": "MIG409"} if left else {})


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("'pages'", "pages/page.html"),
        ("'../shop_pages'", "../shop_pages/page.html"),
        # A template that isn't found may use it.
        ("'pa' + 'ges'", "pages/page.html"),
    ],
)
def test_a_template_that_lies_elsewhere_and_needs_an_extension(
    folder: str, path: str, read: Read
) -> None:
    source = HEAD.replace("Flask(__name__)", f"Flask(__name__, template_folder={folder})")
    source += "    from flask_moment import Moment\n    Moment(app)\n"
    files = {"site.py": source, path: "{{ moment(x).fromNow() }}"}
    assert codes(read(files)) == {"page": "MIG409"}


def test_a_handler_for_what_only_an_extension_raises_keeps_nothing(read: Read) -> None:
    source = """
    from flask_wtf.csrf import CSRFError

    @app.errorhandler(CSRFError)
    def csrf_failed(error):
        return render_template("csrf.html"), 400
    """
    assert codes(read_with(read, source)) == {}


def test_an_application_with_its_own_json(read: Read) -> None:
    source = """
    class Provider:
        pass
    app.json_provider_class = Provider
    """
    assert set(codes(read_with(read, source)).values()) == {"MIG417"}


def test_development_extensions_keep_nothing(read: Read) -> None:
    source = """
    from flask_migrate import Migrate
    Migrate(app, None)
    """
    surface = read_with(read, source)
    assert codes(surface) == {}
    assert [(f.code, f.level) for f in surface.findings] == [("MIG410", "info")]


def test_more_can_be_left_later(read: Read) -> None:
    surface = read_with(read, "")
    more = surface.leaving({"site:plain": Refusal("MIG500", "blocks")})
    assert codes(more) == {"plain": "MIG500"}
    assert codes(surface) == {}
    rules = {action.rule for _, action in more.actions["site"]}
    assert "flask_left" in rules


def test_what_uses_an_unknown_part_that_is_given_the_application_stays(read: Read) -> None:
    source = """
    from telemetry import Recorder, Signing, tracing
    from wires import Wire

    signing = Signing()
    free = Wire()
    signing.init_app(app)
    tracing.setup(app)
    recorder = Recorder(app)

    def token(text):
        return signing.sign(text)

    @app.route("/signed")
    def signed():
        return token("x")

    @app.route("/recorded")
    def recorded():
        recorder.count()
        return ""

    @app.route("/free")
    def free_of_it():
        return free.text()
"""
    surface = read_with(read, source)
    assert codes(surface) == {"signed": "MIG415", "recorded": "MIG415"}
    reason = "it uses telemetry.Signing, an unknown part that is given the application"
    assert surface.left["site:signed"].reason.startswith(reason)
    assert [f.line for f in surface.findings if "converted application does" in f.message] == [
        *(21, 22, 23)
    ]

    surface = read({"site.py": HEAD + source}, keep=("telemetry.Signing", "telemetry.trac"))
    assert codes(surface) == {"recorded": "MIG415"}
    assert [f.line for f in surface.findings if "converted application does" in f.message] == [
        *(22, 23)
    ]
    assert not codes(read({"site.py": HEAD + source}, keep=("telemetry",)))


@pytest.mark.parametrize(
    ("around", "codes_of"),
    [
        (
            """
    @app.errorhandler(404)
    def not_found(error):
        return render_template("404.html"), 404
""",
            dict.fromkeys(["static", "plain", "write", "page"], "MIG414"),
        ),
        (
            """
    from flask_babel import gettext

    @app.before_request
    def guard():
        gettext("x")
""",
            dict.fromkeys(["static", "plain", "write", "page"], "MIG414"),
        ),
        (
            """
    from flask_talisman import Talisman
    Talisman(app)
""",
            dict.fromkeys(["static", "plain", "write", "page"], "MIG412"),
        ),
        ("", {"page": "MIG409"}),
    ],
)
def test_static_files_stay_with_what_is_around_them(
    around: str, codes_of: dict[str, str], read: Read
) -> None:
    source = (
        HEAD
        + """
    from flask_bootstrap import Bootstrap
    Bootstrap(app)
"""
        + around
    )
    page = "{% from 'bootstrap/nav.html' import render_nav_item %}"
    files = {"site.py": source, "templates/404.html": page, "templates/page.html": page}
    assert codes(read(files)) == codes_of


def test_what_an_extension_calls_where_it_is_used_keeps_nothing_else(read: Read) -> None:
    source = """
    from flask_jwt_extended import JWTManager, jwt_required
    jwt = JWTManager(app)

    @jwt.user_lookup_loader
    def found(header, payload):
        return jwt.decode(payload)

    @app.route("/mine")
    @jwt_required()
    def mine():
        return ""
"""
    assert codes(read_with(read, source)) == {"mine": "MIG406"}


def test_what_a_class_inherits_from_an_unknown_part_is_unknown(read: Read) -> None:
    source = """
    from telemetry import Recorder, Wire

    class Inheriting(Recorder):
        pass

    class Passing(Wire):
        def init_app(self, app):
            super().init_app(app)

    class Reading:
        def init_app(self, app):
            self.size = app.config["SIZE"]

    inheriting = Inheriting()
    inheriting.init_app(app)
    passing = Passing()
    passing.init_app(app)
    reading = Reading()
    reading.init_app(app)

    @app.route("/inheriting")
    def view():
        return inheriting.text()

    @app.route("/passing")
    def passed():
        return passing.text()

    @app.route("/reading")
    def read():
        return str(reading.size)
"""
    assert codes(read_with(read, source)) == {"view": "MIG415", "passed": "MIG415"}


def test_an_api_of_another_framework_has_pages_of_its_own(read: Read) -> None:
    """Only those of Flask-RESTX and Flask-RESTful are known."""
    pages = {"root", "specs", "doc", "restx_doc.static"}
    for framework, found in (("flask_restx", pages), ("flask_smorest", set())):
        surface = read_with(read, f"\n    from {framework} import Api\n    api = Api(app)\n")
        assert {e.endpoint for e in surface.endpoints} & pages == found
