"""/health: for load balancers and monitoring."""

from migrator.runtime.compat import Blueprint, current_app, jsonify
from sqlalchemy import text

from target_app.extensions import db

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("")
def alive():
    return {"status": "ok"}


@bp.get("/db")
async def database():
    value = (await db.session.execute(text("SELECT 1"))).scalar()
    return jsonify(status="ok", database=db.engine.dialect.name, value=value)


@bp.get("/config")
def configuration():
    """The settings that support asks for first."""
    names = ("ITEMS_PER_PAGE", "MAX_ITEMS_PER_PAGE", "TAX_RATE", "PAYMENT_TERM_DAYS")
    return {name.lower(): current_app.config[name] for name in names}
