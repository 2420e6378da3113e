"""Where each public name of Flask and of the supported extensions lives for converted code.

The names are those that `migrator.runtime.compat` and `migrator.runtime.db` offer; a test holds
this table against them. A name that is not here stays as it is, and what uses it stays on the
mount.
"""

from __future__ import annotations

from migrator.surface.model import Frame

COMPAT = "migrator.runtime.compat"
LOGIN = "migrator.runtime.compat.login"
CORS = "migrator.runtime.compat.cors"
DB = "migrator.runtime.db"
LITE = "migrator.runtime.db.lite"
ASYNCFLASK = "migrator.runtime.asyncflask"
ALCHEMICAL = ASYNCFLASK + ".alchemical"
HELPERS = ASYNCFLASK + ".helpers"

#: Connexion's application, which makes one of Flask and keeps it as `app`.
CONNEXION = frozenset(
    {
        "connexion.App",
        "connexion.FlaskApp",
        "connexion.apps.FlaskApp",
        "connexion.apps.flask.FlaskApp",
        "connexion.apps.flask_app.FlaskApp",
    }
)

_FLASK = frozenset(
    [
        "Blueprint",
        "Config",
        "Request",
        "Response",
        "abort",
        "after_this_request",
        "copy_current_request_context",
        "current_app",
        "flash",
        "g",
        "get_flashed_messages",
        "get_template_attribute",
        "has_app_context",
        "has_request_context",
        "json",
        "jsonify",
        "make_response",
        "redirect",
        "render_template",
        "render_template_string",
        "request",
        "send_file",
        "send_from_directory",
        "session",
        "stream_template",
        "stream_template_string",
        "stream_with_context",
        "url_for",
        "views",
    ]
)
_LOGIN = frozenset(
    [
        "AnonymousUserMixin",
        "LoginManager",
        "UserMixin",
        "confirm_login",
        "current_user",
        "decode_cookie",
        "encode_cookie",
        "fresh_login_required",
        "login_fresh",
        "login_remembered",
        "login_required",
        "login_url",
        "login_user",
        "logout_user",
        "make_next_param",
        "set_login_view",
    ]
)
#: Submodules of Flask whose names the package itself has too.
_FLASK_HOMES = frozenset(
    {
        "flask",
        "flask.app",
        "flask.blueprints",
        "flask.config",
        "flask.ctx",
        "flask.globals",
        "flask.helpers",
        "flask.json",
        "flask.templating",
        "flask.wrappers",
    }
)
_LOGIN_HOMES = frozenset(
    {"flask_login", "flask_login.utils", "flask_login.mixins", "flask_login.login_manager"}
)
#: What `flask.json` itself has that converted code may use; of the rest it has nothing.
_JSON = frozenset({"dump", "dumps", "jsonify", "load", "loads"})
_OTHERS = {
    "flask.Flask": (COMPAT, "App"),
    "flask.app.Flask": (COMPAT, "App"),
    "flask.blueprints.BlueprintSetupState": (COMPAT, "BlueprintSetupState"),
    "flask.globals.app_ctx": (COMPAT, "app_ctx"),
    "flask.globals.request_ctx": (COMPAT, "request_ctx"),
    "flask.views.MethodView": (COMPAT + ".views", "MethodView"),
    "flask.views.View": (COMPAT + ".views", "View"),
    "flask.typing.ResponseReturnValue": (COMPAT, "ResponseReturnValue"),
    **{f"flask.json.{name}": (COMPAT + ".json", name) for name in _JSON - {"jsonify"}},
    "flask.Markup": ("markupsafe", "Markup"),
    "flask.escape": ("markupsafe", "escape"),
    "flask.cli.with_appcontext": (COMPAT + ".cli", "with_appcontext"),
    "flask.cli.AppGroup": (COMPAT + ".cli", "AppGroup"),
    "flask_cors.CORS": (CORS, "CORS"),
    "flask_cors.extension.CORS": (CORS, "CORS"),
}
_SQLALCHEMY = {
    "flask_sqlalchemy.SQLAlchemy": (DB, "SQLAlchemy"),
    "flask_sqlalchemy.extension.SQLAlchemy": (DB, "SQLAlchemy"),
    "flask_sqlalchemy.BaseQuery": (DB, "BaseQuery"),
    "flask_sqlalchemy.query.Query": (DB, "Query"),
    "flask_sqlalchemy.Pagination": (DB, "Pagination"),
    "flask_sqlalchemy.pagination.Pagination": (DB, "Pagination"),
    "flask_sqlalchemy.Model": (DB, "Model"),
    "flask_sqlalchemy.model.Model": (DB, "Model"),
    "flask_sqlalchemy.get_debug_queries": (DB, "get_debug_queries"),
    "flask_sqlalchemy.record_queries.get_recorded_queries": (DB, "get_recorded_queries"),
    "flask_sqlalchemy.DefaultMeta": (DB, "DefaultMeta"),
    **{
        f"flask_sqlalchemy.model.{name}": (DB, name)
        for name in ("BindMetaMixin", "DefaultMeta", "DefaultMetaNoName", "NameMetaMixin")
    },
    "flask_sqlalchemy_lite.SQLAlchemy": (LITE, "SQLAlchemy"),
    "flask_sqlalchemy_lite._extension.SQLAlchemy": (LITE, "SQLAlchemy"),
    **dict.fromkeys(
        ("alchemical.Model", "alchemical.core.Model", "alchemical.flask.Model"),
        (ALCHEMICAL, "Model"),
    ),
    "alchemical.flask.Alchemical": (ALCHEMICAL, "Alchemical"),
    **{
        f"sqlalchemy_helpers{home}.{name}": (HELPERS, name)
        for home in ("", ".manager")
        for name in (
            "Base",
            "DatabaseManager",
            "get_base",
            "get_by_pk",
            "get_one",
            "get_or_create",
            "update_or_create",
        )
    },
    **{
        f"sqlalchemy_helpers.flask_ext.{name}": (HELPERS, name)
        for name in ("DatabaseExtension", "first_or_404", "get_or_404")
    },
    # What it adds, an engine for each bind key, the runtime gives to any session class.
    "flask_sqlalchemy.session.Session": ("sqlalchemy.orm", "Session"),
}
#: The names that change where Flask stays the frame.
_ON_FLASK = {
    "flask.Flask": (ASYNCFLASK, "AsyncFlask"),
    "flask.app.Flask": (ASYNCFLASK, "AsyncFlask"),
    **dict.fromkeys(CONNEXION, (ASYNCFLASK + ".connexion", "FlaskApp")),
    "apiflask.APIFlask": (ASYNCFLASK + ".apiflask", "AsyncAPIFlask"),
    "apiflask.app.APIFlask": (ASYNCFLASK + ".apiflask", "AsyncAPIFlask"),
    "flask_openapi3.OpenAPI": (ASYNCFLASK + ".openapi3", "AsyncOpenAPI"),
    "flask_openapi3.openapi.OpenAPI": (ASYNCFLASK + ".openapi3", "AsyncOpenAPI"),
    **_SQLALCHEMY,
}

