"""The actions that turn the Flask parts of each module into the target's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.index.project import Project
from migrator.queries.step import Refusal
from migrator.surface.actions import Actions
from migrator.surface.machine import Machine
from migrator.surface.model import Surface
from migrator.surface.plan_left import plan_left
from migrator.surface.plan_names import plan_names
from migrator.surface.plan_routes import plan_routes
from migrator.surface.plan_setup import plan_objects, plan_setup
from migrator.surface.reach import Reach
from migrator.surface.urls import UrlMap


class Planner:
    """Makes the actions for the views that stay, and again when more of them have to."""

    def __init__(self, project: Project, machine: Machine, urls: UrlMap, reach: Reach) -> None:
        self.project = project
        self.machine = machine
        self.urls = urls
        self.reach = reach

    def plan(self, surface: Surface, more: Mapping[str, Refusal] | None = None) -> Surface:
        """The surface with its actions; `more` are further functions that stay on the mount."""
        if more:
            left = {**more, **surface.left}
            endpoints = tuple(
                replace(e, refusal=left[e.function])
                if e.function in left and e.refusal is None
                else e
                for e in surface.endpoints
            )
            surface = replace(surface, left=left, endpoints=endpoints)
        actions = Actions(self.project)
        if surface.frame == "flask":
            plan_left(self.project, surface, self.urls, self.reach, actions, hooks=False)
            plan_names(self.project, actions, "flask")
            return replace(surface, actions=actions.settled())
        plan_setup(self.project, self.machine, actions)
        plan_left(self.project, surface, self.urls, self.reach, actions)
        plan_routes(self.project, surface, self.urls, self.reach, actions)
        plan_objects(self.project, self.machine, actions)
        plan_names(self.project, actions)
        return replace(surface, actions=actions.settled())
