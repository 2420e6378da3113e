"""What the recorder writes down of a test suite, and that its roads write the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from migrator.runtime.trace import recording, tracefile
from tests.runtime.trace.conftest import place

ROOT = Path(__file__).parents[3]
PLUGIN = ("-p", "migrator.runtime.trace.pytest_plugin", "--migrator-trace")


def pytest_in(folder: Path, *words: str, trace: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGIN, trace, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def recorded(folder: Path, *words: str) -> dict[str, Any]:
    done = pytest_in(folder, *words, trace="trace.json")
    assert done.returncode == 0, done.stdout + done.stderr
    content: dict[str, Any] = json.loads((folder / "trace.json").read_text())
    return content


def told(content: dict[str, Any]) -> dict[str, dict[str, tuple[Any, ...]]]:
    """By function: kind, loads and most of each path."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for query in content["queries"]:
        for lazy in query["lazy"]:
            path = " ".join(name.partition(":")[2] for name in lazy["along"])
            counts = (lazy["kind"], lazy["loads"], lazy["most"])
            found.setdefault(query["function"], {})[path] = counts
    return found


def test_loads_are_counted_by_query_and_path(legacy: Path) -> None:
    content = recorded(legacy)  # what a flush loads for itself ("written") is no lazy load
    assert told(content) == {
        # What is in memory already costs nothing: the makers of parts are the customers.
        "orders": {
            "Order.customer": ("many-to-one", 1, 1),
            "Order.lines": ("one-to-many", 6, 6),
            "Order.lines Line.product": ("many-to-one", 4, 4),
            "Order.lines Line.product Product.parts": ("", 0, 0),
            "Order.lines Line.product Product.parts Part.maker": ("many-to-one", 2, 2),
        },
        "eager": {
            "Order.lines": ("", 0, 0),
            "Order.lines Line.product": ("many-to-one", 4, 4),
        },
        "by_customer": {
            "Customer.*": ("expired", 1, 1),
            "Customer.notes": ("deferred", 3, 3),
            "Customer.orders": ("dynamic", 6, 6),
            "Customer.orders Order.lines": ("one-to-many", 6, 6),
        },
        "columns": {"Order.customer": ("many-to-one", 1, 1)},
        "rows": {"Line.product": ("many-to-one", 4, 4), "Order.customer": ("many-to-one", 3, 3)},
    }
    entities = {q["entity"]: q["objects"] for q in content["queries"] if q["function"] == "rows"}
    assert entities == {"shop.models:Line": 18, "shop.models:Order": 6}
    [orders] = [q for q in content["queries"] if q["function"] == "orders"]
    assert (orders["path"], orders["line"]) == ("shop/service.py", place("found = session"))
    assert (orders["entity"], orders["objects"]) == ("shop.models:Order", 6)
    lines = next(lazy for lazy in orders["lazy"] if len(lazy["along"]) == 2)
    calls = lines["accesses"][0]["calls"]
    assert calls[0] == {
        "path": "shop/service.py",
        "line": place("return line.id"),
        "function": "show_line",
    }
    assert calls[-1]["function"] == "orders"
    assert set(content["files"]) == {"shop/service.py"}


def test_xdist_workers_are_added_up(legacy: Path) -> None:
    alone = recorded(legacy)
    assert recorded(legacy, "-n2") == alone


def test_runs_add_up_and_a_changed_file_starts_anew(legacy: Path) -> None:
    once = recorded(legacy, "-k", "eager")
    twice = recorded(legacy, "-k", "eager", "--migrator-trace-append")
    assert told(twice)["eager"]["Order.lines Line.product"] == ("many-to-one", 8, 4)
    assert tracefile.merged(once, once) == twice
    service = legacy / "shop" / "service.py"
    service.write_text(service.read_text() + "\n# changed\n")
    assert told(recorded(legacy, "-k", "orders", "--migrator-trace-append")).keys() == {"orders"}


def test_a_file_that_is_no_trace_is_refused_before_the_tests_run(legacy: Path) -> None:
    (legacy / "trace.json").write_text("{}")
    done = pytest_in(legacy, "--migrator-trace-append", trace="trace.json")
    assert (done.returncode, "is no trace of version 1" in done.stderr) == (4, True)
    done = pytest_in(legacy, trace="nowhere/trace.json")
    assert (done.returncode, "nowhere" in done.stderr) == (4, True)


def test_without_the_option_nothing_is_written(legacy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGIN[:2]],
        cwd=legacy,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert list(legacy.glob("*.json")) == []


def test_the_context_manager_records_what_runs_in_it(
    legacy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(legacy))
    script = """
import sys
from migrator.runtime.trace import recording
from shop import models, service
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")
models.Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(models.Order(customer=models.Customer(name="Ada")))
    session.commit()
    session.expunge_all()
    with recording("trace.json"):
        service.orders(session)
    session.expunge_all()
    service.orders(session)
"""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{legacy}"}
    subprocess.run([sys.executable, "-c", script], cwd=legacy, env=environment, check=True)
    content = tracefile.read(legacy / "trace.json")
    assert told(content)["orders"] == {
        "Order.customer": ("many-to-one", 1, 1),
        "Order.lines": ("one-to-many", 1, 1),
    }


def test_an_error_inside_leaves_the_evidence(tmp_path: Path) -> None:
    with pytest.raises(KeyError), recording(tmp_path / "trace.json", root=tmp_path):
        raise KeyError
    assert tracefile.read(tmp_path / "trace.json")["queries"] == []
