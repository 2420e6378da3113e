"""/api/admin: users, tenants, settings and jobs; one blueprint made of three."""

from flask import Blueprint

from legacy_app.admin.jobs import bp as jobs_bp
from legacy_app.admin.tenants import bp as tenants_bp
from legacy_app.admin.users import bp as users_bp

bp = Blueprint("admin", __name__, url_prefix="/api/admin")


@bp.after_request
def mark(response):
    response.headers["X-Area"] = "admin"
    return response


bp.register_blueprint(users_bp)
bp.register_blueprint(tenants_bp)
bp.register_blueprint(jobs_bp)
