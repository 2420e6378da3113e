"""What happens around every request: who is the tenant, which headers go out."""

from migrator.runtime.compat import g, request
from migrator.runtime.compat.login import current_user, get_current_user

from target_app.extensions import db
from target_app.models import Tenant
from migrator.runtime.db import bridge
from sqlalchemy import select


async def load_tenant():
    """Put the tenant in `g`: the user's own, or for a superuser the one in `X-Tenant`."""
    # The load balancer numbers the requests; on a laptop there is none.
    g.request_id = request.headers.get("X-Request-ID", "-")[:64]
    g.tenant = None
    if request.endpoint in (None, "static"):
        return
    if await bridge(getattr, await get_current_user(), "is_authenticated"):
        g.tenant = await bridge(getattr, await get_current_user(), "tenant")
        slug = request.headers.get("X-Tenant")
        if slug and slug != g.tenant.slug and (await get_current_user()).is_superuser:
            g.tenant = await db.first_or_404(select(Tenant).filter_by(slug=slug), description=f"There is no tenant {slug}.")


def add_headers(response):
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    if g.get("tenant") is not None:
        response.headers["X-Tenant"] = g.tenant.slug
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


async def roll_back_after_errors(error):
    if error is not None:
        await db.session.rollback()


def register_hooks(app):
    app.before_request(load_tenant)
    app.after_request(add_headers)
    app.teardown_request(roll_back_after_errors)
