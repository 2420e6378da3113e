"""Models of every mapping that matters to a query's conversion."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import declarative_base, deferred, relationship

Base = declarative_base(cls=AsyncAttrs)

product_tags = Table(
    "product_tags",
    Base.metadata,
    Column("product_id", ForeignKey("products.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Customer(Base):
    __tablename__ = "customers"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    email = Column(String(80), unique=True)
    active = Column(Boolean, default=True)
    credit = Column(Numeric(10, 2))
    orders = relationship("Order", back_populates="customer", order_by="Order.id")
    address = relationship("Address", back_populates="customer", uselist=False)
    notes = relationship(
        "Note", lazy="dynamic", order_by="Note.id", back_populates="customer", cascade="all"
    )

    @hybrid_property
    def label(self):
        return self.name + "!"

    @property
    def domain(self):
        return self.email.partition("@")[2] if self.email else None


class Address(Base):
    __tablename__ = "addresses"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customers.id"))
    city = Column(String(50))
    name = Column(String(50))
    customer = relationship("Customer", back_populates="address")


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customers.id"))
    text = Column(String(100))
    customer = relationship("Customer", back_populates="notes")


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customers.id"))
    status = Column(String(20), default="new")
    total = Column(Float)
    created = Column(DateTime)
    customer = relationship("Customer", back_populates="orders")
    invoices = relationship("Invoice", lazy="dynamic", back_populates="order")
    lines = relationship(
        "Line", back_populates="order", order_by="Line.id", cascade="all, delete-orphan"
    )


class Line(Base):
    __tablename__ = "lines"
    id = Column(Integer, primary_key=True)
    order_id = Column(ForeignKey("orders.id"))
    product_id = Column(ForeignKey("products.id"))
    quantity = Column(Integer)
    price = Column(Float)
    order = relationship("Order", back_populates="lines")
    product = relationship("Product")

    @hybrid_property
    def amount(self):
        return self.quantity * self.price


class Product(Base):
    __tablename__ = "products"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    category_id = Column(ForeignKey("categories.id"))
    price = Column(Float)
    details = Column(JSON)
    description = deferred(Column(String(200)))
    category = relationship("Category", back_populates="products")
    tags = relationship("Tag", secondary=product_tags, back_populates="products", order_by="Tag.id")


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    name = Column(String(30), unique=True)
    products = relationship(
        "Product", secondary=product_tags, back_populates="tags", lazy="dynamic"
    )


class Category(Base):
    __tablename__ = "categories"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    parent_id = Column(ForeignKey("categories.id"))
    parent = relationship("Category", remote_side=[id], back_populates="children")
    children = relationship("Category", back_populates="parent", order_by="Category.id")
    products = relationship("Product", back_populates="category", order_by="Product.id")


class Invoice(Base):
    """A collection that its mapping joins in."""

    __tablename__ = "invoices"
    id = Column(Integer, primary_key=True)
    number = Column(String(20))
    order_id = Column(ForeignKey("orders.id"))
    items = relationship(
        "Item", lazy="joined", order_by="Item.id", back_populates="invoice", cascade="all"
    )
    order = relationship("Order", lazy="joined", back_populates="invoices")


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    invoice_id = Column(ForeignKey("invoices.id"))
    text = Column(String(50))
    amount = Column(Float)
    invoice = relationship("Invoice", back_populates="items", lazy="joined")


class Employee(Base):
    __tablename__ = "employees"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    kind = Column(String(20))
    boss_id = Column(ForeignKey("employees.id"))
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "employee"}


class Manager(Employee):
    __tablename__ = "managers"
    id = Column(ForeignKey("employees.id"), primary_key=True)
    level = Column(Integer)
    __mapper_args__ = {"polymorphic_identity": "manager"}


class Document(Base):
    __tablename__ = "documents"
    id = Column(Integer, primary_key=True)
    kind = Column(String(20))
    title = Column(String(50))
    pages = Column(Integer)
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "document"}


class Report(Document):
    __mapper_args__ = {"polymorphic_identity": "report"}


class Stock(Base):
    __tablename__ = "stock"
    warehouse = Column(String(10), primary_key=True)
    product_id = Column(ForeignKey("products.id"), primary_key=True)
    amount = Column(Integer, nullable=False)
    product = relationship("Product")
    __table_args__ = (UniqueConstraint("warehouse", "product_id"),)


class Account(Base):
    __tablename__ = "accounts"
    id = Column(Integer, primary_key=True)
    owner = Column(String(30))
    balance = Column(Integer, nullable=False)
    version = Column(Integer, nullable=False)
    __mapper_args__ = {"version_id_col": version}
