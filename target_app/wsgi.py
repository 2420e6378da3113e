"""Entry point for gunicorn: `gunicorn legacy_app.wsgi:app`."""

from target_app import create_app

app = create_app()
