"""From what both sides did to results: differences, rules, noise, stale cases."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .cases import Cases, Flow, Step
from .compare import compare
from .cookies import Sessions
from .coverage import UrlMap
from .flows import Run
from .model import Comparison, Difference, Observation, Request, Verdict
from .report import CaseResult
from .rules import RuleContext


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both sides' runs of a flow; `again` is the legacy side's second one, where they differ."""

    flow: Flow
    tier: str
    legacy: Run
    target: Run
    again: Run | None = None


class Judge:
    """Turns outcomes into results: differences, rules, noise, stale cases."""

    def __init__(self, cases: Cases, sessions: Sessions, url_map: UrlMap) -> None:
        self._cases = cases
        self._sessions = sessions
        self._url_map = url_map

    def results(self, outcome: Outcome) -> list[CaseResult]:
        """One result a step."""
        made: list[CaseResult] = []
        broken = False
        for number, (ours, theirs) in enumerate(
            zip(outcome.legacy.sent, outcome.target.sent, strict=True)
        ):
            request = ours.request or theirs.request or Request(ours.step.method, ours.step.path)
            endpoint = ours.step.endpoint or self._url_map.match(request)
            context = RuleContext(endpoint, request.method, outcome.flow.name)
            comparison = self._compare(outcome, number, context)
            if broken and not comparison.verdict.passed:
                note = "follows a difference earlier in this flow"
                comparison = replace(comparison, notes=(*comparison.notes, note))
            broken = broken or not comparison.verdict.passed
            single = len(outcome.legacy.sent) == 1
            made.append(
                CaseResult(
                    outcome.flow.name,
                    number + 1,
                    "" if single else ours.step.name,
                    endpoint,
                    request,
                    ours.observation,
                    theirs.observation,
                    comparison,
                    outcome.flow.actor,
                    outcome.tier,
                    ours.step.line or outcome.flow.line,
                )
            )
        return made

    def _compare(self, outcome: Outcome, number: int, context: RuleContext) -> Comparison:
        ours, theirs = outcome.legacy.sent[number], outcome.target.sent[number]
        reasons = dict.fromkeys((*outcome.legacy.unfaithful, *outcome.target.unfaithful))
        if reasons:
            lead = "needs tier B: " if outcome.tier == "A" else "a copy does not serve it: "
            why = f"{lead}{'; '.join(reasons)}"
            return Comparison(Verdict.NOT_COMPARABLE, notes=(why,))
        if ours.request is None or theirs.request is None:
            return _not_sent(ours.observation.notes, theirs.observation.notes)
        found = compare(
            ours.observation,
            theirs.observation,
            sessions=self._sessions,
            rules=self._cases.rules,
            context=context,
        )
        notes = list(found.notes)
        notes += [f"legacy: {note}" for note in ours.observation.notes]
        notes += [f"target: {note}" for note in theirs.observation.notes]
        found = replace(found, notes=tuple(notes))
        if not found.verdict.passed and outcome.again is not None:
            return self._noise(found, outcome, number)
        return _fresh(found, ours.step, ours.observation)

    def _noise(self, found: Comparison, outcome: Outcome, number: int) -> Comparison:
        """Where the legacy side differs from itself in the same places, nothing can be said."""
        assert outcome.again is not None
        first, second = outcome.legacy.sent[number], outcome.again.sent[number]
        itself = compare(first.observation, second.observation, sessions=self._sessions)
        noisy = {difference.group for difference in itself.differences}
        if not noisy:
            return found
        real = [d for d in found.differences if d.group not in noisy]
        note = "asked twice, the legacy side differs from itself in: " + ", ".join(sorted(noisy))
        verdict = found.verdict if real else Verdict.NOT_COMPARABLE
        return replace(found, verdict=verdict, notes=(*found.notes, note))


def _not_sent(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Comparison:
    if ours and theirs:
        return Comparison(Verdict.NOT_COMPARABLE, notes=(*dict.fromkeys((*ours, *theirs)),))
    kind = "missing" if theirs else "extra"
    difference = Difference("response", "", kind, " ".join(ours), " ".join(theirs))
    return Comparison(Verdict.DIFFERENT, (difference,))


def _fresh(found: Comparison, step: Step, ours: Observation) -> Comparison:
    """A case whose legacy answer isn't the expected one proves nothing, nor does a crash."""
    status = None if ours.response is None else ours.response.status
    if status == step.expect or not found.verdict.passed:
        return found
    if step.expect is not None:
        note = f"the case is stale: the legacy side gave {status}, not {step.expect}"
    elif status is not None and status >= 500:
        why = "; ".join(f"{f.name}: {f.message}".partition("\n")[0][:200] for f in ours.failures)
        note = f"both sides gave {status}{f' ({why})' if why else ''}; where that is meant, the case says "
        note += f"`expect: {status}`"
    else:
        return found
    return replace(found, verdict=Verdict.NOT_COMPARABLE, notes=(*found.notes, note))
