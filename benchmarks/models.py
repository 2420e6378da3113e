"""`migrator check models` over public repositories: their models, before and after conversion.

`python -m benchmarks.models CHECKOUTS --python PYTHON [NAME ...]` takes the repositories of
CHECKOUTS/suites.toml that say where their models are (`models`). Each is copied, edited as for its suite and
converted beside itself; PYTHON is an interpreter that has what they import.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.corpus import Repository, repositories
from benchmarks.suites import ROOT, Suite, Workshop, suites


def check(repository: Repository, suite: Suite, python: Path, work: Path) -> dict[str, Any]:
    """What `migrator check models` says, as JSON; `error` where it could say nothing."""
    workshop = Workshop(repository, suite, work)
    workshop.copy()
    package = repository.folder.name
    target = f"{package}_converted"
    environment = {**os.environ, **suite.environment, "PYTHONPATH": str(ROOT)}
    base = [sys.executable, "-m", "migrator", "codemod", package, "--out", target]
    made = subprocess.run(
        base, cwd=workshop.source, env=environment, capture_output=True, text=True, check=False
    )
    if made.returncode > 1:
        return {"error": made.stderr}
    module, _, attribute = suite.models.partition(":")
    other = f"{target}{module.removeprefix(package)}:{attribute}"
    command = [
        str(python), "-m", "migrator", "check", "models", "--format", "json",
        "--legacy", suite.models, "--target", other,
    ]  # fmt: skip
    run = subprocess.run(
        command, cwd=workshop.source, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode > 1:
        return {"error": run.stderr}
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def main() -> int:
    """The command; 1 where the two sides differ or could not be compared."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("names", nargs="*", help="only these of suites.toml")
    parser.add_argument("--python", type=Path, required=True)
    options = parser.parse_args()
    checkouts = options.checkouts.resolve()
    known = suites(checkouts)
    bad = False
    with tempfile.TemporaryDirectory() as work:
        for repository in repositories(checkouts, options.names):
            suite = known.get(repository.name)
            if suite is None or not suite.models:
                continue
            found = check(repository, suite, options.python.absolute(), Path(work))
            said = found.get("error", "").strip() or (
                f"{found['tables']} tables on {found['database']}, "
                f"{len(found['differences'])} differences {found['differences'] or ''}"
            )
            bad = bad or bool(found.get("error") or found["differences"])
            print(f"{repository.name}: {said}", flush=True)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
