"""Flask-Smorest: a Blueprint that takes classes of views, and an Api that registers blueprints.

Semantics: `Blueprint.add_url_rule`, `Api.register_blueprint` and `DocBlueprintMixin` of https://github.com/marshmallow-code/flask-smorest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migrator.surface.values import ClassValue, Const, FunctionValue, Scaffold, Value

SMOREST_BLUEPRINT = frozenset({"flask_smorest.Blueprint", "flask_smorest.blueprint.Blueprint"})
SMOREST_API = frozenset({"flask_smorest.Api", "flask_smorest.api.Api"})


def smorest_endpoint(blueprint: Scaffold, endpoint: Value, view: Value) -> Value:
    """The endpoint of a rule on a blueprint of Flask-Smorest: a name that it has already gets a number."""
    if endpoint == Const(None) and isinstance(view, FunctionValue):
        endpoint = Const(view.name)
    elif endpoint == Const(None) and isinstance(view, ClassValue):
        endpoint = Const(view.info.name)
    if isinstance(endpoint, Const) and any(r.endpoint == endpoint for r in blueprint.routes):
        return Const(f"{endpoint.value}_{len(blueprint.routes)}")
    return endpoint


def smorest_pages(setting: Callable[[str], Value]) -> Iterator[tuple[str, str]]:
    """The endpoints and rules of the documentation that an Api's settings ask for, as far as they are known."""

    def said(name: str, default: str | None = None) -> str | None:
        value = setting(name)
        return value.value if isinstance(value, Const) else default

    prefix = said("OPENAPI_URL_PREFIX")
    if prefix is None:
        return
    pages = {"json": said("OPENAPI_JSON_PATH", "openapi.json")}
    for page in ("redoc", "swagger_ui", "rapidoc"):
        if said(f"OPENAPI_{page.upper()}_URL") is not None:
            pages[page] = said(f"OPENAPI_{page.upper()}_PATH")
    for page, path in pages.items():
        if path is not None:
            yield (
                f"api-docs.openapi_{page}",
                f"/{prefix.strip('/')}/{path.lstrip('/')}".replace("//", "/"),
            )
