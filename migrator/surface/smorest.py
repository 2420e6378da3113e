"""Flask-Smorest: a Blueprint that takes classes of views, and an Api that registers blueprints.

Semantics: `Blueprint.add_url_rule` and `Api.register_blueprint` of https://github.com/marshmallow-code/flask-smorest.
"""

from __future__ import annotations

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
