"""The catalogue's repositories: everything that its views ask of the database."""

from target_app.catalogue import queries
from target_app.models import Category, Product, Tag
from migrator.runtime.db import SyncRepository, AsyncRepository


class ProductRepository(AsyncRepository):
    model = Product

    def find(self, tenant_id, filters):
        """The statement for a list of products; `filters` is what the view read from the URL."""
        statement = queries.products(tenant_id)
        if filters.get("term"):
            statement = queries.with_term(statement, filters["term"])
        if filters.get("tag"):
            statement = queries.with_tag(statement, filters["tag"])
        if filters.get("category_ids") is not None:
            statement = statement.where(queries.below(filters["category_ids"]))
        if filters.get("in_stock"):
            statement = queries.in_stock(statement)
        statement = queries.priced(statement, filters.get("minimum"), filters.get("maximum"))
        return queries.sorted_by(statement, filters.get("sort") or "id")

    async def of_tenant(self, tenant_id, product_id):
        """The product, or None when it is deleted or another tenant's."""
        return await self.one_or_none(queries.products(tenant_id).where(Product.id == product_id))

    async def by_sku(self, tenant_id, sku):
        return await self.one_or_none(queries.products(tenant_id).where(Product.sku == sku))

    async def sku_taken(self, tenant_id, sku):
        # Deleted products keep their SKU.
        return await self.exists(self.select(Product.sku == sku, tenant_id=tenant_id))

    async def reprice(self, tenant_id, category_ids, factor):
        return (await self.execute(queries.reprice(tenant_id, category_ids, factor))).rowcount


class CategoryRepository(AsyncRepository):
    model = Category

    async def roots(self, tenant_id):
        return await self.list(queries.roots(tenant_id))

    async def by_slug(self, tenant_id, slug):
        return await self.first(self.select(tenant_id=tenant_id, slug=slug))

    async def of_tenant(self, tenant_id, category_id):
        return await self.first(self.select(Category.id == category_id, tenant_id=tenant_id))

    async def ids_below(self, category):
        """The category's id and those of everything below it."""
        return [each.id async for each in category.walk()]


class TagRepository(AsyncRepository):
    model = Tag

    async def with_counts(self, tenant_id):
        return (await self.execute(queries.tags_with_counts(tenant_id))).all()

    async def named(self, tenant_id, names):
        """Tags with these names; missing ones are made."""
        found = {tag.name: tag for tag in await self.list(queries.tags_named(tenant_id, names))}
        for name in names:
            if name not in found:
                found[name] = self.add(Tag(tenant_id=tenant_id, name=name))
        return [found[name] for name in sorted(found)]
