"""Every dependency is recorded: when nothing is queued any more, nothing changes any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from migrator.index.models import Models
from migrator.index.project import Project
from migrator.surface.read import read_surface
from migrator.types.analysis import analyse, evaluate
from migrator.types.state import State

ROOT = Path(__file__).parents[2]


def known(state: State) -> dict[str, str]:
    found = {}
    for key, facts in state.facts.items():
        listed = [(f.kind, f.name, id(f.node), f.action, f.refusal, f.callees) for f in facts]
        found[key] = repr(listed)
    return found


def test_everything_evaluated_once_more_is_as_it_was() -> None:
    project = Project(ROOT / "legacy_app")
    surface = read_surface(project)
    assert surface is not None
    entries = {key: entry.kind for key, entry in surface.entries.items()}
    state = analyse(project, Models(project), entries)
    before = known(state)
    for key in list(state.facts):
        evaluate(state, key)
    assert not state.queue
    assert known(state) == before


_CONVERTED = """
import hashlib, sys
from pathlib import Path
from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
made = convert(Path(sys.argv[1]), package="target_app")
outcome = outcome_of(made)
places = (*outcome.findings, *outcome.bridged, *outcome.notes)
text = repr(([*made.texts.items()], [repr(place) for place in places]))
print(made.state.evaluations, hashlib.sha256(text.encode()).hexdigest())
"""


def test_nothing_depends_on_the_hash_seed_of_the_process() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", _CONVERTED, ROOT / "legacy_app"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    one, other = (run.communicate()[0] for run in runs)
    assert one
    assert one == other
