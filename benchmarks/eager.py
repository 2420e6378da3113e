"""What loader options save: the statements of the sample application's conversions, request by request.

`python -m benchmarks.eager [--write]`: the declared requests of cases/, each to the legacy
application and to what the codemod makes of it without loader options and with those that the code
asks for; SQLite, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from benchmarks.page import write_part

MODES = ("never", "static")


def run(eager: Any) -> dict[str, Any]:
    """The statements by endpoint, of both sides, and the answers that differ."""
    from migrator.codemod.convert import convert
    from migrator.codemod.output import files, folders
    from migrator.demo.database import databases
    from migrator.demo.workspace import checkout, workspace
    from migrator.runtime.loading import load_application
    from migrator.runtime.shadow import load, run_cases

    with workspace(checkout(), None) as place, databases(place.folder, sqlite=True) as made:
        os.environ.update(DATABASE_URL=made.url, SECRET_KEY="the same for both sides")
        legacy = load_application("legacy_app.wsgi:app", app_dir=place.folder)
        from legacy_app.seed import seed

        seed(legacy)
        conversion = convert(place.legacy, package="target_app", eager=eager)
        texts = files.output_files(place.legacy, files.package_of(conversion), place.target)
        folders.write_package(place.target, texts)
        target = load_application("target_app.asgi:app", app_dir=place.folder)
        found = run_cases(legacy, target, load(place.cases))
        return {
            "options": sum(f.code == "MIG603" for f in conversion.findings),
            "requests": len(found.cases),
            "different": found.exit_code,
            "endpoints": {
                row.endpoint: (row.legacy.statements, row.target.statements)
                for row in found.endpoints
            },
        }


def part(runs: dict[str, dict[str, Any]]) -> str:
    """The page's part."""
    without, placed = (runs[mode]["endpoints"] for mode in MODES)
    sums = [sum(r[1] for r in runs[mode]["endpoints"].values()) for mode in MODES]
    legacy = sum(r[0] for r in placed.values())
    fewer = sum(placed[name][1] < without[name][1] for name in placed)
    more = sum(placed[name][1] > without[name][1] for name in placed)
    alike = "no answer differs" if not any(r["different"] for r in runs.values()) else "DIFFERENT"
    return f"""## Loader options

`python -m benchmarks.eager`

The {runs["static"]["requests"]} declared requests of the sample application on SQLite; {runs["static"]["options"]} [options](eager.md) are
placed. {fewer} of {len(placed)} endpoints send fewer statements with them, {more} more; {alike}.

| | statements |
|---|---:|
| the legacy application | {legacy} |
| converted, `--eager never` | {sums[0]} |
| converted, `--eager static` | {sums[1]} |
"""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", nargs="?", choices=MODES)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.mode:
        print(json.dumps(run(arguments.mode)))
        return
    runs = {}
    for mode in MODES:
        command = [sys.executable, "-m", "benchmarks.eager", mode]
        made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        runs[mode] = json.loads(made.stdout.splitlines()[-1])
    text = part(runs)
    print(text)
    if arguments.write:
        write_part("eager", text)


if __name__ == "__main__":
    main()
