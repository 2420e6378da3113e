"""`migrator demo`: the whole road with one command, and its answers to what can't work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the checkout, as `make demo` does."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "SECRET_KEY")}
    return subprocess.run(
        [sys.executable, "-m", "migrator", "demo", *options],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_it_converts_serves_and_proves_the_sample_application(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = demo("--sqlite", "--report", str(report))
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
