"""What Python's own objects and a Flask application can be asked for: what they are asked for beside is of another kind."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Generator
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from uuid import UUID

from migrator.queries.types import DictOf, External, ListOf, Opaque, TupleOf, Type

#: What lists, dicts, sets and tuples have: an unknown receiver of one of these keeps what it is given.
OF_DISPLAYS = frozenset(name for kind in (dict, list, set, tuple) for name in dir(kind))
#: What containers of any kind can be asked for.
OF_CONTAINERS = OF_DISPLAYS.union(*map(dir, (Counter, Generator, defaultdict, deque, frozenset)))
#: What plain data can be asked for.
OF_DATA = OF_CONTAINERS.union(
    *map(
        dir,
        (
            BytesIO, Decimal, Path, Queue, SimpleNamespace, StringIO, UUID, bytes, datetime, float,
            str, timedelta,
        ),
    )
)  # fmt: skip
#: Packages whose proxies and classes stand for what is ours.
_STANDING_FOR_OURS = frozenset({"flask", "flask_login", "sqlalchemy"})


def may_have(name: str, owner: Type) -> bool:
    """Whether it is plain data, or an object of another distribution, that may have such a method."""
    match owner:
        case Opaque(known) | External(known) if "." in known:
            return known.partition(".")[0] not in _STANDING_FOR_OURS
        case Opaque() | ListOf() | DictOf() | TupleOf():
            return name in OF_DATA
    return False


#: What a Flask application, or its proxy, has by itself, as far as programs use it.
OF_FLASK = frozenset(
    {
        "_get_current_object", "aborter", "add_template_filter", "add_template_global",
        "add_template_test", "add_url_rule", "after_request", "app_context", "before_request",
        "blueprints", "cli", "config", "context_processor", "debug", "delete", "ensure_sync",
        "env", "errorhandler", "extensions", "get", "import_name", "instance_path",
        "iter_blueprints", "jinja_env", "jinja_loader", "json", "logger", "make_response",
        "name", "open_instance_resource", "open_resource", "patch", "permanent_session_lifetime",
        "post", "put", "redirect", "register_blueprint", "register_error_handler",
        "request_context", "root_path", "route", "run", "secret_key", "send_static_file",
        "session_interface", "shell_context_processor", "static_folder", "static_url_path",
        "teardown_appcontext", "teardown_request", "template_filter", "template_folder",
        "template_global", "template_test", "test_cli_runner", "test_client",
        "test_request_context", "testing", "url_defaults", "url_for", "url_map",
        "url_value_preprocessor", "view_functions", "wsgi_app",
    }
)  # fmt: skip
#: Those of them that hold what others have put in.
OPEN_OF_FLASK = frozenset({"config", "extensions", "view_functions"})
