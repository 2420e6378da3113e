"""The server-rendered part: entrance, shop and backoffice."""

from legacy_app.pages.backoffice import bp as backoffice_bp
from legacy_app.pages.entrance import bp as pages_bp
from legacy_app.pages.shop import bp as shop_bp

__all__ = ["backoffice_bp", "pages_bp", "shop_bp"]
