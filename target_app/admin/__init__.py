"""/api/admin: users, tenants, settings and jobs; one blueprint made of three."""

from migrator.runtime.compat import Blueprint

from target_app.admin.jobs import bp as jobs_bp
from target_app.admin.tenants import bp as tenants_bp
from target_app.admin.users import bp as users_bp

bp = Blueprint("admin", __name__, url_prefix="/api/admin")


@bp.after_request
def mark(response):
    response.headers["X-Area"] = "admin"
    return response


bp.register_blueprint(users_bp)
bp.register_blueprint(tenants_bp)
bp.register_blueprint(jobs_bp)
