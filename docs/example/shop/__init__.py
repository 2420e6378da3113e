"""A small shop, as the README and the playbook show it: Flask, Flask-SQLAlchemy, one blueprint."""

import os

from flask import Flask

from shop.models import Customer, Order, db


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "development only")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3")
    db.init_app(app)

    from shop.orders import bp

    app.register_blueprint(bp)

    @app.cli.command("seed")
    def seed():
        """Make the tables and three orders."""
        db.create_all()
        ada = Customer(name="Ada")
        db.session.add_all(Order(total=total, customer=ada) for total in (30, 10, 20))
        db.session.commit()

    return app
