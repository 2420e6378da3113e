"""Figures over many rows: most of them one statement, some put together in Python."""

from collections import OrderedDict
from decimal import Decimal

from sqlalchemy import and_, case, distinct, extract, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload, selectinload

from target_app.extensions import db
from target_app.models import (
    Category,
    Customer,
    Invoice,
    Order,
    OrderLine,
    Product,
    StockLevel,
    Tag,
    User,
    Warehouse,
)
from target_app.utils import money
from migrator.runtime.db import any_of, bridge, by_key, query_rows


async def sales_by_month(tenant, year=None):
    """[{year, month, orders, customers, revenue}], oldest first."""
    year_column = extract("year", Order.placed_at)
    month_column = extract("month", Order.placed_at)
    query = (
        select(
            year_column.label("year"),
            month_column.label("month"),
            func.count(distinct(Order.id)).label("orders"),
            func.count(distinct(Order.customer_id)).label("customers"),
            func.sum(OrderLine.amount).label("revenue"),
        )
        .join(Order.lines)
        .where(Order.tenant_id == tenant.id, Order.status == "shipped")
        .group_by(year_column, month_column)
        .order_by(year_column, month_column)
    )
    if year is not None:
        query = query.where(year_column == year)
    # PostgreSQL's extract() gives numerics, SQLite's integers.
    return [
        {
            "year": int(row.year),
            "month": int(row.month),
            "orders": row.orders,
            "customers": row.customers,
            "revenue": money(row.revenue),
        }
        for row in await db.session.execute(query)
    ]


async def top_products(tenant, limit):
    """[(product, pieces, revenue)], the most lucrative first."""
    pieces = func.sum(OrderLine.quantity).label("pieces")
    revenue = func.sum(OrderLine.amount).label("revenue")
    return (
        (await query_rows(
            select(Product, pieces, revenue)
            .join(OrderLine, OrderLine.product_id == Product.id)
            .join(OrderLine.order)
            .where(Order.tenant_id == tenant.id, Order.status != "cancelled")
            .group_by(Product.id)
            .order_by(revenue.desc(), Product.id)
            .limit(limit),
            db.session
        )).all()
    )


async def sleeping_customers(tenant):
    """Customers without any order, by an outer join."""
    return (
        (await db.session.scalars(
            (await bridge(Customer.alive)).statement
            .where(Customer.tenant_id == tenant.id)
            .outerjoin(Order, Order.customer_id == Customer.id)
            .where(Order.id.is_(None))
            .order_by(Customer.code)
        )).unique().all()
    )


def customers_with_big_orders(tenant, minimum):
    """Customers with an order of at least `minimum`, by a subquery of sums."""
    sums = (
        select(OrderLine.order_id, func.sum(OrderLine.amount).label("total"))
        .group_by(OrderLine.order_id)
        .subquery()
    )
    return (
        select(Customer, func.max(sums.c.total).label("largest"))
        .join(Order, Order.customer_id == Customer.id)
        .join(sums, sums.c.order_id == Order.id)
        .where(Customer.tenant_id == tenant.id, sums.c.total >= minimum)
        .group_by(Customer)
        .order_by(func.max(sums.c.total).desc(), Customer.id)
    )


async def customers_who_bought(tenant, sku):
    """Whoever bought the product, each one once."""
    return (
        (await db.session.scalars(
            select(Customer).join(Customer.orders)
            .join(Order.lines)
            .join(OrderLine.product)
            .where(Customer.tenant_id == tenant.id, Product.sku == sku)
            .order_by(Customer.id)
        )).unique().all()
    )


async def bought_together(tenant, product):
    """[(sku, name, times)] of what shares orders with the product: a self join."""
    other = aliased(OrderLine)
    times = func.count(distinct(other.order_id)).label("times")
    return (
        (await query_rows(
            select(Product.sku, Product.name, times)
            .select_from(OrderLine)
            .join(other, and_(other.order_id == OrderLine.order_id, other.id != OrderLine.id))
            .join(Product, Product.id == other.product_id)
            .where(OrderLine.product_id == product.id, Product.id != product.id)
            .where(Product.tenant_id == tenant.id)
            .group_by(Product.sku, Product.name)
            .order_by(times.desc(), Product.sku)
            .limit(10),
            db.session
        )).all()
    )


async def revenue_by_category(tenant):
    """The tree of categories, each with the revenue of everything below it."""
    rows = (
        (await query_rows(
            select(Product.category_id, func.sum(OrderLine.amount))
            .join(OrderLine, OrderLine.product_id == Product.id)
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.tenant_id == tenant.id, Order.status == "shipped")
            .group_by(Product.category_id),
            db.session
        )).all()
    )
    own = dict(rows)

    async def node(category):
        children = [await node(child) for child in await category.awaitable_attrs.children]
        total = own.get(category.id, Decimal(0)) + sum(child["exact"] for child in children)
        return {"name": category.name, "path": await category.awaitable_attrs.path, "exact": total, "children": children}

    roots = select(Category).filter_by(tenant_id=tenant.id, parent=None)
    tree = [await node(category) for category in await db.session.scalars(roots.order_by(Category.position, Category.id).options(selectinload(Category.children)))]
    return round_tree(tree), money(own.get(None, Decimal(0)))


def round_tree(nodes):
    for each in nodes:
        each["revenue"] = money(each.pop("exact"))
        round_tree(each["children"])
    return nodes


