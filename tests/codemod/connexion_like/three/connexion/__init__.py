"""As much of connexion 3 as a converted application has to do with: documents in JSON, no validation."""

from connexion.apps.flask import FlaskApp

__all__ = ["FlaskApp"]
