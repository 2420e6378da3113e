"""A legacy application's tests run, unchanged, on its conversion."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

import pytest

# Imported here: pytester forgets what is first imported in a run of its own, and the next one imports it again.
import migrator.runtime.compat  # noqa: F401  # see above
from migrator import pytest_plugin
from tests.codemod import other_extensions

with warnings.catch_warnings():
    # It says which HTTP client it would rather have.
    warnings.simplefilter("ignore")
    import starlette.testclient  # noqa: F401  # see above

pytest_plugins = ["pytester"]

SHOP = """
from contextlib import asynccontextmanager

from sqlalchemy import select

from migrator.runtime.compat import App
from migrator.runtime.db import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    box_id = db.Column(db.ForeignKey("box.id"))


class Box(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    items = db.relationship(Item)

    async def fill(self, *names):
        for name in names:
            (await self.awaitable_attrs.items).append(Item(name=name))
        await db.session.commit()
        return self


async def fail():
    raise KeyError("fail")


async def names(box):
    return [item.name for item in await box.awaitable_attrs.items]


async def describe(box):
    return {"names": await names(box)}


async def filled(box):
    return await box.fill("x")


async def made():
    return await Box().fill("made")


async def wrong():
    return await len("ab")


async def stored(session, name):
    session.add(Item(name=name))
    await session.commit()
    return len((await session.scalars(select(Item))).all())


closed = []


async def each(*names):
    try:
        for name in names:
            yield name
    finally:
        closed.append(names[0])


@asynccontextmanager
async def transaction():
    try:
        yield db.session
    except ValueError:
        await db.session.rollback()
        raise
    await db.session.commit()


def create_app():
    app = App(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)

    @app.get("/items")
    async def items():
        return [item.name for item in await db.session.scalars(select(Item))]

    return app
"""
CONFTEST = """
import pytest

from shop import create_app, db


@pytest.fixture(scope="session")
def app():
    return create_app()


@pytest.fixture
def session(app):
    scope = db.scope(app)
    scope.__aenter__()
    db.create_all()
    yield db.session
    db.drop_all()
    scope.__aexit__(None, None, None)
    db.dispose(app)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(shop=SHOP)
    pytester.syspathinsert()
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "conftest.py").write_text(CONFTEST)
    return pytester


def run(suite: pytest.Pytester, tests: str) -> pytest.RunResult:
    # What other tests have left open is none of this run's, where every warning is an error.
    gc.collect()
    Path(suite.path / "tests" / "test_shop.py").write_text(tests)
    return suite.runpytest_inprocess("-q", "-W", "error", plugins=[pytest_plugin])


def test_coroutine_functions_are_called_as_before(suite: pytest.Pytester) -> None:
    tests = """
import pytest
from shop import Box, db, fail


def test_rows_are_made_and_loaded(session):
    box = Box()
    session.add(box)
    assert box.fill("a", "b") is box
    assert [item.name for item in Box.query.one().items] == ["a", "b"]


def test_errors_come_out(session):
    with pytest.raises(KeyError):
        fail()
"""
    run(suite, tests).assert_outcomes(passed=2)


ASSERTING = """
import unittest

import pytest
from shop import fail, stored


class Case(unittest.TestCase):
    def test_raising(self):
        self.assertRaises(KeyError, fail)
        self.assertRaisesRegex(KeyError, "fail", fail)
        with self.assertRaises(KeyError):
            fail()
        with self.assertRaises(AssertionError):
            self.assertRaises(KeyError, len, "a")


def test_raising(session):
    assert pytest.raises(KeyError, fail).value.args == ("fail",)
    assert pytest.raises(AttributeError, stored, None, name="a").type is AttributeError
    with pytest.raises(pytest.fail.Exception):
        pytest.raises(KeyError, len, "a")
"""


def test_what_calls_a_function_for_the_test_awaits_it(suite: pytest.Pytester) -> None:
    run(suite, ASSERTING).assert_outcomes(passed=2)


