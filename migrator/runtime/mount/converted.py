"""The routes of a converted application (`compat.App`, or what stands before an `AsyncFlask`).

It routes with a Werkzeug map of its own, so that map is asked and not the list of its routes, where
the first match would win.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException

from migrator.runtime.mount.binding import Binder
from migrator.runtime.mount.routes import MigratedRoute, RouteTable, first_match, route_of_rule

if TYPE_CHECKING:
    from starlette.types import Scope


def is_converted(app: object) -> bool:
    """Whether `app` is a converted application: there a route's name is the legacy endpoint's."""
    return hasattr(app, "url_map")


class ConvertedTable(RouteTable):
    """The rules of a converted application, then what was registered with FastAPI itself."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._binder = Binder(
            app.url_map, app.config, subdomain_matching=bool(app.subdomain_matching)
        )
        self._of_rule: dict[int, MigratedRoute] = {}
        ruled = set()
        for rule in app.url_map.iter_rules():
            if not rule.build_only:
                self._of_rule[id(rule)] = route_of_rule(rule)
                ruled.add(id(getattr(rule, "route", None)))
        self._foreign = tuple(route for route in self.routes if id(route.source) not in ruled)
        self._foreign_first = getattr(app, "foreign_first", False)
        self.routes = (*self._of_rule.values(), *self._foreign)

    def full_match(self, scope: Scope, path: str, method: str) -> MigratedRoute | None:
        if self._foreign_first:
            found = first_match(self._foreign, scope, path, method)
            if found is not None:
                return found
        adapter = self._binder.for_matching(scope)
        try:
            rule, _ = adapter.match(path, method=method, return_rule=True)
        except HTTPException:
            return first_match(self._foreign, scope, path, method)
        return self._of_rule.get(id(rule))
