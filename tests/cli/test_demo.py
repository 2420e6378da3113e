"""`migrator demo`: the whole road with one command, and its answers to what can't work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


#: Cases of the checkout that go the whole road: tests/test_shadow_legacy.py asks all of them.
SOME = ("common.yaml", "health.yaml", "customers.yaml")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with some of the cases."""
    (tmp_path / "cases").mkdir()
    for name in SOME:
        shutil.copy(ROOT / "cases" / name, tmp_path / "cases")
    for name in ("migrator", "legacy_app"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def demo(*options: str, checkout: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command in a checkout, as `make demo` does."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "SECRET_KEY")}
    return subprocess.run(
        [sys.executable, "-m", "migrator", "demo", *options],
        cwd=checkout, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_it_converts_serves_and_proves_the_sample_application(checkout: Path) -> None:
    report = checkout / "report.html"
    done = demo("--sqlite", "--report", str(report), checkout=checkout)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    assert "byte-identical" in done.stdout
    assert "Traceback" not in done.stderr
    assert report.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("url", "code"),
    [("nonsense", "MIG010"), ("postgresql://u:secretpw@127.0.0.1:1/x", "MIG011")],
)
def test_a_database_that_can_not_be_used_is_one_message(url: str, code: str) -> None:
    done = demo("--database-url", url)
    assert done.returncode == 2
    assert f"error[{code}]" in done.stderr
    assert "why:" in done.stderr
    assert "do:" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "secretpw" not in done.stdout + done.stderr
