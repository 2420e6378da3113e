"""A B2B storefront: the application factory."""

import os

from migrator.runtime.compat import App

from target_app.config import Config, from_environment, normalise_database_url
from target_app.errors import register_error_handlers
from target_app.extensions import db, login_manager, migrate
from target_app.hooks import register_hooks

__version__ = "4.7.1"


def create_app(config=None):
    """The WSGI application; `config` overrides what the environment says."""
    app = App(__name__, instance_relative_config=True)
    app.config.from_object(Config)
    app.config.from_mapping(from_environment(app.instance_path))
    app.config.from_pyfile("storefront.cfg", silent=True)
    if config is not None:
        app.config.from_mapping(config)
        url = normalise_database_url(app.config["SQLALCHEMY_DATABASE_URI"])
        app.config["SQLALCHEMY_DATABASE_URI"] = url
    os.makedirs(app.instance_path, exist_ok=True)

    register_extensions(app)
    register_hooks(app)
    register_error_handlers(app)
    register_blueprints(app)
    register_templates(app)
    register_commands(app)
    return app


def register_extensions(app):
    # The models have to be known before the first query and before `flask db migrate`.
    from target_app import models  # noqa: F401
    from target_app.auth import loaders  # noqa: F401

    db.init_app(app)
    # migrator: MIG410: Flask-Migrate stays with the legacy application
    login_manager.init_app(app)


def register_blueprints(app):
    from target_app.admin import bp as admin_bp
    from target_app.attachments import bp as attachments_bp
    from target_app.audit import bp as audit_bp
    from target_app.auth import bp as auth_bp
    from target_app.catalogue import bp as catalogue_bp
    from target_app.customers import bp as customers_bp
    from target_app.health import bp as health_bp
    from target_app.invoices import bp as invoices_bp
    from target_app.orders import bp as orders_bp
    from target_app.pages import backoffice_bp, pages_bp, shop_bp
    from target_app.payments import bp as payments_bp
    from target_app.reports import bp as reports_bp
    from target_app.stock import bp as stock_bp

    app.register_blueprint(health_bp)
    app.register_blueprint(auth_bp)
    app.register_blueprint(catalogue_bp)
    app.register_blueprint(customers_bp)
    app.register_blueprint(orders_bp)
    app.register_blueprint(invoices_bp)
    app.register_blueprint(payments_bp)
    app.register_blueprint(stock_bp)
    app.register_blueprint(reports_bp)
    app.register_blueprint(attachments_bp)
    app.register_blueprint(audit_bp)
    app.register_blueprint(admin_bp)
    app.register_blueprint(pages_bp)
    app.register_blueprint(shop_bp)
    app.register_blueprint(backoffice_bp)


def register_templates(app):
    from target_app.templating import register

    register(app)


def register_commands(app):
    from target_app.cli import register

    register(app)
