"""`target_app/` is what the codemod makes of `legacy_app/`, to the byte (`make target` renews it)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.storefront import ROOT, TARGET


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A fresh conversion, and what the command said about it."""
    out = tmp_path_factory.mktemp("converted") / "target_app"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "migrator",
            "codemod",
            "legacy_app",
            "--out",
            out,
            "--format",
            "json",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr  # nothing is left to do by hand
    return out, json.loads(done.stdout)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its path; what Python and the application leave behind aside."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and "instance" not in file.parts
    }


def test_it_is_the_codemod_s_output(made: tuple[Path, dict[str, Any]]) -> None:
    fresh, committed = contents(made[0]), contents(TARGET)
    assert fresh.keys() == committed.keys()
    changed = [name for name, text in fresh.items() if committed[name] != text]
    assert changed == [], "run `make target` and commit what it writes"


def test_at_least_85_of_100_endpoints_are_served_by_the_new_application(
    made: tuple[Path, dict[str, Any]],
) -> None:
    endpoints, totals = made[1]["endpoints"], made[1]["totals"]
    served = [e for e in endpoints if e["level"] in ("native", "bridged")]
    left = [e for e in endpoints if e["level"] not in ("native", "bridged")]
    assert len(served) >= 0.85 * len(endpoints)
    assert all(e["reason"] for e in left)
    assert totals["seen"] == totals["native"] + totals["bridged"] + totals["left"]
