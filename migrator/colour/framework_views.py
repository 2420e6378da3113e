"""Class-based views that the framework alone makes: no receiver of unknown type is an object of theirs.

`given.get("name")` is no `get(self, name)` of a resource as long as nobody but Flask makes one, and
none gives itself away.
"""

from __future__ import annotations

from migrator.colour.given_away import without_objects
from migrator.types.state import State

#: Bases by whose own code a request makes an object, and nobody else does.
_VIEWS = frozenset(
    {
        "flask.views.MethodView", "flask.views.View",
        "apiflask.views.MethodView", "apiflask.views.View",
        "flask_restful.Resource", "flask_restx.Resource", "flask_restplus.Resource",
        "flask_apispec.MethodResource", "flask_apispec.views.MethodResource",
    }
)  # fmt: skip


def framework_views(state: State) -> frozenset[str]:
    """The keys of these classes."""
    project = state.project
    return without_objects(
        state,
        [c for c in project.classes.values() if not _VIEWS.isdisjoint(project.external_bases(c))],
    )