def test_a_class_of_the_tests_stands_in_for_a_mapped_one(suite: pytest.Pytester) -> None:
    tests = """
from collections import namedtuple
from enum import Enum

from shop import Box, Item, names

Named = namedtuple("Named", "name")


class Fake:
    def __init__(self, *items):
        self.items = items


class Colour(Enum):
    RED = 1


class FakeBox(Box):
    pass


def test_fake(session):
    assert names(Fake(Named("a"), Item(name="b"))) == ["a", "b"]


def test_classes_are_what_they_were():
    assert [colour.name for colour in Colour] == ["RED"]
    assert names(FakeBox(items=[Item(name="c")])) == ["c"]
"""
    run(suite, tests).assert_outcomes(passed=2)


def test_requests_see_what_the_test_has_made(suite: pytest.Pytester) -> None:
    tests = """
from shop import Item


def test_request(app, session):
    session.add(Item(name="a"))
    session.commit()
    assert app.test_client().get("/items").json == ["a"]
"""
    run(suite, tests).assert_outcomes(passed=1)


OWN_LOOPS = """
import asyncio
import threading

import pytest

import shop


async def later(result):
    await asyncio.sleep(0)
    assert asyncio.current_task() is not None
    return result


@pytest.fixture
def box(session):
    return shop.Box().fill("a", "b")


def test_run(box):
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(later(2)) == 2
    loop.close()
    assert asyncio.run(later(3)) == 3
    with asyncio.Runner() as runner:
        assert runner.run(later([4])) == [4]
    assert asyncio.run(asyncio.wait_for(later(5), 1)) == 5
    with pytest.raises(KeyError):
        asyncio.run(shop.fail())
    assert shop.names(box) == asyncio.run(shop.names(box)) == ["a", "b"]


def test_what_it_runs_shares_the_session(box):
    async def native():
        return [await later(name) for name in await shop.names(box)]

    assert asyncio.run(native()) == ["a", "b"]


def test_a_loop_inside_a_loop_is_an_error_as_ever():
    async def wrong():
        coroutine = later(1)
        try:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.sleep(9), 0.001)
            asyncio.run(coroutine)
        finally:
            coroutine.close()

    with pytest.raises(RuntimeError, match="cannot be called from a running event loop"):
        asyncio.run(wrong())


def test_in_a_thread(box):
    found = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(later(5))))
    thread.start()
    thread.join()
    assert found == [5]
"""


def test_what_a_coroutine_function_of_a_test_awaits_is_left_to_it(suite: pytest.Pytester) -> None:
    tests = """
from migrator.runtime.db import unbridge
import shop


async def described(box):
    return await shop.describe(box)


def test_both(session):
    assert unbridge(described(shop.Box())) == described(shop.Box()) == {"names": []}
"""
    run(suite, tests).assert_outcomes(passed=1)


def test_what_a_plugin_puts_into_its_item_is_called_by_pytest(suite: pytest.Pytester) -> None:
    """pytest-asyncio puts a plain function into the place of the coroutine function for the run."""
    plugin = """
import asyncio
import inspect

import pytest


class Coroutine(pytest.Function):
    def runtest(self):
        test = self.obj
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self, "obj", lambda **given: asyncio.run(test(**given)))
            super().runtest()


def pytest_pycollect_makeitem(collector, name, obj):
    if name.startswith("test") and inspect.iscoroutinefunction(obj):
        return [Coroutine.from_parent(collector, name=name)]
"""
    tests = """
import shop


async def test_function(session):
    assert await shop.describe(shop.Box()) == {"names": []}


class Test:
    async def test_method(self, session):
        assert await shop.describe(shop.Box()) == {"names": []}
"""
    (suite.path / "tests" / "conftest.py").write_text(CONFTEST + plugin)
    run(suite, tests).assert_outcomes(passed=2)


