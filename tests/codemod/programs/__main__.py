"""Runs the programs of many seeds and prints those that differ without a finding, reduced to little.

    python -m tests.codemod.programs FIRST COUNT [--flavour NAME] [--frame NAME] [--place NAME]
        [--way NAME] [--database NAME] [--bare] [--whole]

A seed gives one program for ever, as long as these modules stay what they are.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from contextlib import nullcontext

from migrator.embedded import postgres
from tests.codemod.parity import FRAMES
from tests.codemod.programs.databases import DATABASES
from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.places import PLACES
from tests.codemod.programs.reducing import reduced
from tests.codemod.programs.seeds import AT_ONCE, batches, ground_of, ran


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.codemod.programs")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--flavour", choices=[*HOMES])
    parser.add_argument("--frame", choices=[*FRAMES])
    parser.add_argument("--place", choices=[*PLACES], help="where the programs' code runs")
    parser.add_argument("--way", default="", help="an `e_`, `s_` or `h_` above all others")
    parser.add_argument("--database", choices=[*DATABASES], default="sqlite")
    parser.add_argument("--bare", action="store_true", help="without the safety net of requests")
    parser.add_argument("--whole", action="store_true", help="what differs is not reduced")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    sums: Counter[str] = Counter()
    begun = time.monotonic()
    # One server for all.
    with postgres() if given.database == "postgresql" else nullcontext():
        for seeds in batches(given.first, given.count):
            ground = ground_of(seeds, given.flavour, given.frame, given.database, given.bare)
            programs, found = ran(seeds, ground, given.place, given.way)
            sums.update(programs=len(programs), asked=found.asked, answered=found.fine)
            sums.update(sites=found.seen, native=found.native, told=len(found.differences))
            for difference in found.untold:
                sums.update(untold=1, told=-1)
                shown = difference if given.whole else reduced(difference)
                print(f"==== {shown}\n", flush=True)
            if not sums["programs"] % (20 * AT_ONCE):
                print(dict(sums), f"{time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(dict(sums), f"{time.monotonic() - begun:.0f} s")
    return 1 if sums["untold"] else 0


if __name__ == "__main__":
    sys.exit(main())
