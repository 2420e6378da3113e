"""Flask extensions: what each does to an application, and so what leaving it out means.

An extension works on a Flask object; the converted application is none. Each known one has an
effect:

``supported``  the runtime has its counterpart (Flask-SQLAlchemy, Flask-Login)
``keep``       it only reads `app.config`: it is given the converted application as it is
``dev``        it serves development only (migrations, debug toolbar): left out, nothing changes
``usage``      code and templates that use it stay on the mount; leaving it out changes nothing else
``context``    it only reads Flask's context: views that use it get it by `@flask_context`
``writes``     it guards requests that change something (CSRF): those stay on the mount
``global``     it changes every request or response: everything stays on the mount
``views``      it adds endpoints of its own, which stay on the mount
``websocket``  it serves websockets, which neither side can

That is where the application is converted to FastAPI; where it stays one of Flask (`frames.py`), all of
them but the last go on as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.queries.step import Refusal

EFFECTS: Mapping[str, str] = {
    "flask": "supported",
    "flask_sqlalchemy": "supported",
    "flask_sqlalchemy_lite": "supported",
    "flask_login": "supported",
    "flask_migrate": "dev",
    "flask_alembic": "dev",
    "flask_debugtoolbar": "dev",
    "flask_script": "dev",
    "flask_shell_ipython": "dev",
    "flask_profiler": "dev",
    "flask_fixtures": "dev",
    "flask_testing": "dev",
    "flask_bcrypt": "keep",
    "flask_mail": "usage",
    "flask_mailman": "usage",
    "flask_moment": "usage",
    "flask_bootstrap": "usage",
    "flask_ckeditor": "usage",
    "flask_dropzone": "usage",
    "flask_avatars": "usage",
    "flask_gravatar": "usage",
    "flask_assets": "usage",
    "flask_caching": "usage",
    "flask_cache": "usage",
    "flask_marshmallow": "usage",
    "flask_jwt_extended": "usage",
    "flask_jwt": "usage",
    "flask_httpauth": "usage",
    "flask_babel": "usage",
    "flask_babelex": "usage",
    "flask_babelplus": "usage",
    "flask_whooshee": "usage",
    "flask_uploads": "usage",
    "flask_pagedown": "usage",
    "flask_wtf": "context",
    "flask_wtf.recaptcha": "usage",
    "flask_wtf.RecaptchaField": "usage",
    "flask_wtf.Recaptcha": "usage",
    "flask_wtf.csrf": "writes",
    "flask_wtf.CSRFProtect": "writes",
    "flask_wtf.CsrfProtect": "writes",
    "flask_seasurf": "writes",
    "flask_limiter": "usage",
    "flask_allows": "usage",
    "flask_redis": "usage",
    "flask_pymongo": "usage",
    "flask_executor": "usage",
    "flask_apscheduler": "usage",
    "flask_celeryext": "usage",
    "flask_principal": "global",
    "flask_cors": "usage",
    "flask_cors.CORS": "supported",
    "flask_cors.extension.CORS": "supported",
    "flask_talisman": "global",
    "flask_compress": "global",
    "flask_session": "global",
    "flask_sslify": "global",
    "flask_security": "global",
    "flask_user": "global",
    "flask_admin": "views",
    "flask_classful": "views",
    "flask_classy": "views",
    "flask_restful": "views",
    "flask_restx": "views",
    "flask_restplus": "views",
    "flask_smorest": "views",
    "flask_appbuilder": "views",
    "flask_socketio": "websocket",
    "flask_sock": "websocket",
    "flask_sockets": "websocket",
    "flask_flatpages": "usage",
    "flask_dance": "views",
    "flask_oauthlib": "usage",
    "authlib": "usage",
    "connexion": "views",
}

#: Those that are converted, on a Flask application alone.
ON_FLASK = frozenset(
    {"alchemical.flask.Alchemical", "sqlalchemy_helpers.flask_ext.DatabaseExtension"}
)
#: Those whose endpoints the URL map holds, or whose routes are decorators.
LISTED = ("flask_restful", "flask_restx", "flask_restplus", "flask_smorest", "connexion")

#: What an extension adds to every template: names, and the templates that it brings.
TEMPLATE_NAMES: Mapping[str, tuple[str, ...]] = {
    "flask_wtf": ("csrf_token",),
    "flask_moment": ("moment", "flask_moment_js"),
    "flask_bootstrap": ("bootstrap", "bootstrap_find_resource", "wtf", "render_form"),
    "flask_ckeditor": ("ckeditor",),
    "flask_dropzone": ("dropzone",),
    "flask_avatars": ("avatars",),
    "flask_gravatar": ("gravatar",),
    "flask_pagedown": ("pagedown",),
    "flask_babel": ("_", "gettext", "ngettext", "datetimeformat", "dateformat", "trans"),
    "flask_babelex": ("_", "gettext", "ngettext", "datetimeformat", "dateformat", "trans"),
    "flask_babelplus": ("_", "gettext", "ngettext", "trans"),
    "flask_assets": ("assets",),
    "flask_principal": (),
}


_MADE_FOR_FLASK = re.compile(r"(?:^|_)flask|^Flask[A-Z]")


def effect(dotted: str) -> str:
    """The effect of what `dotted` names; "" for what is not a Flask extension as far as is known."""
    parts = dotted.split(".")
    for size in range(min(len(parts), 3), 0, -1):
        known = EFFECTS.get(".".join(parts[:size]))
        if known is not None:
            return known
    return "usage" if parts[0].startswith("flask_") else ""


def distribution(dotted: str) -> str:
    """How a reader knows the extension: `flask_wtf.csrf.CSRFProtect` is Flask-Wtf."""
    return dotted.split(".")[0].replace("_", "-").title().replace("Sqlalchemy", "SQLAlchemy")


#: Distributions with a class of applications of their own below Flask's.
_OTHERS_FLASK = frozenset({"apiflask", "flask_openapi3"})


def is_made_for_flask(dotted: str) -> bool:
    """Whether the name of something else than an extension says that it is made for Flask.

    `sentry_sdk.integrations.flask.FlaskIntegration`, `webargs.flaskparser.use_args`.
    """
    home, *parts = dotted.split(".")
    return (
        not effect(dotted) and home not in _OTHERS_FLASK and any(map(_MADE_FOR_FLASK.search, parts))
    )


def refusal(dotted: str, *, in_view: bool = False) -> Refusal | None:
    """Why code that uses `dotted` stays on the mount; None where it need not.

    `in_view` for code that runs in views only, which can be given Flask's context.
    """
    found = effect(dotted)
    if found in {"", "supported", "keep", "dev"} and not is_made_for_flask(dotted):
        return None
    if found == "context" and in_view:
        return None
    return Refusal(
        "MIG406",
        f"it uses {dotted}, which works on a Flask application only",
        f"replace {distribution(dotted)} with something that needs no Flask, then convert again",
    )
