"""/health: for load balancers and monitoring."""

from flask import Blueprint, current_app, jsonify
from sqlalchemy import text

from legacy_app.extensions import db

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.route("")
def alive():
    return {"status": "ok"}


@bp.route("/db")
def database():
    value = db.session.execute(text("SELECT 1")).scalar()
    return jsonify(status="ok", database=db.engine.dialect.name, value=value)


@bp.route("/config")
def configuration():
    """The settings that support asks for first."""
    names = ("ITEMS_PER_PAGE", "MAX_ITEMS_PER_PAGE", "TAX_RATE", "PAYMENT_TERM_DAYS")
    return {name.lower(): current_app.config[name] for name in names}