async def stock_value(tenant):
    """[(warehouse code, pieces, value)]; products without a cost count by their price."""
    cost = func.coalesce(Product.cost, Product.price)
    rows = (
        (await query_rows(
            select(
                Warehouse.code,
                func.sum(StockLevel.quantity),
                func.sum(StockLevel.quantity * cost),
                func.sum(case((StockLevel.quantity == 0, 1), else_=0)),
            )
            .outerjoin(StockLevel, StockLevel.warehouse_id == Warehouse.id)
            .outerjoin(Product, Product.id == StockLevel.product_id)
            .where(Warehouse.tenant_id == tenant.id)
            .group_by(Warehouse.code)
            .order_by(Warehouse.code),
            db.session
        )).all()
    )
    return [
        (code, int(pieces or 0), money(value or 0), int(empty or 0))
        for code, pieces, value, empty in rows
    ]


async def directory(tenant, term):
    """Customers and users with a name like the term, in one list: a UNION of two queries."""
    customers = select(
        literal("customer").label("kind"), Customer.id.label("id"), Customer.name.label("name")
    ).where(Customer.tenant_id == tenant.id, Customer.name.ilike(f"%{term}%"))
    users = select(
        literal("user").label("kind"), User.id.label("id"), User.name.label("name")
    ).where(User.tenant_id == tenant.id, User.name.ilike(f"%{term}%"))
    return (await db.session.execute(select(*customers.union(users).subquery().c).order_by("name", "kind", "id"))).all()


def notable_orders(tenant):
    """Open orders and very large ones, each once: a UNION of entities."""
    orders = select(Order).where(Order.tenant_id == tenant.id)
    urgent = orders.where(Order.is_open, Order.required_on.isnot(None))
    large = orders.where(Order.discount_percent >= 50, Order.status == "submitted")
    return select(united := aliased(Order, urgent.union(large).subquery())).order_by(united.id)


async def activity(tenant, limit):
    """The newest orders and invoices in one stream, 2.0-style."""
    orders = select(
        literal("order").label("kind"), Order.id.label("id"), Order.created_at.label("at")
    ).where(Order.tenant_id == tenant.id)
    invoices = select(
        literal("invoice").label("kind"), Invoice.id.label("id"), Invoice.created_at.label("at")
    ).where(Invoice.tenant_id == tenant.id)
    both = union_all(orders, invoices).subquery()
    statement = select(both).order_by(both.c.at.desc(), both.c.kind, both.c.id).limit(limit)
    return [dict(row) for row in (await db.session.execute(statement)).mappings()]


async def tag_cloud(tenant):
    """{tag: number of products}, unused tags included."""
    rows = (
        select(Tag.name, func.count(Product.id))
        .outerjoin(Tag.products)
        .where(Tag.tenant_id == tenant.id)
        .group_by(Tag.name)
        .order_by(Tag.name)
    )
    return OrderedDict((name, count) for name, count in await db.session.execute(rows))


async def managers(tenant):
    """Account managers with their customers, the busiest first; sorted over lazy relations."""
    customers = (
        (await db.session.scalars(
            (await bridge(Customer.alive)).statement
            .filter_by(tenant_id=tenant.id)
            .where(Customer.account_manager_id.isnot(None))
            .order_by(Customer.id)
        )).unique().all()
    )
    by_manager = {}
    for customer in by_key(sorted, [((await customer.awaitable_attrs.account_manager).email, customer) for customer in customers]):
        by_manager.setdefault(await customer.awaitable_attrs.account_manager, []).append(customer)
    ranking = sorted(by_manager.items(), key=lambda pair: (-len(pair[1]), pair[0].email))
    return [
        {
            "manager": manager.name,
            "customers": len(theirs),
            "orders": sum([await db.session.scalar(select(func.count()).select_from(customer.orders.subquery())) for customer in theirs]),
            "late": await any_of(invoice.is_overdue for each in theirs for invoice in await each.awaitable_attrs.invoices),
        }
        for manager, theirs in ranking
    ]


async def numbers(tenant):
    """The single numbers of the dashboard."""
    average = select(func.avg(Invoice.net)).where(Invoice.tenant_id == tenant.id)
    first = select(func.min(Order.placed_at)).where(Order.tenant_id == tenant.id)
    return {
        "average_invoice": money(await db.session.scalar(average)),
        "first_order": await db.session.scalar(first),
        "products": await db.session.scalar(select(func.count()).select_from(select(Product).filter_by(tenant_id=tenant.id).subquery())),
        "skus_sold": await db.session.scalar(select(func.count()).select_from(
            select(OrderLine.product_id)
            .join(OrderLine.order)
            .where(Order.tenant_id == tenant.id)
            .distinct()
            .subquery()
        )),
        "without_price": (await db.session.execute(select(
            select(Product).filter_by(tenant_id=tenant.id, price=0).exists()
        ))).scalar_one_or_none(),
        "contactable": await db.session.scalar(select(func.count()).select_from(select(Customer).where(
            Customer.tenant_id == tenant.id,
            or_(Customer.email != "", Customer.account_manager_id.isnot(None)),
        ).subquery())),
    }


def export_query(tenant, status=None):
    """What the export of orders streams."""
    query = (
        select(Order)
        .options(joinedload(Order.customer), selectinload(Order.lines))
        .where(Order.tenant_id == tenant.id)
    )
    if status:
        query = query.where(Order.status == status)
    return query.order_by(Order.id)
