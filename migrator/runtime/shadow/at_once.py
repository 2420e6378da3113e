"""Requests that run at once: each is answered as it is alone, or what they share shows.

What reads is asked in several rounds, each in another order, on one copy of the database. A flow that writes has
a copy of its own, and each of its steps runs among requests that read: of two that write, what they answer and leave
behind depends on who comes first. What was compared and what was not, the report says.
"""

from __future__ import annotations

import gc
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from . import among
from .flows import Ask, Identity, Run, Sent, Stage
from .freeze import Determinism
from .judge import Judge, Outcome
from .model import Observation, Request, RowChange, Verdict
from .observe import Application
from .pin import WRITES
from .report import AT_ONCE, AtOnce, CaseResult
from .stages import Handle

_ROUNDS = 3
#: Failures of requests that had no answer in time.
_STOPPING = frozenset({among.Stuck.__name__, TimeoutError.__name__})
_UNLIKE = "are no proof alone"
_BROKEN = "are of a flow that writes, and of which not every request is a proof alone"
_LONELY = "are of a flow that writes, and had no request that reads to run beside"
_STOPPED = "are of a flow that writes, and were not sent: the target had stood still before"
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

    @property
    def is_quiet(self) -> bool:
        """Whether neither side so much as tries to write: what fails has taken its number of a sequence."""
        asked = [*self.alone.legacy.statements, *self.alone.target.statements]
        return not any(WRITES.match(s) or "nextval" in s.lower() for s in asked)


class _Sorted:
    """What can be asked in which way, and the titles of what can't, by the reason."""

    def __init__(self, outcomes: Iterable[Outcome], judge: Judge) -> None:
        self.reading: list[Asked] = []
        #: Flows that write, and the number of the first step that does.
        self.writing: list[tuple[Outcome, int]] = []
        self.left: dict[str, list[str]] = {}
        for outcome in outcomes:
            results = judge.results(outcome)
            writes = [bool(r.legacy.writes or r.target.writes) for r in results]
            first = writes.index(True) if any(writes) else len(results)
            for number, result in enumerate(results[:first]):
                if result.verdict.passed:
                    self.reading.append(Asked(outcome, number, result))
                else:
                    self.leave(_UNLIKE, [result])
            if all(result.verdict.passed for result in results):
                self.writing += [(outcome, first)] * any(writes)
            else:
                self.leave(_BROKEN, results[first:])

    def leave(self, reason: str, results: Iterable[CaseResult]) -> None:
        """Nothing is said of these."""
        titles = [replace(result, tier="").title for result in results]
        if titles:
            self.left.setdefault(reason, []).extend(titles)


def ask_at_once(
    both: tuple[Application, Application],
    outcomes: Iterable[Outcome],
    judge: Judge,
    stage: Stage,
    frozen: Determinism,
    together: int,
    run: Callable[[Application, Outcome, Ask], Run],
) -> AtOnce:
    """Send everything to both sides again, `together` at a time, and compare it with each alone.

    `run` runs a flow on one side, its steps asked as it is given.
    """
    found = _Sorted(outcomes, judge)
    results, written = _reading(both, found, judge, stage, frozen, together)
    stopped = any(_has_stopped(result.target) for result in results)
    quiet = [one for one in found.reading if one.is_quiet]
    for outcome, first in found.writing:
        if stopped or not quiet:
            reason = _STOPPED if stopped else _LONELY
            found.leave(reason, judge.results(outcome)[first:])
            continue
        runs = [
            run(application, outcome, _among(application, side, quiet, frozen, together))
            for side, application in enumerate(both)
        ]
        made = judge.results(Outcome(outcome.flow, AT_ONCE, runs[0], runs[1], outcome.legacy))
        stopped = any(_has_stopped(result.target) for result in made)
        for result in made[first:]:
            if result.verdict is Verdict.NOT_COMPARABLE:
                found.leave(_NOISE, [result])
            else:
                results.append(result)
    left = {reason: tuple(titles) for reason, titles in found.left.items()}
    return AtOnce(together, tuple(results), left, tuple(_only(*written)))


def _among(
    application: Application,
    side: int,
    reading: Sequence[Asked],
    frozen: Determinism,
    together: int,
) -> Ask:
    """Asks a request beside others that read; of these nothing is compared."""

    def ask(request: Request, flow: str, number: int) -> Observation:
        others = random.Random(f"{flow} {number}").choices(reading, k=together - 1)
        requests = [(request, flow, number), *(_sent(other, side) for other in others)]
        return application.ask_at_once(requests, together, frozen)[0]

    return ask


def _sent(asked: Asked, side: int) -> tuple[Request, str, int]:
    """A request as a side was sent it, and where its chance comes from."""
    request = asked.both[side].request
    assert request is not None  # it was sent, and passed
    return request, asked.outcome.flow.name, asked.number


def _reading(
    both: tuple[Application, Application],
    found: _Sorted,
    judge: Judge,
    stage: Stage,
    frozen: Determinism,
    together: int,
) -> tuple[list[CaseResult], list[list[RowChange]]]:
    """The results of what only reads, and what either side wrote nevertheless."""
    asked = found.reading
    frozen.step(AT_ONCE, 0)
    answers: list[list[list[Observation]]] = []
    written: list[list[RowChange]] = []
    for side, application in enumerate(both):
        handle: Handle
        with stage.side(application) as handle:
            handle.step(frozen)
            requests = [_sent(one, side) for one in asked]
            answers.append(_rounds(application, requests, frozen, together))
            # A session that nobody closed holds its connection until it is collected: not after its
            # copy is gone.
            gc.collect()
            written.append(handle.writes())
    results: list[CaseResult] = []
    for place, one in enumerate(asked):
        pairs = [(legacy[place], target[place]) for legacy, target in zip(*answers, strict=False)]
        made = [_judged(one, pair, judge) for pair in pairs]
        sure = [r for r in made if r.verdict is not Verdict.NOT_COMPARABLE]
        # What happens in one round of three happens.
        other = next((r for r in sure if not r.verdict.passed), None)
        if other is not None or len(sure) == len(made):
            results.append(other or sure[0])
        else:
            found.leave(_NOISE, [one.alone])
    return results, written


def _rounds(
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
        if any(_has_stopped(one) for one in observed):
            break  # each time takes long, and it shows already
    return found


def _has_stopped(observation: Observation) -> bool:
    return any(failure.name in _STOPPING for failure in observation.failures)


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
