"""One session a request: shared by hooks, view and user loader, closed before the response is sent."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from migrator.runtime.compat import (
    App,
    Response,
    current_app,
    g,
    jsonify,
    login,
    render_template_string,
)
from migrator.runtime.compat.testing import call_asgi, environ_of, scope_of
from migrator.runtime.db import (
    SessionDep,
    SQLAlchemy,
    bridge,
    get_debug_queries,
    get_recorded_queries,
)
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.db.errors import OutsideScope
from migrator.runtime.db.record_queries import QueryInfo
from migrator.runtime.db.scope import current_scope


class Shop:
    def __init__(self, url: str) -> None:
        self.db = db = SQLAlchemy()

        class User(db.Model, login.UserMixin):  # type: ignore[misc, name-defined]
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(20), nullable=False)

        class Order(db.Model):  # type: ignore[misc, name-defined]
            id = db.Column(db.Integer, primary_key=True)
            user_id = db.Column(db.ForeignKey("user.id"))
            user = db.relationship(User, backref="orders")

        self.User, self.Order = User, Order
        self.app = app = App("shop", static_folder=None)
        app.config.update(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY="x", MIGRATOR_IMPLICIT_IO="raise")
        db.init_app(app)
        manager = login.LoginManager(app)
        manager.user_loader(lambda user_id: User.query.get(int(user_id)))
        self.sessions: list[Any] = []

    def remember(self) -> None:
        scope = current_scope(self.db)
        assert scope is not None
        self.sessions.append(scope.session)


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    shop = Shop(database_url)
    views(shop)
    client = shop.app.test_client()
    client.get("/setup")
    client.close()  # a test may bring an event loop of its own
    yield shop
    client.close()


def views(shop: Shop) -> None:
    app, db, User, Order = shop.app, shop.db, shop.User, shop.Order

    @app.get("/setup")
    def setup() -> str:
        db.create_all()
        ann = User(name="ann")
        db.session.add_all([ann, Order(user=ann), Order(user=ann)])
        db.session.commit()  # type: ignore[unused-coroutine]
        return "ok"

    @app.get("/bridged/{order_id:int}")
    def bridged(order_id: int) -> Any:
        return jsonify(Order.query.get_or_404(order_id).user.name)

    @app.get("/native/{order_id:int}")
    async def native(order_id: int) -> Any:
        order = await db.get_or_404(Order, order_id)
        return jsonify((await order.awaitable_attrs.user).name)

    @app.get("/native-query")
    async def native_query() -> Any:
        return jsonify((await db.session.scalars(select(User.name))).all())

    @app.get("/page")
    async def page() -> Any:
        users = (await db.session.scalars(select(User))).all()
        template = "{% for u in users %}{{ u.name }} {{ u.orders|length }}{% endfor %}"
        return await bridge(render_template_string, template, users=users)

    @app.get("/same")
    async def same() -> Any:
        shop.remember()
        await bridge(shop.remember)
        await asyncio.gather(remember(), remember())
        return "ok"

    async def remember() -> None:
        shop.remember()

    @app.get("/uncommitted")
    async def uncommitted() -> Any:
        db.session.add(User(name="ghost"))
        await db.session.flush()
        return "flushed"

    @app.get("/stream")
    def stream() -> Any:
        def rows() -> Iterator[str]:
            for order in Order.query.order_by(Order.id):
                yield f"{order.id},{order.user.name}\n"

        return Response(rows(), mimetype="text/csv")

    @app.get("/stream-native")
    async def stream_native() -> Any:
        async def rows() -> AsyncIterator[str]:
            for order in await db.session.scalars(select(Order).order_by(Order.id)):
                yield f"{order.id}\n"

        return Response(rows(), mimetype="text/csv")

    @app.get("/pages")
    async def pages() -> Any:
        found = await db.paginate(select(Order).order_by(Order.id), max_per_page=50)
        return jsonify(page=found.page, ids=[o.id for o in found.items], total=found.total)

    @app.get("/pages-bridged")
    def pages_bridged() -> Any:
        found = Order.query.order_by(Order.id).paginate(max_per_page=50)
        return jsonify(page=found.page, ids=[o.id for o in found.items], total=found.total)

    @app.get("/in/{user_id:int}")
    async def log_in(user_id: int) -> Any:
        login.login_user(await db.session.get(User, user_id))
        return "in"

    @app.get("/me")
    @login.login_required
    async def me() -> Any:
        return jsonify((await login.get_current_user()).name)

    @app.get("/me-bridged")
    @login.login_required
    def me_bridged() -> Any:
        return jsonify([login.current_user.name, len(login.current_user.orders)])

    @app.post("/hand-written")
    async def hand_written(name: str, session: SessionDep) -> dict[str, Any]:
        session.add(User(name=name))
        return {"same": session is db.session()}  # type: ignore[operator]

    app.register_error_handler(NotFound, lambda error: (jsonify(error="not found"), 404))


def test_bridged_and_native_views_use_the_database(shop: Shop) -> None:
    with shop.app.test_client() as client:
        assert client.get("/bridged/1").json == "ann"
        assert client.get("/native/2").json == "ann"
        assert client.get("/native-query").json == ["ann"]
        assert client.get("/page").data == b"ann 2"
        for path in ("/bridged/9", "/native/9"):
            response = client.get(path)
            assert (response.status_code, response.json) == (404, {"error": "not found"})


def test_it_is_one_session_for_all_of_a_request_and_another_for_the_next(shop: Shop) -> None:
    @shop.app.before_request
    async def before() -> None:
        shop.remember()

    @shop.app.after_request
    def after(response: Any) -> Any:
        shop.remember()
        return response

    shop.app.teardown_request(lambda error: shop.remember())
    with shop.app.test_client() as client:
        client.get("/same")
        client.get("/same")
    first, second = shop.sessions[:7], shop.sessions[7:]
    assert len(second) == 7
    assert len({id(s) for s in first}) == len({id(s) for s in second}) == 1
    assert first[0] is not second[0]


def test_what_was_not_committed_is_rolled_back(shop: Shop) -> None:
    with shop.app.test_client() as client:
        client.get("/uncommitted")
        assert client.get("/native-query").json == ["ann"]


def test_streams_read_the_database_while_they_are_sent(shop: Shop) -> None:
    with shop.app.test_client() as client:
        assert client.get("/stream").data == b"1,ann\n2,ann\n"
        assert client.get("/stream-native").data == b"1\n2\n"


def test_the_session_is_closed_before_the_response_is_sent(shop: Shop) -> None:
    open_at_start: list[bool] = []

    async def main() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                open_at_start.append(current_scope(shop.db) is not None)

        for path in ("/native/1", "/stream"):
            await shop.app(scope_of(environ_of(shop.app, path)), receive, send)
        await shop.app.dispose_database()

    asyncio.run(main())
    assert open_at_start == [False, True]


def test_pagination_reads_the_query_string(shop: Shop) -> None:
    with shop.app.test_client() as client:
        for path in ("/pages", "/pages-bridged"):
            expected = {"page": 2, "ids": [2], "total": 2}
            assert client.get(f"{path}?page=2&per_page=1").json == expected
            assert client.get(f"{path}?page=3").status_code == 404
            assert client.get(f"{path}?page=x").status_code == 404


def test_users_are_loaded_through_the_request_s_session(shop: Shop) -> None:
    with shop.app.test_client() as client:
        assert client.get("/me").status_code == 401
        client.get("/in/1")
        assert client.get("/me").json == "ann"
        assert client.get("/me-bridged").json == ["ann", 2]


def test_a_hand_written_route_gets_the_same_session_and_commits(shop: Shop) -> None:
    with shop.app.test_client() as client:
        response = client.post("/hand-written?name=bob")
        assert (response.status_code, response.json) == (200, {"same": True})
        assert sorted(client.get("/native-query").json or ()) == ["ann", "bob"]


def test_concurrent_requests_have_sessions_of_their_own(shop: Shop) -> None:
    async def main() -> list[tuple[int, Any, bytes]]:
        try:
            paths = ["/bridged/1", "/native/2", "/page", "/stream"] * 5
            return await asyncio.gather(
                *(call_asgi(shop.app, scope_of(environ_of(shop.app, path))) for path in paths)
            )
        finally:
            await shop.app.dispose_database()

    assert {status for status, _, _ in asyncio.run(main())} == {200}


def test_an_app_context_opens_a_scope(shop: Shop) -> None:
    async def main() -> list[str]:
        async with shop.app.app_context():
            g.x = 1
            assert current_app.name == "shop"
            names = list((await shop.db.session.scalars(select(shop.User.name))).all())
        await shop.app.dispose_database()
        return names

    assert asyncio.run(main()) == ["ann"]


def test_commands_run_in_the_bridge(shop: Shop) -> None:
    import click

    @shop.app.cli.command("count")  # type: ignore[untyped-decorator]
    @click.option("--times", default=1)
    def count(times: int) -> None:
        click.echo(shop.User.query.count() * times)

    @shop.app.cli.command("count-native")  # type: ignore[untyped-decorator]
    async def count_native() -> None:
        users = (await shop.db.session.scalars(select(shop.User))).all()
        click.echo(f"{len(users)} in {current_app.name}")

    runner = shop.app.test_cli_runner()
    assert runner.invoke(args=["count", "--times", "3"]).output == "3\n"
    assert runner.invoke(args=["count-native"]).output == "1 in shop\n"


def test_an_app_context_of_sync_code_has_a_session_of_its_own(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    session: Any = shop.db.session

    def names() -> list[str]:
        with shop.app.app_context():
            shop.db.session.add(shop.User(name="lost"))
            session().flush()
            with shop.app.test_request_context():
                assert shop.User.query.count() == 2, "a request in it shares its session"
            with shop.app.app_context():
                return [user.name for user in shop.User.query.all()]

    async def on_a_loop() -> tuple[list[str], list[str]]:
        try:
            # Plain code on a loop can't wait: so a server imports an application's module.
            return await bridge(names), names()
        finally:
            await shop.app.dispose_database()

    assert asyncio.run(on_a_loop()) == (["ann"], ["ann"])
    assert "sync engine" in caplog.text, "which blocks the loop meanwhile"
    assert names() == ["ann"]
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        assert threads.submit(names).result() == ["ann"]
    with pytest.raises(OutsideScope):
        session()


def test_statements_are_recorded_by_request(shop: Shop) -> None:
    settings = {"SQLALCHEMY_RECORD_QUERIES": True, "TESTING": False, "DEBUG": False}
    shop.app.config.update(settings)
    shop.app.import_name = __name__
    seen: list[tuple[list[QueryInfo], list[QueryInfo]]] = []

    @shop.app.after_request
    def log(response: Response) -> Response:
        seen.append((get_recorded_queries(), get_debug_queries()))
        return response

    client = shop.app.test_client()
    for path in ("/native-query", "/bridged/1"):
        client.get(path)
    (native, same), (bridged, _) = seen
    assert native is same
    assert [len(native), len(bridged)] == [1, 2]
    assert str(native[0].statement).startswith("SELECT")
    assert 0 <= native[0].duration < 60
    assert native[0].context == native[0].location
    assert native[0].location.endswith("(native_query)"), "found beyond the greenlet"
    assert bridged[1].location.endswith("(bridged)")
    assert list(map(tuple, bridged[0].parameters)) == [(1,)]
    # Not asked for: nothing; nobody said: Flask-SQLAlchemy 2.x records while testing.
    for setting, testing, counts in (
        (False, True, (0, 0)),
        (None, True, (0, 1)),
        (None, False, (0, 0)),
    ):
        shop.app.config.update({"SQLALCHEMY_RECORD_QUERIES": setting, "TESTING": testing})
        client.get("/native-query")
        assert tuple(map(len, seen[-1])) == counts
    assert get_recorded_queries() == get_debug_queries() == []


def test_a_database_in_memory_outlives_a_test_client() -> None:
    """As with Flask, whose client knows of no database: fixtures fill it once for many tests."""
    app = App(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db: Any = SQLAlchemy(app)

    class Note(db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)

    @app.post("/notes")
    async def add() -> Any:
        db.session.add(Note())
        await db.session.commit()
        return jsonify(len((await db.session.scalars(select(Note))).all()))

    with app.app_context():
        db.create_all()
    for count in (1, 2):
        with app.test_client() as client:
            assert client.post("/notes").json == count
    with app.app_context():
        assert Note.query.count() == 2
    run_blocking(app.dispose_database())
