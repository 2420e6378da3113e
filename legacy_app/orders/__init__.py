"""/api/orders: the life of an order."""

from legacy_app.orders.routes import bp

__all__ = ["bp"]
