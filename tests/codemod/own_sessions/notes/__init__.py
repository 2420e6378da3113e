from flask import Flask, g, jsonify

from .db import SessionLocal, close_session, get_session
from .models import User
from .views import bp


def create_app():
    app = Flask(__name__)
    app.register_blueprint(bp)

    @app.before_request
    def open_session():
        g.db = SessionLocal()
        g.user = g.db.query(User).filter_by(name="ann").first()

    @app.teardown_request
    def close(error=None):
        db = g.pop("db", None)
        if db is not None:
            if error is not None:
                db.rollback()
            db.close()

    @app.teardown_appcontext
    def close_helper(error=None):
        close_session()

    @app.errorhandler(404)
    def not_found(error):
        return jsonify(error="not found", notes=get_session().query(User).count()), 404

    return app
