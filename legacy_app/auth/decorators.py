"""Guards for views."""

from functools import wraps

from flask import g, request
from flask_login import current_user, login_required

from legacy_app.errors import Forbidden


def roles_required(*names):
    """Only for users with one of the roles (administrators have all of them)."""

    def decorator(view):
        @wraps(view)
        @login_required
        def guarded(*args, **kwargs):
            if not current_user.has_role(*names):
                raise Forbidden("Your role does not allow this.", needed=sorted(names))
            if g.get("token_scope") == "read" and request.method not in ("GET", "HEAD"):
                raise Forbidden("This token may only read.")
            return view(*args, **kwargs)

        return guarded

    return decorator


def superuser_required(view):
    @wraps(view)
    @login_required
    def guarded(*args, **kwargs):
        if not current_user.is_superuser:
            raise Forbidden("Only for operators.")
        return view(*args, **kwargs)

    return guarded
