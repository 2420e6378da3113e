"""What a product costs for a customer and a quantity."""

from decimal import Decimal


async def category_discount(category):
    """The nearest discount on the way up the tree, in percent."""
    while category is not None:
        if category.discount_percent is not None:
            return category.discount_percent
        category = await category.awaitable_attrs.parent
    return Decimal(0)


async def list_price(product, quantity):
    """The best price break that the quantity reaches, else the product's price."""
    reached = [step for step in await product.awaitable_attrs.price_breaks if step.min_quantity <= quantity]
    if not reached:
        return product.price
    return min(step.price for step in reached)


async def unit_price(product, quantity):
    """The price for one piece, with four decimals."""
    discount = await category_discount(await product.awaitable_attrs.category)
    factor = (Decimal(100) - discount) / Decimal(100)
    return ((await list_price(product, quantity)) * factor).quantize(Decimal("0.0001"))
