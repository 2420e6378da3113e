"""The actions that turn the Flask parts of each module into the target's."""

from __future__ import annotations

from migrator.index.project import Project
from migrator.surface.machine import Machine
from migrator.surface.model import Surface
from migrator.surface.reach import Reach
from migrator.surface.urls import UrlMap


def plan(
    project: Project, surface: Surface, machine: Machine, urls: UrlMap, reach: Reach
) -> Surface:
    """The surface with its actions."""
    return surface
