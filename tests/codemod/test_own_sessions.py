"""Applications that make their engine and sessions themselves: both sides answer and write alike.

Flask's documented pattern (a registry, `query_property()`), a `sessionmaker` and its blocks, sessions on
`g`, sessions as attributes, and what is done with sessions besides, and tables
without any: with their commands, error handlers, teardown functions and templates.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request, Sides

APPLICATIONS = Path(__file__).parent / "own_sessions"
COMMAND = "command"


def form(path: str, method: str = "POST", **fields: str) -> Request:
    return (method, path, {"data": fields})


#: What each is asked, in turn.
ASKED: dict[str, list[Request | str]] = {
    "guestbook": [
        "/", "/users", "/users/ann", "/users/zed",
        form("/users", name="cy", email="c@x"), form("/users", name="cy", email="d@x"),
        form("/entries", author="cy", title="four", tags="red blue"), "/entries/4", "/entries/99",
        form("/entries", author="nobody", title="x"),
        form("/entries/2", "PUT", title="deux"), form("/entries/77", "PUT", title="deux"),
        ("DELETE", "/entries/3"), ("DELETE", "/entries/3"),
        "/search", "/search?author=ann", "/search?tag=red", "/stats",
        (COMMAND, "add-user dan"), (COMMAND, "list"), "/users",
    ],
    "stock": [
        "/shelves", "/shelves/A", "/shelves/Z", form("/receive", code="A", name="bolt", count="2"),
        form("/receive", code="C", name="cog", count="9"), ("POST", "/move/1/B"),
        ("POST", "/move/99/B"), ("DELETE", "/items/2"), ("POST", "/orphan"),
        (COMMAND, "report"), (COMMAND, "add-shelf Q"), (COMMAND, "init-db"),
        ("POST", "/empty"), "/shelves", "/shelves/B",
    ],
    "notes": [
        "/notes", "/mine", form("/notes", text="new"), "/notes/1", "/notes/77",
        ("POST", "/notes/2/like"), ("POST", "/notes/2/like"), ("POST", "/notes/99/like"), "/top",
        ("DELETE", "/notes/2"), "/fail", "/notes", "/nowhere",
    ],
    "depots": [
        "/depots", form("/depots", name="north"), "/depots/1/count", "/boxes",
        form("/boxes", label="z", depot="west"), ("POST", "/fill/3"), ("DELETE", "/boxes/b1"),
        "/boxes", "/names", "/depots",
    ],
    "items": [
        "/direct", "/closing", ("POST", "/worker"), ("POST", "/nested"), "/named/a", "/named/zz",
        "/raw", ("POST", "/audit"), ("POST", "/kept"), ("POST", "/renamed"), ("POST", "/remade"), "/thread", "/noflush", ("DELETE", "/items/w1"),
        ("POST", "/bulk"), "/tree", "/direct",
    ],
    "readings": [
        "/sensors", "/sensors/a", "/sensors/z", form("/readings", name="c", value="7"),
        form("/readings", name="a", value="8"), "/readings", form("/sensors/1", "PUT", name="aa"),
        ("DELETE", "/sensors/2?fail=1"), ("DELETE", "/sensors/2"), "/total", ("POST", "/commit"),
        "/sensors", (COMMAND, "init-db"), "/readings",
    ],
    "held": [
        "/wards/1", "/wards/9", "/beds/2", "/beds/a", "/beds/b", "/beds/zz",
        ("PATCH", "/beds/2", {"json": {"name": "two"}}), "/beds/a",
    ],
    "layers": [
        "/crates/a", "/crates/zz", "/crates?size=2", "/crates",
        ("PUT", "/crates/2", {"json": {"name": "c"}}), ("PUT", "/crates/9", {"json": {"name": "c"}}),
        ("POST", "/jars"), "/crates/a", "/crates?size=5",
    ],
    "units": [
        "/products/a", "/products/z", form("/products/a", size="7", lost="1"),
        form("/products/a", size="8"), "/products/a", ("DELETE", "/batches/5"),
        ("DELETE", "/batches/3"), "/products/a",
    ],
    "typed": [
        "/list", "/expr", "/repo2", "/criteria", "/criteria2", "/alias", "/cte", "/bundle", "/stream",
        "/detached", "/detached2", "/inspect", "/deferred", "/contains", "/template", "/union", "/repo",
        "/goc", "/move", "/writeonly", "/writeonly2", "/dynamic", "/nested", "/returning", "/bulk",
        "/upsert", "/version", "/lock", "/flushing", "/refresh", "/proxy", "/composite", "/errors", "/tx",
        "/cascade",
    ],
}  # fmt: skip
#: The factories get where nothing is known of them, or the connections are an engine's own.
OF_UNKNOWN_TYPE = frozenset({"held", "readings", "units"})


def files(name: str) -> dict[str, str]:
    home = APPLICATIONS / name
    return {
        str(path.relative_to(home)): path.read_text().replace("{", "{{").replace("}", "}}")
        for path in sorted(home.rglob("*"))
        if path.suffix in (".py", ".html")
    }


def answers(sides: Sides, app: Any, subject: Any, asked: list[Request | str]) -> list[Any]:
    """What they are; with the rows before each, where the sample makes them anew for each."""
    anew = getattr(importlib.import_module(f"{sides.legacy}.sample"), "anew", None)
    found: list[Any] = []
    for request in asked:
        if anew is not None:
            found.append(anew())
        if isinstance(request, str):
            request = ("GET", request)
        if request[0] != COMMAND:
            found += sides.answers(app, [request])
            continue
        words = request[1].split()
        result = subject.test_cli_runner().invoke(args=words)
        found.append((*words, result.exit_code, result.output, repr(result.exception)))
    return found


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = {
            table.name: sorted(tuple(map(str, row)) for row in connection.execute(sa.select(table)))
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", ASKED)
def test_the_applications_answer_alike(
    name: str,
    frame: FrameChoice,
    database_url: str,
    make_sides: Make,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = database_url.replace("postgresql:", "postgresql+psycopg2:")
    monkeypatch.setenv("DATABASE_URL", url)
    sides = make_sides(f"{name}_{frame}", files(name), frame)
    sites = [site.status for site in sides.conversion.plan.sites]
    assert "left" not in sites
    if name not in OF_UNKNOWN_TYPE:
        assert sites.count("native") >= 0.9 * len(sites)
    legacy = importlib.import_module(sides.legacy)
    sample = importlib.import_module(f"{sides.legacy}.sample")
    app = legacy.create_app()
    sample.fill()
    expected = answers(sides, app, app, ASKED[name]), rows(url)
    sample.fill()
    with sides.converted() as target:
        found = answers(sides, target.app, target.converted, ASKED[name]), rows(url)
        for before, after in zip(expected[0], found[0], strict=True):
            assert after == before
        assert found == expected
    # Nothing has kept the event loop waiting.
    assert not [r for r in caplog.records if r.name == "migrator.runtime.db.guard"]
    for side in (sides.legacy, sides.target):
        _engine(side).dispose()


def _engine(package: str) -> Any:
    modules = [m for n, m in sorted(sys.modules.items()) if n.startswith(package)]
    return next(m.engine for m in modules if isinstance(getattr(m, "engine", None), sa.Engine))


def test_a_parameter_is_a_session_by_a_class_of_the_applications_own(make_sides: Make) -> None:
    text = make_sides("typed", files("items"), "auto").conversion.texts["__init__.py"]
    assert "async def renamed(" in text
    assert "found = select(Item)" in text