GIVEN = """
import unittest

import pytest
import shop


class Test(unittest.TestCase):
    def test_functions_that_raise(self):
        self.assertRaises(KeyError, shop.fail)
        self.assertRaisesRegex(KeyError, "fail", shop.fail)
        with self.assertRaises(AttributeError):
            shop.names(None)


def test_raises():
    pytest.raises(AttributeError, shop.names, None)
    with pytest.raises(KeyError, match="fail"):
        shop.fail()


def test_generators(session):
    assert list(shop.each("a", "b")) == ["a", "b"]
    assert [name for name in shop.each("a")] == ["a"]
    for name in shop.each("a", "b"):
        break
    assert shop.closed == ["a", "a", "a"]


def test_context_managers(session):
    with shop.transaction() as inside:
        inside.add(shop.Box())
    with pytest.raises(ValueError, match="back"):
        with shop.transaction() as inside:
            inside.add(shop.Box())
            raise ValueError("back")
    session.rollback()
    assert session.query(shop.Box).count() == 1


async def asynchronously():
    async with shop.transaction() as inside:
        return inside is not None


def test_an_asynchronous_one_is_entered_as_before(session):
    assert asynchronously()


async def last():
    async for name in shop.each("a", "b"):
        pass
    return [name] + [n async for n in shop.each("c")]


def test_what_is_asynchronous_stays():
    assert last() == ["b", "c"]


async def own(*names):
    for name in names:
        yield name


async def received(messages):
    found = [await anext(messages)]
    async for message in messages:
        found.append(message)
        break
    await messages.aclose()
    return found


def test_one_of_the_tests_is_handed_on():
    assert received(own("a", "b", "c")) == ["a", "b"]
    items = own("a", "b")
    assert [next(items), *items] == ["a", "b"]
    items = own("a", "b")
    assert next(items) == "a"
    items.close()
    assert list(items) == []
"""


def test_functions_generators_and_context_managers_are_taken_as_before(
    suite: pytest.Pytester,
) -> None:
    run(suite, GIVEN).assert_outcomes(passed=7)


def test_a_test_may_run_a_loop_of_its_own(suite: pytest.Pytester) -> None:
    run(suite, OWN_LOOPS).assert_outcomes(passed=4)


REPLACED = """
from functools import partial
from unittest import mock

import shop


class Fake:
    def __call__(self, *args):
        return ["called", len(args)]


def test_functions(session, monkeypatch):
    box = shop.Box()
    for fake in (lambda b: ["plain"], partial(lambda kind, b: [kind], "partial"), Fake()):
        monkeypatch.setattr(shop, "names", fake)
        assert shop.describe(box)["names"] == shop.names(box)
    monkeypatch.setattr("shop.names", mock.Mock(return_value=["mock"]))
    assert shop.describe(box) == {"names": ["mock"]}
    shop.names.assert_called_once_with(box)
    shop.names.return_value = ["changed"]
    assert shop.describe(box) == {"names": ["changed"]}
    monkeypatch.undo()
    assert shop.describe(shop.Box().fill("a")) == {"names": ["a"]}


def test_what_takes_its_place_may_ask_the_database(session, monkeypatch):
    session.add(shop.Item(name="a"))
    session.commit()
    monkeypatch.setattr(shop, "names", lambda box: [item.name for item in shop.Item.query])
    assert shop.describe(None) == {"names": ["a"]}


def test_methods(session, monkeypatch):
    monkeypatch.setattr(shop.Box, "fill", lambda self, *names: [*names, self.id])
    assert shop.filled(shop.Box(id=3)) == ["x", 3]


def test_what_is_no_coroutine_function_stays_what_it_is(monkeypatch):
    fake = lambda: 3
    monkeypatch.setattr(shop, "create_app", fake)
    assert shop.create_app is fake
    monkeypatch.setattr(shop, "db", fake)
    assert shop.db is fake
    monkeypatch.setattr(shop, "nothing", fake, raising=False)
    assert shop.nothing is fake
"""


def test_coroutine_functions_may_be_replaced_by_plain_ones(suite: pytest.Pytester) -> None:
    run(suite, REPLACED).assert_outcomes(passed=4)


