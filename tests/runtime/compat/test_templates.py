"""Templates: where they are found, what they know, how they escape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TEMPLATES = {
    "page.html": "{% extends 'base.html' %}{% block body %}<{{ value }}>{{ macros(value) }}{% endblock %}"
    "{% from 'macros.html' import macros with context %}",
    "macro.html": "{% from 'macros.html' import field %}{{ field(value) }}",
    "base.html": "<!doctype html>\n<title>{{ title }}</title>\n{% block body %}{% endblock %}\n",
    "macros.html": "{% macro field(v) %}[{{ v }} {{ url_for('index') }} {{ request.path }}]{% endmacro %}"
    "{% macro macros(v) %}({{ v }}){% endmacro %}",
    "plain.txt": "{{ value }}",
    "data.xml": "<x>{{ value }}</x>",
    "script.js": "{{ value|tojson }}",
    "tojson.html": "<script>{{ data|tojson }}</script><a x='{{ data|tojson|forceescape }}'>",
    "globals.html": "{{ config.SECRET_KEY }} {{ request.args.q }} {{ g.user }} {{ session.n }} "
    "{{ url_for('index', x='a b', _external=true) }} {{ get_flashed_messages() }} {{ injected }} "
    "{{ request.endpoint }} {{ current }}",
    "own.html": "{{ 'abc'|reverse_it }} {{ 3 is odd_number }} {{ double(4) }} {{ 'x'|shout }}",
    "whitespace.html": "a\n{% if true %}\n  b\n{% endif %}\nc\n",
    "error.html": "{{ missing.attribute }}",
    "syntax.html": "{% if %}",
    "undefined.html": "[{{ nothing }}]",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    for name, source in TEMPLATES.items():
        (folder / name).write_text(source)
    for name in ("shop", "admin"):
        own = tmp_path / name / "pages"
        own.mkdir(parents=True)
        (own / "page.html").write_text("never: the application's comes first")
        (own / "common.html").write_text(f"from {name}")
        (own / f"{name}.html").write_text(f"only in {name}: {{{{ injected }}}} {{{{ only }}}}")
    return tmp_path


def build(f: Any, app: Any) -> None:
    def show(name: str) -> Any:
        f.g.user = "<ann>"
        return f.render_template(
            name, value="<é & 'x'>", title="T", data={"b": "</script>", "a": [1, None]}
        )

    app.get("/", endpoint="index")(lambda: "index")
    app.get("/t/{name}", endpoint="show")(show)
    app.get("/string", endpoint="string")(
        lambda: f.render_template_string("{{ v }} {{ injected }}", v="<b>")
    )
    app.get("/list", endpoint="list")(
        lambda: f.render_template(["nope.html", "plain.txt"], value="<listed>")
    )
    app.get("/attribute", endpoint="attribute")(
        lambda: f.get_template_attribute("macros.html", "macros")("<m>")
    )
    app.context_processor(lambda: {"injected": "by app", "value": "overridden", "current": "ctx"})
    app.add_template_filter(lambda s: s[::-1], "reverse_it")
    app.template_filter("shout")(lambda s: s.upper())
    app.template_test("odd_number")(lambda n: n % 2 == 1)
    app.template_global("double")(lambda n: n * 2)


def test_templates(both: Any, package: Path) -> None:
    pair = both(build, options={"root_path": str(package)})
    for name in TEMPLATES:
        pair.get(f"/t/{name}?q=<q>")
    for path in ("/t/missing.html", "/string", "/list", "/attribute"):
        pair.get(path)


def test_blueprint_templates_come_after_the_application_s(both: Any, package: Path) -> None:
    def setup(f: Any, app: Any) -> None:
        build(f, app)
        for name in ("shop", "admin"):
            blueprint = f.Blueprint(
                name,
                __name__,
                url_prefix=f"/{name}",
                template_folder="pages",
                root_path=str(package / name),
            )
            blueprint.get("/{page}", endpoint="page")(
                lambda page: f.render_template(page, value="v", title="t")
            )
            blueprint.context_processor(lambda name=name: {"only": f"only {name}"})
            app.register_blueprint(blueprint)

    pair = both(setup, options={"root_path": str(package)})
    for page in ("page.html", "common.html", "shop.html", "admin.html"):
        for blueprint in ("shop", "admin"):
            pair.get(f"/{blueprint}/{page}")
        pair.get(f"/t/{page}")


def test_blueprint_filters_for_the_whole_application(both: Any, package: Path) -> None:
    def setup(f: Any, app: Any) -> None:
        blueprint = f.Blueprint("b", __name__)
        blueprint.app_template_filter("up")(str.upper)
        blueprint.app_template_test("big")(lambda n: n > 5)
        blueprint.app_template_global("twice")(lambda n: n * 2)
        blueprint.app_context_processor(lambda: {"everywhere": 1})
        app.register_blueprint(blueprint)
        app.get("/", endpoint="index")(
            lambda: f.render_template_string(
                "{{ 'x'|up }}{{ 6 is big }}{{ twice(2) }}{{ everywhere }}"
            )
        )

    both(setup).get("/")


def test_the_session_is_touched_only_when_the_template_reads_it(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.get("/no", endpoint="no")(lambda: f.render_template_string("x"))
        app.get("/yes", endpoint="yes")(lambda: f.render_template_string("{{ session.n }}"))

    pair = both(setup)
    assert "Vary" not in pair.get("/no").headers
    assert pair.get("/yes").headers["Vary"] == "Cookie"


def test_jinja_options(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
        app.jinja_env.globals["x"] = 5
        app.get("/", endpoint="index")(
            lambda: f.render_template_string("a\n  {% if x %}\n{{ x }}\n  {% endif %}\nb")
        )

    both(setup).get("/")


def test_a_template_awaits_what_its_calls_return() -> None:
    """Converted methods, context processors' functions and filters are coroutine functions."""
    from migrator.runtime.compat import App, render_template_string
    from migrator.runtime.compat.testing import CompatClient

    class Order:
        async def total(self) -> int:
            return 42

    app = App("templates_that_await")

    @app.template_filter()
    async def doubled(value: int) -> int:
        return value * 2

    @app.context_processor
    async def helpers() -> dict[str, Any]:
        async def greeting(name: str) -> str:
            return f"Hello {name}"

        return {"greeting": greeting}

    @app.get("/")
    def page() -> str:
        return render_template_string(
            "{{ greeting('Ada') }} {{ order.total() }} {{ 4 | doubled }}", order=Order()
        )

    client: CompatClient = app.test_client()
    assert client.get("/").get_data(as_text=True) == "Hello Ada 42 8"
