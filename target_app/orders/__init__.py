"""/api/orders: the life of an order."""

from target_app.orders.routes import bp

__all__ = ["bp"]