STAND_INS = """
from functools import partial
from types import SimpleNamespace
from unittest import mock

import pytest
import shop


class Plain:
    items = [shop.Item(name="mine")]

    def fill(self, *names):
        return [*names, len(shop.Item.query.all())]


@pytest.mark.parametrize(
    "box", [mock.Mock(), SimpleNamespace(), Plain()], ids=["mock", "namespace", "own"]
)
def test_attributes_can_be_awaited(box):
    box.items = [shop.Item(name="a")]
    assert shop.describe(box) == {"names": ["a"]}


def test_what_methods_give_needs_no_awaiting(session):
    fakes = [
        mock.Mock(**{"fill.return_value": ["x", 0]}),
        SimpleNamespace(fill=lambda *names: [*names, 0]),
        SimpleNamespace(fill=partial(Plain.fill, None)),
        Plain(),
        mock.Mock(**{"fill": mock.AsyncMock(return_value=["x", 0])}),
    ]
    assert [shop.filled(fake) for fake in fakes] == [["x", 0]] * 5


def test_what_has_the_signature_of_something_needs_no_awaiting(session):
    async def fill(self, *names): ...

    of_a_class = mock.create_autospec(Plain, instance=True)
    of_a_class.fill.return_value = 1
    of_a_class_itself = mock.create_autospec(Plain)
    of_a_class_itself.fill.return_value = 2
    of_a_function = SimpleNamespace(fill=mock.create_autospec(Plain().fill, return_value=3))
    of_a_coroutine = SimpleNamespace(fill=mock.create_autospec(fill, return_value=4))
    fakes = [of_a_class, of_a_class_itself, of_a_function, of_a_coroutine]
    assert [shop.filled(fake) for fake in fakes] == [1, 2, 3, 4]
    of_a_class.fill.assert_called_once_with("x")


def test_a_class_is_replaced(session):
    with mock.patch("shop.Box") as replaced:
        replaced.return_value.fill.return_value = 3
        assert shop.made() == 3
    replaced.return_value.fill.assert_called_once_with("made")
    with mock.patch("shop.Box", return_value=Plain()):
        assert shop.made() == ["made", 0]


def test_a_mock_may_be_one_of_a_class(session):
    box = mock.MagicMock(spec=shop.Box)
    box.items = [shop.Item(name="a")]
    assert shop.describe(box) == {"names": ["a"]}


def test_what_raises_raises():
    with pytest.raises(KeyError, match="full"):
        shop.filled(mock.Mock(**{"fill.side_effect": KeyError("full")}))


def test_an_await_too_many_is_an_error_as_ever():
    with pytest.raises(TypeError, match="int"):
        shop.wrong()
    with pytest.raises(AttributeError, match="awaitable_attrs"):
        shop.names(3)
"""


def test_what_stands_in_need_not_be_asynchronous(suite: pytest.Pytester) -> None:
    run(suite, STAND_INS).assert_outcomes(passed=9)


OWN_SESSIONS = """
import pytest
import sqlalchemy as sa
from sqlalchemy import create_engine, event, orm, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

import shop


@pytest.fixture
def engine():
    engine = create_engine("sqlite://")
    shop.db.Model.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["factory", "registry", "session", "connection"])
def own(request, engine):
    with engine.connect() as connection:
        bind = connection if request.param == "connection" else engine
        made = Session(bind) if request.param == "session" else sessionmaker(bind=bind)
        if request.param == "registry":
            made = orm.scoped_session(made, lambda: engine)
        own = made if request.param in ("session", "registry") else made()
        yield own
        own.close()


def test_they_are_awaited_by_the_application_and_not_here(own):
    assert shop.stored(own, "a") == 1
    own.add(shop.Item(name="b"))
    own.commit()
    assert own.execute(text("SELECT count(*) FROM item")).scalar() == 2
    assert shop.stored(own, "c") == 3
    assert [item.name for item in own.query(shop.Item)] == ["a", "b", "c"]


def test_the_names_are_what_they_were(own, engine):
    assert isinstance(sessionmaker(), sessionmaker)
    assert isinstance(orm.scoped_session(sessionmaker()), scoped_session)
    assert isinstance(engine, sa.Engine)
    seen = []
    note = lambda session: seen.append(session)
    event.listen(Session, "before_commit", note)
    own.commit()
    event.remove(Session, "before_commit", note)
    assert len(seen) == 1
"""


