"""/api/catalogue: the one area that goes through repositories."""

from target_app.catalogue.views import bp

__all__ = ["bp"]
