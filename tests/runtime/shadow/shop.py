"""One small shop twice: on Flask, and by hand on FastAPI where differences can be planted."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import flask
import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from flask.sessions import SecureCookieSessionInterface
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.responses import StreamingResponse

SECRET = "not a secret"


class Base(DeclarativeBase):
    pass


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    logins: Mapped[int] = mapped_column(default=0)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id", ondelete="CASCADE"))
    total: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))
    note: Mapped[str | None]
    reference: Mapped[str] = mapped_column(default=lambda: str(uuid.uuid4()))
    created_at: Mapped[datetime] = mapped_column(default=_now)
    stored_at: Mapped[datetime] = mapped_column(sa.DateTime(True), server_default=sa.func.now())


class Audit(Base):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str]


def async_url(url: str) -> str:
    """The same database through the async driver."""
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        return url.replace("sqlite:", "sqlite+aiosqlite:")
    made = made.set(drivername="postgresql+asyncpg")
    return made.render_as_string(hide_password=False)


def sync_url(url: str) -> str:
    """The same database through psycopg2 or sqlite3, by name."""
    made = sa.make_url(url)
    driver = "sqlite" if made.get_backend_name() == "sqlite" else "postgresql+psycopg2"
    return made.set(drivername=driver).render_as_string(hide_password=False)


def seed(url: str) -> None:
    """Make the tables and a few rows."""
    engine = sa.create_engine(sync_url(url))
    Base.metadata.create_all(engine)
    with sa.orm.Session(engine) as session:
        for name in ("Ada", "Grace", "Zoë"):
            session.add(Customer(name=name, active=name != "Grace"))
        session.flush()
        for n in range(1, 8):
            session.add(
                Order(
                    customer_id=n % 3 + 1,
                    total=Decimal(n) + Decimal("0.10"),
                    note=None if n % 2 else f"née {n}",
                    reference=f"R{n}",
                    created_at=datetime(2026, 1, n, 12, 0),
                    stored_at=datetime(2026, 1, n, 12, 0, tzinfo=UTC),
                )
            )
        session.commit()
    engine.dispose()


def order_dict(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "customer": order.customer_id,
        "total": order.total,
        "note": order.note,
        "reference": order.reference,
        "created_at": order.created_at,
        "paid": False,
    }


# ---- Flask


def make_legacy(url: str) -> flask.Flask:
    """The legacy side."""
    app = flask.Flask("shop")
    app.config.update(SECRET_KEY=SECRET, SQLALCHEMY_DATABASE_URI=sync_url(url))
    db = SQLAlchemy(model_class=Base)
    db.init_app(app)

    @app.post("/login")
    def login() -> Any:
        customer = db.session.scalar(sa.select(Customer).filter_by(name=flask.request.form["name"]))
        if customer is None:
            return flask.jsonify(error="unknown"), 401
        customer.logins += 1
        db.session.commit()
        flask.session["customer"] = customer.id
        return flask.jsonify(id=customer.id)

    @app.get("/me")
    def me() -> Any:
        if "customer" not in flask.session:
            return flask.jsonify(error="log in"), 401
        customer = db.get_or_404(Customer, flask.session["customer"])
        return flask.jsonify(name=customer.name, active=customer.active)

    @app.get("/orders")
    def orders() -> Any:
        page = flask.request.args.get("page", 1, type=int)
        found = db.session.scalars(
            sa.select(Order).order_by(Order.id.desc()).limit(3).offset((page - 1) * 3)
        )
        return flask.jsonify(items=[order_dict(o) for o in found], page=page)

    @app.get("/orders/<int:order_id>")
    def order(order_id: int) -> Any:
        return flask.jsonify(order_dict(db.get_or_404(Order, order_id)))

    @app.post("/orders")
    def create() -> Any:
        data = flask.request.get_json()
        made = Order(
            customer_id=data["customer"], total=Decimal(data["total"]), note=data.get("note")
        )
        db.session.add(made)
        db.session.commit()
        db.session.add(Audit(what=f"order {made.id}"))
        db.session.commit()
        return flask.jsonify(order_dict(made)), 201, {"Location": f"/orders/{made.id}"}

    @app.patch("/orders/<int:order_id>")
    def change(order_id: int) -> Any:
        made = db.get_or_404(Order, order_id)
        made.note = flask.request.get_json()["note"]
        db.session.commit()
        return flask.jsonify(order_dict(made))

    @app.delete("/orders/<int:order_id>")
    def delete(order_id: int) -> Any:
        db.session.delete(db.get_or_404(Order, order_id))
        db.session.commit()
        return "", 204

    @app.post("/customers")
    def customer() -> Any:
        db.session.add(Customer(name=flask.request.get_json()["name"]))
        try:
            db.session.commit()
        except sa.exc.IntegrityError:
            db.session.rollback()
            return flask.jsonify(error="taken"), 409
        return flask.jsonify(ok=True), 201

    @app.post("/token")
    def token() -> Any:
        return flask.jsonify(
            token=secrets.token_urlsafe(16), id=str(uuid.uuid4()), at=datetime.now(UTC).timestamp()
        )

    @app.get("/crash")
    def crash() -> Any:
        return flask.jsonify(1 // int(flask.request.args.get("by", "0")))

    @app.get("/report.csv")
    def report() -> Any:
        rows = db.session.execute(sa.select(Order.id, Order.note).order_by(Order.id)).all()
        text = (f"{id_},{note or ''}\r\n" for id_, note in rows)
        return flask.Response(text, mimetype="text/csv")

    return app


# ---- FastAPI

#: What can be planted, and a group of differences that must be reported for it.
PLANTS = {
    "one for true": "json $.items[*].paid type",
    "decimal as number": "json $.items[*].total type",
    "iso date": "json $.created_at value",
    "id as string": "json $.id type",
    "extra key": "json $.stored_at extra",
    "null left out": "json $.note missing",
    "missing row": "json $.items[*] missing",
    "swapped order": "json $.items order",
    "off by one page": "json $.items[*].id value",
    "missing 404": "status value",
    "wrong status": "status value",
    "no location": "header location missing",
    "dropped header": "header vary missing",
    "lost cookie": "cookie session missing",
    "other session": "cookie session.customer value",
    "cookie not http only": "cookie session; httponly missing",
    "lost commit": "rows customers[*] missing",
    "row not written": "rows audit[*] missing",
    "row twice": "rows audit[*] extra",
    "other rows": "rows audit[*].what value",
    "extra update": "rows customers[*] operations",
    "update not written": "rows orders[*] missing",
    "deletes more": "rows orders[*] extra",
    "conflict unhandled": "exception extra",
    "another exception": "exception value",
    "line ends": "body text",
}


class Planted:
    """Asks, by name, whether a difference is planted."""

    def __init__(self, name: str | None) -> None:
        self.name = name

    def __call__(self, name: str) -> bool:
        return self.name == name


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return format_datetime(value.replace(tzinfo=UTC), usegmt=True)
    raise TypeError(type(value))


def make_target(url: str, plant: str | None = None, *, lifespan_fails: bool = False) -> FastAPI:
    """The target side; `plant` names one difference."""
    planted = Planted(plant)
    engine = create_async_engine(async_url(url))
    sessions = async_sessionmaker(engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if lifespan_fails:
            raise RuntimeError("no broker")
        yield
        await engine.dispose()

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.state.shadow_engines = [engine]
    signer = SecureCookieSessionInterface().get_signing_serializer(_secret())
    assert signer is not None

    def answer(data: object, status: int = 200, **headers: str) -> Response:
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=_default)
        if planted("key order"):
            text = json.dumps(data, separators=(",", ":"), default=_default, ensure_ascii=False)
        end = "" if planted("newline") else "\n"
        return Response(text + end, status, headers, media_type="application/json")

    def missing() -> Response:
        from werkzeug.exceptions import NotFound

        return Response(NotFound().get_body(), 404, media_type="text/html; charset=utf-8")

    def shown(order: Order) -> dict[str, Any]:
        made = order_dict(order)
        if planted("decimal as number"):
            made["total"] = float(made["total"])
        if planted("one for true"):
            made["paid"] = 0
        if planted("iso date"):
            made["created_at"] = order.created_at.isoformat()
        if planted("extra key"):
            made["stored_at"] = order.stored_at
        if planted("null left out") and made["note"] is None:
            del made["note"]
        if planted("id as string"):
            made["id"] = str(made["id"])
        return made

    @app.post("/login")
    async def login(request: Request) -> Response:
        name = parse_qs((await request.body()).decode())["name"][0]
        async with sessions() as session:
            customer = await session.scalar(sa.select(Customer).filter_by(name=name))
            if customer is None:
                return answer({"error": "unknown"}, 401)
            customer.logins += 1
            id_ = customer.id
            if not planted("lost commit"):
                await session.commit()
        response = answer({"id": id_}, Vary="Cookie")
        if not planted("lost cookie"):
            content = {"customer": id_ + 1 if planted("other session") else id_}
            response.set_cookie("session", str(signer.dumps(content)), httponly=True, samesite=None)
        if planted("cookie not http only"):
            response.headers["set-cookie"] = response.headers["set-cookie"].replace(
                " HttpOnly;", ""
            )
        return response

    @app.get("/me")
    async def me(request: Request) -> Response:
        cookie = request.cookies.get("session")
        if cookie is None:
            return answer({"error": "log in"}, 401, Vary="Cookie")
        async with sessions() as session:
            customer = await session.get_one(Customer, signer.loads(cookie)["customer"])
            who = {"name": customer.name, "active": customer.active}
            return answer(who) if planted("dropped header") else answer(who, Vary="Cookie")

    @app.get("/orders")
    async def orders(page: int = 1) -> Response:
        async with sessions() as session:
            start = page * 3 if planted("off by one page") else (page - 1) * 3
            found = await session.scalars(
                sa.select(Order).order_by(Order.id.desc()).limit(3).offset(start)
            )
            items = [shown(o) for o in found]
            if planted("missing row"):
                del items[1:2]
            if planted("swapped order"):
                items.reverse()
            if planted("extra query"):
                await session.scalar(sa.select(sa.func.count(Order.id)))
        return answer({"items": items, "page": page})

    @app.get("/orders/{order_id:int}")
    async def order(order_id: int) -> Response:
        async with sessions() as session:
            found = await session.get(Order, order_id)
            if found is None:
                return answer(None) if planted("missing 404") else missing()
            return answer(shown(found))

    @app.post("/orders")
    async def create(request: Request) -> Response:
        data = await request.json()
        async with sessions() as session:
            made = Order(
                customer_id=data["customer"], total=Decimal(data["total"]), note=data.get("note")
            )
            session.add(made)
            await session.commit()
            await session.refresh(made)
            what = f"order no. {made.id}" if planted("other rows") else f"order {made.id}"
            if not planted("row not written"):
                session.add(Audit(what=what))
            if planted("extra update"):
                await session.execute(sa.text("UPDATE customers SET logins = logins WHERE id = 1"))
            if planted("row twice"):
                session.add(Audit(what=what))
            body = shown(made)
            await session.commit()
        status = 200 if planted("wrong status") else 201
        place = f"/orders/{body['id']}"
        return (
            answer(body, status) if planted("no location") else answer(body, status, Location=place)
        )

    @app.patch("/orders/{order_id:int}")
    async def change(order_id: int, request: Request) -> Response:
        data = await request.json()
        async with sessions() as session:
            found = await session.get(Order, order_id)
            if found is None:
                return missing()
            found.note = data["note"]
            body = shown(found)
            if planted("update not written"):
                await session.rollback()
            await session.commit()
        return answer(body)

    @app.delete("/orders/{order_id:int}")
    async def delete(order_id: int) -> Response:
        async with sessions() as session:
            found = await session.get(Order, order_id)
            if found is None:
                return missing()
            await session.delete(found)
            if planted("deletes more"):
                await session.execute(sa.delete(Order).where(Order.id == order_id + 1))
            await session.commit()
        return Response(status_code=204, media_type="text/html; charset=utf-8")

    @app.post("/customers")
    async def customer(request: Request) -> Response:
        async with sessions() as session:
            session.add(Customer(name=(await request.json())["name"]))
            try:
                await session.commit()
            except sa.exc.IntegrityError:
                if planted("conflict unhandled"):
                    raise
                return answer({"error": "taken"}, 409)
        return answer({"ok": True}, 201)

    @app.post("/token")
    async def token() -> Response:
        made = secrets.token_urlsafe(16)
        return answer({"token": made, "id": str(uuid.uuid4()), "at": datetime.now(UTC).timestamp()})

    @app.get("/crash")
    async def crash(by: int = 0) -> Response:
        if planted("another exception"):
            raise KeyError("by")
        return answer(1 // by)

    @app.get("/report.csv")
    async def report() -> Response:
        async with sessions() as session:
            rows = (await session.execute(sa.select(Order.id, Order.note).order_by(Order.id))).all()
        end = "\n" if planted("line ends") else "\r\n"
        text = (f"{id_},{note or ''}{end}" for id_, note in rows)
        return StreamingResponse(text, media_type="text/csv; charset=utf-8")

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        from werkzeug.exceptions import InternalServerError

        return Response(
            InternalServerError().get_body(), 500, media_type="text/html; charset=utf-8"
        )

    return app


def make_mount(url: str, *migrated: str) -> Any:
    """A half-migrated target: the endpoints named are FastAPI's, the mount serves the rest."""
    from migrator.runtime.mount import mount_legacy

    app = make_target(url)
    app.router.routes[:] = [r for r in app.router.routes if getattr(r, "name", "") in migrated]
    return mount_legacy(make_legacy(url), app)


def _secret() -> flask.Flask:
    app = flask.Flask("secret")
    app.secret_key = SECRET
    return app