#: Distributions of whose names some have a counterpart, and the others stay.
BESIDE_FLASK = ("alchemical", "sqlalchemy_helpers")

#: Modules that code imports whole (`import flask`) and what takes their place.
MODULES = {
    "flask": COMPAT,
    "flask.json": COMPAT + ".json",
    "flask.views": COMPAT + ".views",
    "flask_cors": CORS,
    "flask_login": LOGIN,
    "flask_sqlalchemy": DB,
    "flask_sqlalchemy_lite": LITE,
}


def target(dotted: str, frame: Frame = "fastapi") -> tuple[str, str] | None:
    """The (module, name) that takes the place of `flask.request` and its like; None without one."""
    if frame == "flask":
        return _ON_FLASK.get(dotted)
    other = _OTHERS.get(dotted) or _SQLALCHEMY.get(dotted)
    if other is not None:
        return other
    home, _, name = dotted.rpartition(".")
    if home in _FLASK_HOMES and name in _FLASK:
        return COMPAT, name
    if home in _LOGIN_HOMES and name in _LOGIN:
        return LOGIN, name
    return None


def shortest(dotted: str, frame: Frame = "fastapi", *, above: str = "flask") -> str | None:
    """The shortest beginning of a dotted name that has a target, `flask.request` of its attributes.

    It is longer than `above`, a module's name. A module is no such beginning of a name that its
    counterpart doesn't have.
    """
    parts = dotted.split(".")
    for size in range(above.count(".") + 2, len(parts) + 1):
        begun = ".".join(parts[:size])
        whole = begun in MODULES and size < len(parts)
        if target(begun, frame) is not None and not (
            whole and target(".".join(parts[: size + 1]), frame) is None
        ):
            return begun
    return None


def is_direct(module: str, dotted: str) -> bool:
    """Whether the counterpart of a whole module has the name itself, `App` for `Flask` included."""
    found = target(dotted)
    if found is None or dotted.rpartition(".")[0] != module:
        return False
    return found[0] == MODULES.get(module) or (module == "flask.json" and found[1] in _JSON)


def is_flask(dotted: str) -> bool:
    """Whether a dotted name belongs to Flask or to an extension that has a counterpart."""
    return dotted.partition(".")[0] in MODULES


def moves(dotted: str, frame: Frame) -> bool:
    """Whether names of a module may have another home in converted code."""
    top = dotted.partition(".")[0]
    return (
        is_flask(dotted)
        or top in BESIDE_FLASK
        or (frame == "flask" and top in ("apiflask", "connexion", "flask_openapi3"))
    )


def supported(dotted: str) -> bool:
    """Whether converted code can use what `dotted` names; a longer path counts by its beginning.

    `flask.request.args` is the attribute of a supported name.
    """
    if not is_flask(dotted) or dotted in MODULES:
        return True
    return shortest(dotted) is not None or dotted in {
        *_FLASK_HOMES,
        *_LOGIN_HOMES,
        "flask.cli",
        "flask.typing",
    }
