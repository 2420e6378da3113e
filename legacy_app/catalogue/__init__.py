"""/api/catalogue: the one area that goes through repositories."""

from legacy_app.catalogue.views import bp

__all__ = ["bp"]
