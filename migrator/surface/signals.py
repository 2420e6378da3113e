"""Receivers of Flask's and Flask-Login's own signals: FastAPI's frame sends none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.surface.application import is_test
from migrator.surface.model import Finding
from migrator.surface.scopes import Scopes

_CONNECTING = frozenset({"connect", "connect_via"})
#: https://flask.palletsprojects.com/en/stable/api/#core-signals-list
_OF_FLASK = frozenset(
    {
        "appcontext_popped", "appcontext_pushed", "appcontext_tearing_down", "before_render_template",
        "got_request_exception", "message_flashed", "request_finished", "request_started",
        "request_tearing_down", "template_rendered",
    }
)  # fmt: skip
#: https://flask-login.readthedocs.io/en/latest/#signals
_OF_FLASK_LOGIN = frozenset(
    {
        "session_protected", "user_accessed", "user_loaded_from_cookie", "user_loaded_from_request",
        "user_logged_in", "user_logged_out", "user_login_confirmed", "user_needs_refresh",
        "user_unauthorized",
    }
)  # fmt: skip
_SIGNALS = frozenset(
    f"{home}.{name}"
    for module, names in (("flask", _OF_FLASK), ("flask_login", _OF_FLASK_LOGIN))
    for home in (module, f"{module}.signals")
    for name in names
)


def receivers(
    project: Project, signals: frozenset[str] = _SIGNALS
) -> Iterator[tuple[Module, ast.Attribute, str]]:
    """Each `signal.connect` and `signal.connect_via`, with the signal's name."""
    for module in project.modules.values():
        if not module.source.says("connect") or is_test(module):
            continue
        scopes = project.derived(Scopes, module)
        for node in module.of(ast.Attribute):
            if node.attr in _CONNECTING:
                found = scopes.external(node.value)
                if found in signals:
                    yield module, node, found.rpartition(".")[2]


def unsent(project: Project) -> list[Finding]:
    """A finding for each receiver that the endpoints of FastAPI's frame never call."""
    return [
        Finding(
            module.path,
            node.lineno,
            node.col_offset,
            "MIG117",
            f"Only the legacy application sends {name}: what is connected here is not called for "
            "converted endpoints.",
            "",
            "Do its work in a hook (before_request, after_request, an error handler) or where the "
            "signal would be sent, or keep Flask as the frame.",
        )
        for module, node, name in receivers(project)
    ]
