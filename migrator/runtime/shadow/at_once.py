"""Requests that run at once: each is answered as it is alone, or what they share shows.

What reads is asked in several rounds, each in another order, on one copy of the database; what reads behind a login
that writes, on one copy for each actor. Another flow that writes has a copy of its own, and each of its steps runs
among requests that read: of two that write, what they answer and leave behind depends on who comes first. What was
compared and what was not, the report says.
"""

from __future__ import annotations

import gc
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from .cases import Cases
from .flows import Ask, Identity, Run, Sent, Stage, Then
from .freeze import Determinism
from .judge import Judge, Outcome
from .model import Observation, Request, RowChange, Verdict
from .observe import Application
from .one_login import Behind, OneLogin, reads_behind_login
from .pin import WRITES
from .report import AT_ONCE, AtOnce, CaseResult
from .rounds import has_stopped, in_rounds, of_all_rounds
from .stages import Handle

_UNLIKE = "are no proof alone"
_BROKEN = "are of a flow that writes, and of which not every request is a proof alone"
_LONELY = "are of a flow that writes, and had no request that reads to run beside"
_STOPPED = "are of a flow that writes, and were not sent: the target had stood still before"
_NOISE = "are answered otherwise at once by the legacy side, too"
_BEHIND = "are answered otherwise at once by the legacy side, too, or their login was"


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

    def __init__(
        self, outcomes: Iterable[Outcome], judge: Judge, cases: Cases, together: int
    ) -> None:
        self.reading: list[Asked] = []
        #: Flows that write, and the number of the first step that does.
        self.writing: list[tuple[Outcome, int]] = []
        #: By actor, flows that read behind a login, which writes.
        self.behind: dict[str, list[Behind]] = {}
        self.left: dict[str, list[str]] = {}
        for outcome in outcomes:
            results = judge.results(outcome)
            if reads_behind_login(outcome, results, cases):
                group = self.behind.setdefault(outcome.flow.actor or "", [])
                group.append(Behind(outcome, results))
            else:
                self._sort(outcome, results)
        for actor, group in list(self.behind.items()):
            if len(group) < together:  # too few among each other: among what reads without a login
                del self.behind[actor]
                for one in group:
                    self._sort(one.outcome, one.results)
            else:
                self._read_first(group[0].outcome, group[0].results[:-1])

    def _sort(self, outcome: Outcome, results: Sequence[CaseResult]) -> None:
        first = self._read_first(outcome, results)
        if not all(result.verdict.passed for result in results):
            self.leave(_BROKEN, results[first:])
        elif first < len(results):
            self.writing.append((outcome, first))

    def _read_first(self, outcome: Outcome, results: Sequence[CaseResult]) -> int:
        """Take what is read before the first request that writes; its number is given."""
        first = _first_write(results)
        for number, result in enumerate(results[:first]):
            if result.verdict.passed:
                self.reading.append(Asked(outcome, number, result))
            else:
                self.leave(_UNLIKE, [result])
        return first

    def leave(self, reason: str, results: Iterable[CaseResult]) -> None:
        """Nothing is said of these."""
        titles = [replace(result, tier="").title for result in results]
        if titles:
            self.left.setdefault(reason, []).extend(titles)


def _first_write(results: Sequence[CaseResult]) -> int:
    """The number of the first request that writes, or how many there are."""
    writes = [bool(r.legacy.writes or r.target.writes) for r in results]
    return writes.index(True) if any(writes) else len(writes)


