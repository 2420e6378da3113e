"""/api/customers: customers, their addresses, orders and statement."""

from target_app.customers.routes import bp

__all__ = ["bp"]
