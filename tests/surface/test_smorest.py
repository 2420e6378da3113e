"""Flask-Smorest: the endpoints of classes on its blueprints, and blueprints that its Api registers."""

from __future__ import annotations

import pytest

from tests.surface.conftest import Read

VIEWS = """
from flask import Flask
from flask.views import MethodView
from flask_smorest import Api, Blueprint

class Own(Blueprint):
    pass

blp = {made}("items", __name__, url_prefix="/items")
inner = Blueprint("inner", __name__, url_prefix="/in")

@blp.route("/")
class Items(MethodView):
    @blp.response(200)
    def get(self):
        return []

    @blp.arguments(dict)
    def post(self, data):
        return data

@blp.route("/<int:number>", methods=["DELETE"], tags=["one"])
@blp.response(204)
def remove(number):
    return ""

class Named(MethodView):
    def get(self, name):
        return name

blp.add_url_rule("/by/<name>", view_func=Named)
blp.add_url_rule("/called/<name>", view_func=Named)
blp.add_url_rule("/remove", "remove", remove)

@inner.route("/count")
def count():
    return "1"

blp.register_blueprint(inner)

def create_app():
    app = Flask(__name__)
    {api}
    api.register_blueprint(blp{options})
    return app
"""
RULES = {
    "items.Items": ("/", ("GET", "POST")),
    "items.remove": ("/<int:number>", ("DELETE",)),
    "items.Named": ("/by/<name>", ("GET",)),
    # A name that is there already gets the number of the rules before it.
    "items.Named_3": ("/called/<name>", ("GET",)),
    "items.remove_4": ("/remove", ("GET",)),
    "items.inner.count": ("/in/count", ("GET",)),
}


@pytest.mark.parametrize(
    ("api", "options", "prefix"),
    [
        ("api = Api(app)", "", "/items"),
        ("api = Api(); api.init_app(app)", "", "/items"),
        ("api = Api(app)", ", url_prefix='/v2', parameters=[]", "/v2"),
    ],
)
@pytest.mark.parametrize("made", ["Blueprint", "Own"])
def test_its_endpoints_are_listed(
    api: str, options: str, prefix: str, made: str, read: Read
) -> None:
    source = VIEWS.replace("{api}", api).replace("{options}", options).replace("{made}", made)
    found = {e.endpoint: (e.rule, e.methods) for e in read({"app.py": source}).endpoints}
    del found["static"]
    assert found == {name: (prefix + rule, ways) for name, (rule, ways) in RULES.items()}


def test_an_api_without_an_application_registers_nothing(read: Read) -> None:
    source = VIEWS.replace("{api}", "api = Api()").replace("{options}", "")
    surface = read({"app.py": source.replace("{made}", "Blueprint")})
    assert [e.endpoint for e in surface.endpoints] == ["static"]


@pytest.mark.parametrize(
    ("settings", "pages"),
    [
        ("", {}),
        ('app.config["OPENAPI_URL_PREFIX"] = "/"', {"json": "/openapi.json"}),
        (
            'app.config.update(OPENAPI_URL_PREFIX="doc", OPENAPI_JSON_PATH="/all.json", OPENAPI_REDOC_PATH="/re", '
            'OPENAPI_SWAGGER_UI_PATH="/", OPENAPI_SWAGGER_UI_URL="https://cdn.example.org/")',
            {"json": "/doc/all.json", "swagger_ui": "/doc/"},
        ),
    ],
)
def test_the_pages_of_its_documentation(settings: str, pages: dict[str, str], read: Read) -> None:
    source = VIEWS.replace("{made}", "Blueprint").replace("{options}", "")
    surface = read({"app.py": source.replace("{api}", f"{settings}\n    api = Api(app)")})
    found = {e.endpoint: e.rule for e in surface.endpoints if e.endpoint.startswith("api-docs.")}
    assert found == {f"api-docs.openapi_{name}": rule for name, rule in pages.items()}
