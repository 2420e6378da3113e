"""A process that is forked off asks over connections of its own, and outside of the parent's transaction."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def test_a_child_shares_no_connection(postgres_url: str) -> None:
    """In a process of its own: the tests' has threads, which a fork may leave with their locks held."""
    here = Path(__file__)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", here.with_name("forking_process.py"), postgres_url],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(here.parents[3])},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["parent"] == found["afterwards"]
    assert not {*found["parent"]} & {*found["child"]}
    assert ran.stderr == ""


GARBAGE = """
import gc, os, sys
import migrator.runtime.db

class Connection:
    def __del__(self):
        print("closed in", "the child" if os.getpid() != parent else "the parent", flush=True)

parent = os.getpid()
gc.disable()
left = Connection()
left.itself = left
del left
child = os.fork()
gc.collect()
if not child:
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_child_collects_nothing_that_its_parent_has_left() -> None:
    """Closing a connection takes locks of its driver's, which a thread of the parent may have held."""
    ran = subprocess.run(
        [sys.executable, "-c", GARBAGE],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert ran.stdout.split("\n") == ["closed in the parent", ""], ran.stderr
