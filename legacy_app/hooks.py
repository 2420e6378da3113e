"""What happens around every request: who is the tenant, which headers go out."""

from flask import g, request
from flask_login import current_user

from legacy_app.extensions import db
from legacy_app.models import Tenant


def load_tenant():
    """Put the tenant in `g`: the user's own, or for a superuser the one in `X-Tenant`."""
    # The load balancer numbers the requests; on a laptop there is none.
    g.request_id = request.headers.get("X-Request-ID", "-")[:64]
    g.tenant = None
    if request.endpoint in (None, "static"):
        return
    if current_user.is_authenticated:
        g.tenant = current_user.tenant
        slug = request.headers.get("X-Tenant")
        if slug and slug != g.tenant.slug and current_user.is_superuser:
            g.tenant = Tenant.query.filter_by(slug=slug).first_or_404(
                description=f"There is no tenant {slug}."
            )


def add_headers(response):
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    if g.get("tenant") is not None:
        response.headers["X-Tenant"] = g.tenant.slug
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


def roll_back_after_errors(error):
    if error is not None:
        db.session.rollback()


def register_hooks(app):
    app.before_request(load_tenant)
    app.after_request(add_headers)
    app.teardown_request(roll_back_after_errors)