def test_sessions_of_a_test_s_own_can_be_awaited(suite: pytest.Pytester) -> None:
    run(suite, OWN_SESSIONS).assert_outcomes(passed=8)


def test_modules_count_as_tests_by_their_names_or_when_they_are_named(
    suite: pytest.Pytester,
) -> None:
    tests = """
from shop import fail


def test_it():
    try:
        fail()
    except KeyError:
        return
    assert False, "it was not awaited"
"""
    for name in ("checks.py", "spec_shop.py", "conftest.py"):
        (suite.path / name).write_text(tests if name != "conftest.py" else CONFTEST)
    outcome = suite.runpytest_inprocess("-q", "checks.py::test_it", plugins=[pytest_plugin])
    outcome.assert_outcomes(passed=1)
    option = ("-o", "python_files=spec_*.py")
    suite.runpytest_inprocess("-q", *option, plugins=[pytest_plugin]).assert_outcomes(passed=1)


def test_the_names_of_flask_sqlalchemy_are_those_of_the_conversion(suite: pytest.Pytester) -> None:
    tests = """
from flask_sqlalchemy.pagination import Pagination as Page, SelectPagination
from shop import Item, db
from sqlalchemy import select


def test_page(session):
    page = db.paginate(select(Item), page=1, per_page=1)
    assert isinstance(page, Page)
    assert not isinstance(page, SelectPagination)  # which nothing takes the place of
"""
    run(suite, tests).assert_outcomes(passed=1)


def test_and_those_of_other_extensions(suite: pytest.Pytester) -> None:
    other_extensions.put("alchemical", suite.path)
    tests = """
from alchemical import Model
from migrator.runtime.asyncflask import alchemical


def test_base():
    assert Model is alchemical.Model
"""
    run(suite, tests).assert_outcomes(passed=1)


FIXTURE = """
import pytest
from flask import Flask, jsonify

from shop import Item, db, names


@pytest.fixture
def app():
    made = Flask(__name__)
    made.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(made)
    with made.app_context():
        db.create_all()
        yield made
    made.dispose_database()


def test_an_application_of_the_tests(app):
    @app.get("/count")
    def count():
        return jsonify(Item.query.count())

    db.session.add(Item(name="a"))
    db.session.commit()
    assert app.test_client().get("/count").json == 1
"""


def test_an_application_of_the_tests_is_on_the_event_loop(suite: pytest.Pytester) -> None:
    run(suite, FIXTURE).assert_outcomes(passed=1)


