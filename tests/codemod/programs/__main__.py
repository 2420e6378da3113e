"""Runs the programs of many seeds and prints those that differ without a finding, reduced to little.

    python -m tests.codemod.programs FIRST COUNT [--flavour NAME] [--frame NAME]

A seed gives one program for ever, as long as these modules stay what they are.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter

from tests.codemod.parity import FRAMES
from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.reducing import reduced
from tests.codemod.programs.seeds import AT_ONCE, batches, ran


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.codemod.programs")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--flavour", choices=[*HOMES])
    parser.add_argument("--frame", choices=[*FRAMES])
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    sums: Counter[str] = Counter()
    begun = time.monotonic()
    for seeds in batches(given.first, given.count):
        programs, found = ran(seeds, given.flavour, given.frame)
        sums.update(programs=len(programs), views=found.asked, answered=found.fine)
        sums.update(sites=found.seen, native=found.native, told=len(found.differences))
        for difference in found.untold:
            sums.update(untold=1, told=-1)
            print(f"==== {reduced(difference)}\n", flush=True)
        if not sums["programs"] % (20 * AT_ONCE):
            print(dict(sums), f"{time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(dict(sums), f"{time.monotonic() - begun:.0f} s")
    return 1 if sums["untold"] else 0


if __name__ == "__main__":
    sys.exit(main())
