"""Guards for views."""

from functools import wraps

from migrator.runtime.compat import g, request
from migrator.runtime.compat.login import current_user, login_required, get_current_user

from target_app.errors import Forbidden
from migrator.runtime.db import call


def roles_required(*names):
    """Only for users with one of the roles (administrators have all of them)."""

    def decorator(view):
        @wraps(view)
        @login_required
        async def guarded(*args, **kwargs):
            if not (await get_current_user()).has_role(*names):
                raise Forbidden("Your role does not allow this.", needed=sorted(names))
            if g.get("token_scope") == "read" and request.method not in ("GET", "HEAD"):
                raise Forbidden("This token may only read.")
            return await call(view, *args, **kwargs)

        return guarded

    return decorator


def superuser_required(view):
    @wraps(view)
    @login_required
    async def guarded(*args, **kwargs):
        if not (await get_current_user()).is_superuser:
            raise Forbidden("Only for operators.")
        return await call(view, *args, **kwargs)

    return guarded
