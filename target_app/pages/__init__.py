"""The server-rendered part: entrance, shop and backoffice."""

from target_app.pages.backoffice import bp as backoffice_bp
from target_app.pages.entrance import bp as pages_bp
from target_app.pages.shop import bp as shop_bp

__all__ = ["backoffice_bp", "pages_bp", "shop_bp"]
