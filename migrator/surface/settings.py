"""Assignments on the application that change how every request or response is handled."""

from __future__ import annotations

from migrator.index.project import Project
from migrator.queries.step import Refusal
from migrator.surface.machine import Machine
from migrator.surface.values import Scaffold

#: Attributes that replace a part of Flask with a class or object of the application's own.
WIRE_SETTINGS = frozenset(
    {
        "session_interface",
        "request_class",
        "response_class",
        "json_encoder",
        "json_decoder",
        "json_provider_class",
        "json",
        "url_rule_class",
        "url_map_class",
        "jinja_environment",
        "config_class",
        "app_ctx_globals_class",
    }
)


def replaced_part(project: Project, machine: Machine, app: Scaffold) -> str:
    """The first part of Flask that the application replaces, "" when it replaces none."""
    for setting in machine.settings:
        if setting.app is app and setting.name in WIRE_SETTINGS:
            return setting.name
    if app.cls is not None:
        for cls in project.mro(app.cls):
            for name in cls.attributes:
                if name in WIRE_SETTINGS:
                    return name
    return ""


def refusal(name: str) -> Refusal:
    """Why an application with its own `name` stays on the mount."""
    return Refusal(
        "MIG417",
        f"the application has its own {name}",
        "bring it to the converted application by hand, then convert again",
    )