def test_the_root_may_be_the_folder_of_the_tests(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = suite.path / "tests"
    (folder / "utils").mkdir()
    (folder / "utils" / "boxes.py").write_text(
        "import shop\n\ndef full():\n    return shop.Box().fill('a')\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_boxes.py").write_text(
        "from utils import boxes\n\ndef test_it(session):\n    assert boxes.full().items[0].name == 'a'\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    made = suite.runpytest_inprocess("-q", "tests", plugins=[pytest_plugin])
    made.assert_outcomes(passed=1)


def test_what_python_makes_of_a_call_stays(suite: pytest.Pytester) -> None:
    tests = """
import unittest


class Base:
    def name(self):
        return "base"


class Derived(Base):
    def name(self):
        return super().name() + str([*map(str, range(2))])


class NameTest(unittest.TestCase):
    def test_super(self):
        self.assertEqual(Derived().name(), "base['0', '1']")
"""
    run(suite, tests).assert_outcomes(passed=1)


def test_a_failure_is_told_as_ever(suite: pytest.Pytester) -> None:
    result = run(suite, "def test_wrong():\n    assert len('ab') == 3\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*assert len('ab') == 3*", "E*assert 2 == 3*", "*test_shop.py:2: AssertionError*"]
    )


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "assert [1, 2] == [1, 3]",
            ["E*assert [[]1, 2[]] == [[]1, 3[]]", "E*At index 1 diff: 2 != 3"],
        ),
        ("assert 'c' in name()", ["E*AssertionError: assert 'c' in 'ab'"]),
        ("assert name() is None, 'why'", ["E*AssertionError: why", "E*assert 'ab' is None"]),
        ("assert not name()", ["E*AssertionError: assert not 'ab'"]),
        ("assert 1 < 2 < 2", ["E*assert False"]),
        ("assert Odd()", ["E*assert <Odd instance at *>"]),
        ("assert Odd() == 1", ["E*an odd == 1"]),
        ("assert (x := name()) and x == 'abc'", ["E*assert False"]),
        ("assert name() != 'ab', lambda: 1", ["E*<function*", "E*assert 'ab' != 'ab'"]),
        ("assert broken()", ["E*ValueError: broken"]),
        ("assert 1 in 1", ["E*TypeError: argument of type 'int' is not *"]),
    ],
)
def test_a_failed_assert_tells_its_values(
    suite: pytest.Pytester, statement: str, told: list[str]
) -> None:
    (suite.path / "tests" / "conftest.py").write_text("""
def pytest_assertrepr_compare(op, left):
    if type(left).__name__ == "Odd":
        return [f"an odd {op} 1"]
""")
    tests = f"""
class Odd:
    def __bool__(self):
        return False

    def __repr__(self):
        raise ValueError("no words")


async def name():
    return "ab"


def broken():
    raise ValueError("broken")


def test_wrong():
    {statement}


def test_caught():
    try:
        assert 1 == 2, "first"
    except AssertionError as error:
        assert str(error) == "first\\nassert 1 == 2"
    assert name() == "ab", broken()
"""
    result = run(suite, tests)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(told)


def test_a_conftest_loads_it_too_late(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["migrator.pytest_plugin"]')
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *-p migrator.pytest_plugin"])


def test_what_a_function_returns_for_a_query_is_run(suite: pytest.Pytester) -> None:
    suite.makeconftest(CONFTEST)
    suite.makepyfile(
        shop=SHOP
        + """

def named(name):
    return select(Item).where(Item.name == name).order_by(Item.id)


async def named_later(name):
    return named(name)


def numbers():
    return select(Item.id.label("number"), Item.name).join(Box, Box.id == Item.box_id).order_by(Item.id)


def count():
    return select(db.func.count(Item.id))


async def sent(query):
    return [item.name for item in await db.session.scalars(query)]


def wrongly_run():
    return named("a").all()
""",
        test_queries="""
        import pytest
        from sqlalchemy.exc import MultipleResultsFound
        from shop import Box, Item, count, named, named_later, numbers, sent, wrongly_run

        def test_queries(session):
            box = Box()
            session.add(box)
            box.fill("a", "b", "a")
            assert [item.id for item in named("a")] == [1, 3]
            assert named("a").all() == list(named("a")) == Item.query.filter_by(name="a").all()
            assert named_later("b").one() is Item.query.get(2)
            assert named("a").first().id == 1 and named("c").first() is None
            assert named("a").filter_by(id=3).one_or_none().id == 3
            with pytest.raises(MultipleResultsFound):
                named("a").one()
            assert named("a").count() == 2
            assert named("a")[1].id == 3 and len(named("a")[:1]) == 1
            assert named("a").paginate(per_page=1).total == 2
            assert [row.number for row in numbers().limit(2)] == [1, 2]
            assert numbers().all() == [(1, "a"), (2, "b"), (3, "a")]
            assert count().scalar() == 3
            assert sent(named("a")) == ["a", "a"]
            assert named("a").order_by(None).delete() == 2 and count().scalar() == 1

        def test_the_application_is_on_its_own(session):
            with pytest.raises(AttributeError, match="all"):
                wrongly_run()
            with pytest.raises(AttributeError, match="unheard_of"):
                named("a").unheard_of
        """,
    )
    suite.runpytest("-p", "migrator.pytest_plugin").assert_outcomes(passed=2)
