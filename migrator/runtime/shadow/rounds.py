"""The same requests in several orders, some at a time, and the one result that each of them comes to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from . import among
from .freeze import Determinism
from .model import Observation, Request, Verdict
from .observe import Application
from .report import CaseResult

_ROUNDS = 3
#: Failures of requests that had no answer in time.
_STOPPING = frozenset({among.Stuck.__name__, TimeoutError.__name__})


def in_rounds(
    application: Application,
    requests: Sequence[tuple[Request, str, int]],
    frozen: Determinism,
    together: int,
) -> list[list[Observation]]:
    """By round, each request's observation."""
    found = []
    for number in range(_ROUNDS):
        order = random.Random(number).sample(range(len(requests)), len(requests))
        observed = application.ask_at_once([requests[n] for n in order], together, frozen)
        by_place = dict(zip(order, observed, strict=True))
        found.append([by_place[place] for place in range(len(requests))])
        if any(has_stopped(one) for one in observed):
            break  # each time takes long, and it shows already
    return found


def has_stopped(observation: Observation) -> bool:
    """Whether it had no answer in time."""
    return any(failure.name in _STOPPING for failure in observation.failures)


def of_all_rounds(made: Sequence[CaseResult], alone: CaseResult) -> CaseResult | None:
    """The result of a request, given each round's; None where the legacy side differs from itself."""
    sure = [result for result in made if result.verdict is not Verdict.NOT_COMPARABLE]
    # What happens in one round of three happens.
    other = next((result for result in sure if not result.verdict.passed), None)
    if other is None and len(sure) < len(made):
        return None
    return replace(other or sure[0], step=alone.step, name=alone.name)
