"""Flows of one actor that read a single thing each, behind one login for all of them.

A login that each flow begins with (`fresh`) writes, so that every flow would be asked on a copy of the database
of its own, one after the other. What they read behind it, they read at once here, on one copy.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .cases import Actor, Cases
from .flows import Identity, Run, Sent, request_of
from .freeze import Determinism
from .judge import Judge, Outcome
from .model import Observation, Request, RowChange
from .observe import Application
from .report import AT_ONCE, CaseResult
from .requests import UnknownVariable
from .rounds import in_rounds, of_all_rounds
from .stages import Handle


@dataclass(frozen=True, slots=True)
class Behind:
    """A flow that reads a single thing behind its login: what both sides did alone, and the results of that."""

    outcome: Outcome
    results: list[CaseResult]


def reads_behind_login(outcome: Outcome, results: Sequence[CaseResult], cases: Cases) -> bool:
    """Whether another login of the actor can take the place of the flow's own."""
    flow, actor = outcome.flow, cases.actors.get(outcome.flow.actor or "")
    if actor is None or not actor.fresh or len(flow.steps) != 1:
        return False
    if not all(result.verdict.passed for result in results):
        return False
    login, last = results[:-1], results[-1]
    if not any(r.legacy.writes or r.target.writes for r in login):
        return False  # it is read with everything else
    if last.legacy.writes or last.target.writes:
        return False
    # A login that depends on what the flow sets, or sets that itself, is the flow's own.
    captured = {name for step in actor.steps for name in step.capture}
    return captured.isdisjoint(flow.variables) and not any(
        f"${{{name}}}" in repr(step) for name in flow.variables for step in actor.steps
    )


@dataclass
class OneLogin:
    """What both sides answer at once behind one login, by side."""

    group: Sequence[Behind]
    actor: Actor
    cases: Cases
    frozen: Determinism
    together: int
    alone: list[Observation] = field(default_factory=list)
    requests: list[list[Request]] = field(default_factory=list)
    answers: list[list[list[Observation]]] = field(default_factory=list)
    written: list[list[RowChange]] = field(default_factory=list)

    @property
    def login(self) -> Outcome:
        """The first one's login, as it was alone."""
        outcome = self.group[0].outcome
        flow = replace(outcome.flow, steps=(), variables={})
        runs = [
            replace(run, sent=run.sent[: len(self.actor.steps)])
            for run in (outcome.legacy, outcome.target)
        ]
        return Outcome(flow, AT_ONCE, runs[0], runs[1])

    def ask(self, application: Application, handle: Handle, session: Identity) -> None:
        """Ask one side, which has just been logged in; the legacy side is the first."""
        number = len(self.actor.steps)
        self.frozen.step(AT_ONCE, number)
        handle.step(self.frozen)
        try:
            requests = [self._request(one, session) for one in self.group]
        except UnknownVariable:
            return  # the login gave less than it does alone
        asked = [
            (r, b.outcome.flow.name, number) for r, b in zip(requests, self.group, strict=True)
        ]
        if not self.alone:
            # Each page behind a login may hold something of that login: what it is alone is asked anew.
            self.alone = application.ask_at_once(asked, 1, self.frozen)
        self.requests.append(requests)
        self.answers.append(in_rounds(application, asked, self.frozen, self.together))
        gc.collect()  # a session that nobody closed holds a connection to the copy
        self.written.append(handle.writes())

    def _request(self, one: Behind, session: Identity) -> Request:
        flow = one.outcome.flow
        own = Identity(session.jar, {**session.variables, **flow.variables})
        return request_of(flow.steps[0], own, self.cases, flow.actor)

    def results(self, judge: Judge) -> list[CaseResult | None]:
        """Each flow's result; None where the legacy side differs from itself, or nothing was asked."""
        if len(self.answers) < 2:
            return [None] * len(self.group)
        return [self._result(place, judge) for place in range(len(self.group))]

    def _result(self, place: int, judge: Judge) -> CaseResult | None:
        one, made = self.group[place], []
        step = one.outcome.flow.steps[0]
        for legacy, target in zip(*self.answers, strict=False):
            runs = [
                Run((Sent(step, request, observation),), (), Identity())
                for request, observation in (
                    (self.requests[0][place], legacy[place]),
                    (self.requests[1][place], target[place]),
                    (self.requests[0][place], self.alone[place]),
                )
            ]
            made += judge.results(Outcome(one.outcome.flow, AT_ONCE, *runs))
        return of_all_rounds(made, one.results[-1])
