"""Requests that run at once: each is answered as it is alone, or what they share shows.

Only what reads is asked so: what requests that write answer depends on who comes first. Several rounds, each in
another order, on a copy of the database; what was compared and what was not, the report says.
"""

from __future__ import annotations

import gc
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .flows import Identity, Run, Sent, Stage
from .freeze import Determinism
from .judge import Judge, Outcome
from .model import Observation, Request, RowChange, Verdict
from .observe import Application
from .report import AT_ONCE, AtOnce, CaseResult
from .stages import Handle

_ROUNDS = 3
_UNLIKE = "are no proof alone"
_WRITES = "write rows"
_AFTER = "follow one that writes, in their flow"
_NOISE = "are answered otherwise at once by the legacy side, too"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is asked alone and at once: what both sides did alone, and the result of that."""

    outcome: Outcome
    number: int
    alone: CaseResult

    @property
    def both(self) -> tuple[Sent, Sent]:
        """How it was sent to the legacy side, and to the target."""
        return self.outcome.legacy.sent[self.number], self.outcome.target.sent[self.number]


def reading(
    outcomes: Iterable[Outcome], judge: Judge
) -> tuple[list[Asked], dict[str, tuple[str, ...]]]:
    """The requests that can be asked at once; and the titles of the others, by the reason."""
    found: list[Asked] = []
    left: dict[str, list[str]] = {}
    for outcome in outcomes:
        written = False
        for number, result in enumerate(judge.results(outcome)):
            writes = bool(result.legacy.writes or result.target.writes)
            if not result.verdict.passed:
                reason = _UNLIKE
            elif writes or written:
                reason = _WRITES if writes else _AFTER
            else:
                found.append(Asked(outcome, number, result))
                continue
            written = written or writes
            left.setdefault(reason, []).append(result.title)
    return found, {reason: tuple(titles) for reason, titles in left.items()}


def ask_at_once(
    both: tuple[Application, Application],
    outcomes: Iterable[Outcome],
    judge: Judge,
    stage: Stage,
    frozen: Determinism,
    together: int,
) -> AtOnce:
    """Send what only reads to both sides again, `together` at a time, and compare it with each alone."""
    asked, left = reading(outcomes, judge)
    frozen.step(AT_ONCE, 0)
    answers: list[list[list[Observation]]] = []
    written: list[list[RowChange]] = []
    for side, application in enumerate(both):
        handle: Handle
        with stage.side(application) as handle:
            handle.step(frozen)
            answers.append(
                _rounds(application, [a.both[side] for a in asked], asked, frozen, together)
            )
            # A session that nobody closed holds its connection until it is collected: not after its
            # copy is gone.
            gc.collect()
            written.append(handle.writes())
    results: list[CaseResult] = []
    for place, one in enumerate(asked):
        pairs = [(legacy[place], target[place]) for legacy, target in zip(*answers, strict=True)]
        made = [_judged(one, pair, judge) for pair in pairs]
        sure = [r for r in made if r.verdict is not Verdict.NOT_COMPARABLE]
        # What happens in one round of three happens.
        other = next((r for r in sure if not r.verdict.passed), None)
        if other is not None or len(sure) == len(made):
            results.append(other or sure[0])
        else:
            left[_NOISE] = (*left.get(_NOISE, ()), one.alone.title)
    return AtOnce(together, tuple(results), left, tuple(_only(*written)))


def _rounds(
    application: Application,
    sent: Sequence[Sent],
    asked: Sequence[Asked],
    frozen: Determinism,
    together: int,
) -> list[list[Observation]]:
    """By round, each request's observation."""
    found = []
    for number in range(_ROUNDS):
        order = random.Random(number).sample(range(len(sent)), len(sent))
        requests: list[tuple[Request, str, int]] = []
        for place in order:
            request = sent[place].request
            assert request is not None  # it was sent, and passed
            requests.append((request, asked[place].outcome.flow.name, asked[place].number))
        observed = dict(
            zip(order, application.ask_at_once(requests, together, frozen), strict=True)
        )
        found.append([observed[place] for place in range(len(sent))])
    return found


def _judged(asked: Asked, pair: tuple[Observation, Observation], judge: Judge) -> CaseResult:
    """The result of a request at once; where the legacy side differs from itself alone, it is none."""
    legacy, target = (replace(s, observation=o) for s, o in zip(asked.both, pair, strict=True))
    outcome = Outcome(
        asked.outcome.flow,
        AT_ONCE,
        Run((legacy,), (), Identity()),
        Run((target,), (), Identity()),
        Run((asked.both[0],), (), Identity()),
    )
    (result,) = judge.results(outcome)
    return replace(result, step=asked.alone.step, name=asked.alone.name)


def _only(legacy: Iterable[RowChange], target: Iterable[RowChange]) -> Iterable[str]:
    """What the target wrote at once and the legacy side did not, by table and operation."""
    kinds = Counter((r.table, r.operation) for r in target)
    kinds -= Counter((r.table, r.operation) for r in legacy)
    for (table, operation), count in sorted(kinds.items()):
        yield f"{operation} of {table}, {count} times"
