"""What the converted application is an application of: FastAPI, or Flask on the event loop.

FastAPI where that serves everything. Where an extension, a class-based view of somebody else or
another part needs a Flask application, the application keeps Flask as its frame
(`migrator.runtime.asyncflask`), and with it everything that is registered on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.errors import UsageError
from migrator.index.definitions import ExternalName
from migrator.index.project import Project
from migrator.queries.step import Refusal
from migrator.surface import connexion, extensions, integrations, signals
from migrator.surface.levels import Leaving
from migrator.surface.machine import FLASK_OF_OTHERS, ExtensionUse, Machine
from migrator.surface.model import Endpoint, Entry, EntryKind, Finding, FrameChoice
from migrator.surface.values import Scaffold

#: What no frame serves, or one plain rule would convert, keeps no application on Flask.
_OF_THE_RULE = frozenset({"MIG401", "MIG403", "MIG404", "MIG407"})
_HINT = "Nothing has to be done; do without it to serve the application with FastAPI."
#: Extensions that a reason names.
_SHOWN = 3
#: What is awaited: by Flask (`ensure_sync`), commands by AsyncFlask. The rest is called plainly.
_AWAITED = frozenset({"view", "hook", "teardown", "error_handler", "command"})
_CALLER: Mapping[EntryKind, str] = {
    "loader": "an extension calls it",
    "context_processor": "Flask calls context processors",
    "template_helper": "templates call it",
    "url_processor": "Flask calls URL processors",
    "setup": "the set-up of the application calls it",
    "shell": "`flask shell` calls it",
    "signal": "a signal calls it",
    "task": "a task queue calls it",
    "operation": "connexion calls it",
}


def keeps_flask(
    choice: FrameChoice, leaving: Leaving, endpoints: tuple[Endpoint, ...]
) -> Refusal | None:
    """Why the converted application stays a Flask application; None where it needn't.

    Raises UsageError where `choice` can't be had.
    """
    made_of = _made_of(leaving.machine.project, leaving.app)
    if choice == "fastapi":
        if connexion.is_connexion(leaving.machine, leaving.app):
            raise UsageError(
                "The frame fastapi was asked for.",
                "Connexion makes the application itself, and makes it one of Flask.",
                "Leave --frame to `auto`.",
            )
        if made_of:
            raise UsageError(
                "The frame fastapi was asked for.",
                f"{made_of} is a class of Flask applications.",
                "Leave --frame to `auto`.",
            )
        for use in leaving.machine.extension_uses:
            if use.dotted in extensions.ON_FLASK:
                raise UsageError(
                    "The frame fastapi was asked for.",
                    f"{use.dotted} keeps its sessions with a Flask application.",
                    "Leave --frame to `auto`.",
                )
        return None
    if made_of:
        return Refusal("MIG423", f"Flask stays the frame: the application is a {made_of}", _HINT)
    lost = sorted({_named(use.dotted) for use in _lost(leaving)})
    if lost:
        verb = "work" if len(lost) > 1 else "works"
        text = f"{_listed(lost)} {verb} on a Flask application only"
        return Refusal("MIG423", f"Flask stays the frame: {text}", _HINT)
    for endpoint in endpoints:
        why = endpoint.refusal
        if why is not None and why.code not in _OF_THE_RULE:
            return Refusal(
                "MIG423", f"Flask stays the frame, for {endpoint.endpoint}: {why.reason}", _HINT
            )
    for _, _, signal in signals.receivers(leaving.machine.project):
        return Refusal("MIG423", f"Flask stays the frame: it sends {signal}", _HINT)
    for _, _, dotted in integrations.imported(leaving.machine.project):
        return Refusal("MIG423", f"Flask stays the frame: {dotted} asks Flask", _HINT)
    if choice == "flask":
        return Refusal(
            "MIG423", "Flask stays the frame, as was asked for", "Leave --frame to `auto`."
        )
    return None


def _made_of(project: Project, app: Scaffold) -> str:
    """The class of another distribution that an application is of; "" for Flask's own."""
    found = project.resolve(app.module, app.node.func) if app.cls is None else None
    names = [found.dotted] if isinstance(found, ExternalName) else []
    names += project.external_bases(app.cls) if app.cls is not None else []
    return next((name for name in names if name in FLASK_OF_OTHERS), "")


def _listed(names: list[str]) -> str:
    """All of a few names; of many the first ones: the reason stands beside every endpoint."""
    if len(names) > _SHOWN + 1:
        return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"
    return ", ".join(names)


def _named(dotted: str) -> str:
    return extensions.distribution(dotted) if extensions.effect(dotted) else dotted


def _lost(leaving: Leaving) -> list[ExtensionUse]:
    """The extensions that the application would have to do without."""
    kept = {"supported", "keep", "dev", "websocket"}
    return [
        use
        for use in leaving.machine.extension_uses
        if leaving.concerns(use) and use.effect not in kept and not use.is_own
    ]


def on_flask(endpoint: Endpoint) -> Refusal | None:
    """Why not even Flask on the event loop serves an endpoint."""
    refusal = endpoint.refusal
    return refusal if refusal is not None and "websocket" in refusal.reason else None


def plain_functions(entries: Mapping[str, Entry]) -> dict[str, Refusal]:
    """The functions that Flask and its extensions call without awaiting them."""
    found: dict[str, Refusal] = {}
    for key, entry in entries.items():
        kind = next((k for k in entry.kinds if k not in _AWAITED), None)
        if kind is not None:
            found[key] = Refusal(
                "MIG526",
                f"{_CALLER[kind]} as a plain function",
                "Nothing has to be done.",
            )
    return found


def websockets(machine: Machine, app: Scaffold) -> list[Finding]:
    """What works on neither frame's event loop: websockets."""
    return [
        Finding(
            use.module.path,
            use.node.lineno,
            use.node.col_offset,
            "MIG421",
            f"{extensions.distribution(use.dotted)} serves websockets, which reach no Flask "
            "application over ASGI.",
            "",
            "Serve them with path operations of FastAPI, or with a server of their own.",
        )
        for use in machine.extension_uses
        if use.app is app and extensions.effect(use.dotted) == "websocket"
    ]
