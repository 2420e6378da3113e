"""Who is asking: sessions for people, tokens for programs."""

from target_app.auth.routes import bp

__all__ = ["bp"]
