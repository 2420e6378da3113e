from flask import Flask, jsonify, render_template
from sqlalchemy.exc import IntegrityError, NoResultFound

from .database import db_session, init_db
from .commands import register
from .views import bp
from .errors import Missing


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "x"
    app.register_blueprint(bp)
    register(app)

    @app.teardown_appcontext
    def shutdown_session(exception=None):
        db_session.remove()

    @app.errorhandler(Missing)
    def missing(error):
        db_session.rollback()
        from .models import Entry
        return jsonify(error=str(error), entries=Entry.query.count()), 404

    @app.errorhandler(IntegrityError)
    def twice(error):
        db_session.rollback()
        return jsonify(error="twice"), 409

    @app.errorhandler(NoResultFound)
    def nothing(error):
        return jsonify(error="nothing"), 404

    return app
