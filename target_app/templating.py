"""What every template may use: filters, globals and the shop's navigation."""

from migrator.runtime.compat import g

from target_app.models import Category
from target_app.utils import money
from migrator.runtime.db import unbridged
from target_app.extensions import db


def format_money(value, currency=None):
    """1234.5 → "1,234.50 EUR"; a dash for None."""
    if value is None:
        return "–"
    if currency is None and g.get("tenant") is not None:
        currency = g.tenant.currency
    return f"{money(value):,} {currency or ''}".strip()


def format_date(value, pattern="%d.%m.%Y"):
    return value.strftime(pattern) if value is not None else ""


def inject_navigation():
    """The top categories of the tenant at hand, for the menu; a query only when it is drawn."""

    @unbridged
    async def top_categories():
        if g.get("tenant") is None:
            return []
        return (
            (await db.session.scalars(
                Category.for_tenant(g.tenant)
                .where(Category.parent_id.is_(None))
                .order_by(Category.position, Category.id)
            )).unique().all()
        )

    return {"top_categories": top_categories, "tenant": g.get("tenant")}


def register(app):
    app.add_template_filter(format_money, "money")
    app.add_template_filter(format_date, "date")
    app.context_processor(inject_navigation)
