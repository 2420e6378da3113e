"""Units of work: sessions of a factory that is a default, told by what they are asked for."""

import abc
import os

from flask import Flask, jsonify, request
from sqlalchemy import ForeignKey, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
Sessions = sessionmaker(bind=engine)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    batches: Mapped[list["Batch"]] = relationship(order_by="Batch.id")


class Batch(Base):
    __tablename__ = "batches"
    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))


class Products:
    def __init__(self, session):
        self.session = session

    def get(self, sku):
        return self.session.query(Product).filter_by(sku=sku).first()


class Unit(abc.ABC):
    products: Products

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.rollback()

    def commit(self):
        self._commit()

    @abc.abstractmethod
    def _commit(self):
        raise NotImplementedError

    @abc.abstractmethod
    def rollback(self):
        raise NotImplementedError


class OfSessions(Unit):
    def __init__(self, factory=Sessions):
        self.factory = factory

    def __enter__(self):
        self.session = self.factory()
        self.products = Products(self.session)
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.session.close()

    def _commit(self):
        self.session.commit()

    def rollback(self):
        self.session.rollback()


class Archive:
    """Keeps its session by a name that tells nothing."""

    def __init__(self, factory):
        self.work = factory()

    def empty(self, size):
        self.work.flush()
        self.work.execute(text("DELETE FROM batches WHERE size = :size"), {"size": size})
        left = self.work.get(Batch, 1)
        self.work.commit()
        self.work.close()
        return left is not None


def create_app():
    app = Flask(__name__)

    @app.get("/products/<sku>")
    def show(sku):
        with OfSessions() as unit:
            found = unit.products.get(sku)
            return jsonify(found and [batch.size for batch in found.batches])

    @app.post("/products/<sku>")
    def receive(sku):
        with OfSessions() as unit:
            found = unit.products.get(sku)
            found.batches.append(Batch(size=request.form.get("size", type=int)))
            unit.session.execute(text("DELETE FROM batches WHERE size = 0"))
            if "lost" not in request.form:
                unit.commit()
        return jsonify(len(unit.session.new), unit.session.in_transaction())

    @app.delete("/batches/<int:size>")
    def empty(size):
        return jsonify(Archive(globals()[request.args.get("factory", "Sessions")]).empty(size))

    return app
