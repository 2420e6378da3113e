"""Takes a Flask + SQLAlchemy application to FastAPI + async SQLAlchemy, with proof."""

__version__ = "0.1.0"
