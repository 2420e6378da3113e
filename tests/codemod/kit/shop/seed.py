"""The same rows for every run: duplicates, NULLs, empty collections and awkward text included."""

from datetime import datetime

from .models import (
    Account,
    Address,
    Base,
    Category,
    Customer,
    Document,
    Employee,
    Invoice,
    Item,
    Line,
    Manager,
    Note,
    Order,
    Product,
    Report,
    Stock,
    Tag,
)


def seed(session):
    Base.metadata.create_all(session.connection())
    root = Category(id=1, name="Everything")
    tools = Category(id=2, name="Tools", parent=root)
    toys = Category(id=3, name="Toys", parent=root)
    small = Category(id=4, name="Small", parent=tools)
    tags = [Tag(id=i, name=n) for i, n in enumerate(["red", "blue", "új", "unused"], 1)]
    products = [
        Product(
            id=i,
            name=f"P{i % 4}",
            category=[tools, toys, small, None][i % 4],
            price=[1.5, 20.0, None, 7.25][i % 4],
            details={"size": i, "list": [1, i]} if i % 3 else None,
            description=f"about {i}",
        )
        for i in range(1, 9)
    ]
    for product in products:
        product.tags = [t for t in tags[:3] if (product.id + t.id) % 2]
    session.add_all([root, tools, toys, small, *tags, *products])
    for i in range(1, 7):
        customer = Customer(
            id=i,
            name=["Ann", "Bob", "Cy", "Ann", "Éva", "Zed"][i - 1],
            email=f"c{i}@example.org" if i != 3 else None,
            active=i % 2 == 1,
            credit=i * 100,
        )
        session.add(customer)
        if i < 5:
            session.add(Address(id=i, customer=customer, city=["Rome", "Oslo"][i % 2], name="home"))
        for n in range(i % 3):
            session.add(Note(id=i * 10 + n, customer=customer, text=f"note {n} of {i}"))
    line_id = 1
    for i in range(1, 11):
        order = Order(
            id=i,
            customer_id=(i % 5) + 1,
            status=["new", "paid", "sent"][i % 3],
            total=float(i * 10) if i != 7 else None,
            created=datetime(2024, 1, i, 12),
        )
        session.add(order)
        for n in range(i % 4):
            session.add(
                Line(
                    id=line_id,
                    order=order,
                    product_id=products[(i + n) % 8].id,
                    quantity=n + 1,
                    price=2.5 * i,
                )
            )
            line_id += 1
    session.flush()
    for i in range(1, 4):
        session.add(
            Invoice(
                id=i,
                number=f"INV-{i}",
                order_id=i,
                items=[
                    Item(id=i * 10 + n, text=f"item {n}", amount=1.5 * n) for n in range(i)
                ],
            )
        )
    session.add_all(
        [
            Manager(id=1, name="Meg", level=3),
            Employee(id=2, name="Ed", boss_id=1),
            Employee(id=3, name="Eve", boss_id=1),
            Manager(id=4, name="Max", level=1, boss_id=1),
            Document(id=1, title="plan", pages=3),
            Report(id=2, title="sales", pages=12),
            Report(id=3, title="costs", pages=None),
            *(
                Stock(warehouse=w, product_id=p, amount=p * 5)
                for w in ("north", "south")
                for p in range(1, 5)
            ),
            Account(id=1, owner="ann", balance=100),
            Account(id=2, owner="bob", balance=5),
        ]
    )
    session.commit()
