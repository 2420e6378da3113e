"""/api/customers: customers, their addresses, orders and statement."""

from legacy_app.customers.routes import bp

__all__ = ["bp"]
