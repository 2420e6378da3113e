"""Settings: everything that differs between a laptop, CI and production comes from the environment."""

import os


def normalise_database_url(url):
    """Spell out the psycopg2 driver.

    Hosting providers still hand out `postgres://`, which SQLAlchemy refuses since 1.4, and a bare
    `postgresql://` means another driver since 2.1.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme.partition("+")[0] in ("postgres", "postgresql"):
        return "postgresql+psycopg2://" + rest
    return url


class Config:
    """Defaults; `create_app(config)` overrides them, mostly in tests."""

    DEBUG = False
    TESTING = False
    SQLALCHEMY_TRACK_MODIFICATIONS = False
    SESSION_COOKIE_NAME = "storefront_session"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_HTTPONLY = True
    MAX_CONTENT_LENGTH = 2 * 1024 * 1024
    ITEMS_PER_PAGE = 20
    MAX_ITEMS_PER_PAGE = 100
    LOW_STOCK_LIMIT = 50
    TAX_RATE = "0.20"
    PAYMENT_TERM_DAYS = 30
    # Old accounts carry cheap hashes; they are renewed when the user changes the password.
    PASSWORD_HASH_METHOD = "pbkdf2:sha256:1000"
    ALLOWED_UPLOADS = ("application/pdf", "image/png", "image/jpeg", "text/csv", "text/plain")


def from_environment(instance_path):
    """The two settings that every deployment has to give, with defaults for a laptop."""
    default_url = "sqlite:///" + os.path.join(instance_path, "storefront.sqlite3")
    url = os.environ.get("DATABASE_URL") or default_url
    return {
        "SECRET_KEY": os.environ.get("SECRET_KEY") or "development only",
        "SQLALCHEMY_DATABASE_URI": normalise_database_url(url),
    }