@dataclass(frozen=True, slots=True)
class AtOnceRun:
    """What a run at once works with. `run` runs a flow on one side; `told` is called before each of them."""

    both: tuple[Application, Application]
    judge: Judge
    cases: Cases
    stage: Stage
    frozen: Determinism
    together: int
    run: Callable[[Application, Outcome, Ask, Then | None], Run]
    told: Callable[[int, int, str], None]

    def all(self, outcomes: Iterable[Outcome]) -> AtOnce:
        """Send everything to both sides again, `together` at a time, and compare it with each alone."""
        found = _Sorted(outcomes, self.judge, self.cases, self.together)
        total = 1 + len(found.behind) + len(found.writing)
        self.told(0, total, AT_ONCE)
        results, written = self._reading(found)
        quiet = [one for one in found.reading if one.is_quiet]
        stopped = any(has_stopped(result.target) for result in results)
        #: Actors whose login was asked among others: once is enough, each flow's is the same.
        logged_in: set[str] = set()
        for done, (actor, group) in enumerate(found.behind.items(), 1):
            self.told(done, total, f"{AT_ONCE}: {actor}")
            if stopped:
                found.leave(_STOPPED, [result for one in group for result in one.results])
                continue
            made, more = self._behind(group, quiet, found)
            logged_in.add(actor)
            for ours, theirs in zip(written, more, strict=False):
                ours += theirs
            results += made
            stopped = any(has_stopped(result.target) for result in made)
        for done, (outcome, first) in enumerate(found.writing, 1 + len(found.behind)):
            self.told(done, total, f"{AT_ONCE}: {outcome.flow.name}")
            if stopped or not quiet:
                reason = _STOPPED if stopped else _LONELY
                found.leave(reason, self.judge.results(outcome)[first:])
                continue
            login = len(outcome.legacy.sent) - len(outcome.flow.steps)
            skipped = login if outcome.flow.actor in logged_in else 0
            if login and outcome.flow.actor:
                logged_in.add(outcome.flow.actor)
            made = self._asked(outcome, quiet, skipped)
            stopped = any(has_stopped(result.target) for result in made)
            for result in made[max(first, skipped) :]:
                if result.verdict is Verdict.NOT_COMPARABLE:
                    found.leave(_NOISE, [result])
                else:
                    results.append(result)
        left = {reason: tuple(titles) for reason, titles in found.left.items()}
        return AtOnce(self.together, tuple(results), left, tuple(_only(*written)))

    def _reading(self, found: _Sorted) -> tuple[list[CaseResult], list[list[RowChange]]]:
        """The results of what only reads, and what either side wrote nevertheless."""
        self.frozen.step(AT_ONCE, 0)
        answers: list[list[list[Observation]]] = []
        written: list[list[RowChange]] = []
        for side, application in enumerate(self.both):
            handle: Handle
            with self.stage.side(application) as handle:
                handle.step(self.frozen)
                requests = [_sent(one, side) for one in found.reading]
                answers.append(in_rounds(application, requests, self.frozen, self.together))
                # A session that nobody closed holds its connection until it is collected: not
                # after its copy is gone.
                gc.collect()
                written.append(handle.writes())
        results: list[CaseResult] = []
        for place, one in enumerate(found.reading):
            made = [
                _judged(one, (legacy[place], target[place]), self.judge)
                for legacy, target in zip(*answers, strict=False)
            ]
            result = of_all_rounds(made, one.alone)
            if result is None:
                found.leave(_NOISE, [one.alone])
            else:
                results.append(result)
        return results, written

    def _behind(
        self, group: Sequence[Behind], quiet: Sequence[Asked], found: _Sorted
    ) -> tuple[list[CaseResult], list[list[RowChange]]]:
        """The results of an actor's login and of what reads behind it, and what either side wrote there."""
        actor = self.cases.actors[group[0].outcome.flow.actor or ""]
        one = OneLogin(group, actor, self.cases, self.frozen, self.together)
        # With nothing beside it, a login shows nothing at once.
        skipped = 0 if quiet else len(actor.steps)
        made = self._asked(one.login, quiet, skipped, one)[skipped:]
        results = [result for result in made if result.verdict is not Verdict.NOT_COMPARABLE]
        for behind, result in zip(group, one.results(self.judge), strict=True):
            if result is None:
                found.leave(_BEHIND, behind.results[-1:])
            else:
                results.append(result)
        return results, one.written

    def _asked(
        self, outcome: Outcome, quiet: Sequence[Asked], skipped: int, behind: OneLogin | None = None
    ) -> list[CaseResult]:
        """A flow's results, its steps from `skipped` on asked among others; what is behind it follows."""
        runs = []
        for side, application in enumerate(self.both):
            ask = _among(application, side, quiet, self.frozen, self.together, skipped)
            then = partial(behind.ask, application) if behind is not None else None
            runs.append(self.run(application, outcome, ask, then))
        return self.judge.results(Outcome(outcome.flow, AT_ONCE, runs[0], runs[1], outcome.legacy))


def _among(
    application: Application,
    side: int,
    reading: Sequence[Asked],
    frozen: Determinism,
    together: int,
    skipped: int,
) -> Ask:
    """Asks a request beside others that read; of these nothing is compared. The first are asked alone."""

    def ask(request: Request, flow: str, number: int) -> Observation | None:
        if number < skipped:
            return None
        others = random.Random(f"{flow} {number}").choices(reading, k=together - 1)
        requests = [(request, flow, number), *(_sent(other, side) for other in others)]
        return application.ask_at_once(requests, together, frozen)[0]

    return ask


def _sent(asked: Asked, side: int) -> tuple[Request, str, int]:
    """A request as a side was sent it, and where its chance comes from."""
    request = asked.both[side].request
    assert request is not None  # it was sent, and passed
    return request, asked.outcome.flow.name, asked.number


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
    return result


def _only(legacy: Iterable[RowChange], target: Iterable[RowChange]) -> Iterable[str]:
    """What the target wrote at once and the legacy side did not, by table and operation."""
    kinds = Counter((r.table, r.operation) for r in target)
    kinds -= Counter((r.table, r.operation) for r in legacy)
    for (table, operation), count in sorted(kinds.items()):
        yield f"{operation} of {table}, {count} times"
