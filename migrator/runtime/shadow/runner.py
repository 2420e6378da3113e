"""The whole run: both applications, every flow, each from the same state, one report."""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from migrator.errors import CasesError, CompareError

from . import engines
from .at_once import AtOnceRun
from .cases import Actor, Cases, Flow, Step
from .compare import compare
from .cookies import Sessions
from .coverage import UrlMap
from .databases import Database
from .flows import Ask, Identity, Run, Stage, Then, run_flow, steps_of
from .freeze import Determinism
from .judge import Judge, Outcome
from .model import Verdict
from .notes import notes_of
from .observe import Application
from .report import AtOnce, CaseResult, Report
from .rows import endpoint_rows, rule_uses
from .stages import Bare, Cloned, Pinned
from .unknown import no_database

_LOGIN = "log in as "
Tier = Literal["auto", "a", "b"]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. `only` are globs of case names; `clock` wins over the file's."""

    tier: Tier = "auto"
    only: tuple[str, ...] = ()
    clock: datetime | None = None
    recheck: bool = True
    #: How many requests are sent at once, after each has been sent alone; 0: none.
    at_once: int = 0


def run_cases(
    legacy: Any,
    target: Any,
    cases: Cases,
    *,
    options: Options | None = None,
    levels: Mapping[str, str] | None = None,
    names: tuple[str, str] = ("legacy", "target"),
    progress: Progress | None = None,
    stopped: Callable[[], bool] = bool,
) -> Report:
    """Send every case to both applications (WSGI or ASGI callables) and compare everything.

    The databases are as before when this returns. `levels` gives an endpoint's level (native,
    bridged, legacy) where the caller knows it; `progress` is called with requests done, requests in
    all and the next case; once `stopped` says yes nothing more is sent, and the report is about what
    was compared until then. Raises UsageError where no sound compare is possible, CasesError where
    `only` fits no case.
    """
    chosen = options or Options()
    flows = _chosen(cases, chosen)
    started, clock = datetime.now(UTC), time.perf_counter()
    own = engines.packages(legacy, names[0]) | engines.packages(target, names[1])
    frozen = Determinism(chosen.clock or cases.clock or started.replace(microsecond=0), own)
    with ExitStack() as stack:
        loop = stack.enter_context(asyncio.Runner())
        both = (Application(legacy, names[0], loop), Application(target, names[1], loop))
        for application in both:
            stack.callback(application.stop)
            application.start()
        notes = _check_engines(*both)
        url_map = UrlMap(engines.flask_app(legacy))
        judge = Judge(cases, _sessions(legacy), url_map)
        run = _Run(both, cases, flows, chosen, frozen, progress, judge, stopped)
        with nullcontext() if any(a.engines for a in both) else no_database():
            outcomes = run.all()
    results = _behind_logins([r for outcome in outcomes for r in judge.results(outcome)])
    if run.unsent:
        notes.append(f"Stopped: {run.unsent} requests were not sent, and nothing is known of them.")
    notes += [*run.notes, *notes_of(results, cases, rows=any(a.engines for a in both))]
    return Report(
        names[0],
        names[1],
        tuple(dict.fromkeys(str(Database.of(e)) for a in both for e in a.engines)),
        started,
        time.perf_counter() - clock,
        frozen.start,
        tuple(results),
        tuple(endpoint_rows(results, url_map, levels or {})),
        tuple(rule_uses(cases, results)),
        () if chosen.only or run.unsent else url_map.uncovered(r.endpoint for r in results),
        tuple(notes),
        str(cases.path or ""),
        _versions(),
        run.at_once,
        run.unsent,
    )


def _chosen(cases: Cases, options: Options) -> list[Flow]:
    if not options.only:
        return list(cases.flows)
    named = [*cases.flows, *map(_login, filter(_logs_in, cases.actors.values()))]
    found = [f for f in named if any(f.name == o or fnmatchcase(f.name, o) for o in options.only)]
    if not found:
        raise CasesError(
            f"No case is called {' or '.join(map(repr, options.only))}.",
            f"The file has {len(cases.flows)} cases, none of that name.",
            "Give a case's name as the report shows it, or a glob.",
        )
    return found


def _logs_in(actor: Actor) -> bool:
    return bool(actor.steps) and not actor.fresh


def _login(actor: Actor) -> Flow:
    # Before everything else: a cookie or a token that is signed a second from now is refused.
    return Flow(f"{_LOGIN}{actor.name}", actor.steps, begins=-len(actor.steps))


def _check_engines(legacy: Application, target: Application) -> list[str]:
    have = [{Database.of(e) for e in side.engines} for side in (legacy, target)]
    if not have[0] and not have[1]:
        return ["Neither application has an engine that could be found: rows are not compared."]
    for side, found in zip((legacy, target), have, strict=True):
        if not found:
            raise CompareError(
                f"No database engine of {side.name!r} can be found.",
                "Its writes could be neither compared nor undone.",
                "Set `app.shadow_engines` (or `app.state.shadow_engines`) to its engines.",
            )
    only = [_names(have[0] - have[1]), _names(have[1] - have[0])]
    if any(only):
        return [
            f"The two sides use different databases: {' and '.join(n or 'none' for n in only)}."
        ]
    return []


def _behind_logins(results: list[CaseResult]) -> list[CaseResult]:
    """Nothing is proved of an actor by requests that nobody knows to be the actor's."""
    unknown = {r.flow for r in results if r.actor is None and r.verdict is Verdict.NOT_COMPARABLE}

    def judged(result: CaseResult) -> CaseResult:
        login, found = f"{_LOGIN}{result.actor}", result.comparison
        if login not in unknown or not found.verdict.passed:
            return result
        notes = (
            *found.notes,
            f"{login!r} is no proof, so this is none of what {result.actor} sees",
        )
        return replace(
            result, comparison=replace(found, verdict=Verdict.NOT_COMPARABLE, notes=notes)
        )

    return [judged(result) for result in results]


def _names(databases: Iterable[Database]) -> str:
    return ", ".join(sorted(map(str, databases)))


def _sessions(legacy: Any) -> Sessions:
    app = engines.flask_app(legacy)
    config: Mapping[str, Any] = getattr(app, "config", {}) or {}
    return Sessions(config.get("SECRET_KEY"), config.get("SESSION_COOKIE_NAME") or "session")


class _Run:
    """Runs flows through the tiers; logins are run once a side and remembered."""

    def __init__(
        self,
        both: tuple[Application, Application],
        cases: Cases,
        flows: list[Flow],
        options: Options,
        frozen: Determinism,
        progress: Progress | None,
        judge: Judge,
        stopped: Callable[[], bool],
    ) -> None:
        self.at_once: AtOnce | None = None
        #: Requests that nothing is known of, since the run was stopped before them.
        self.unsent = 0
        self._stopped = stopped
        self.notes: list[str] = []
        self._judge = judge
        self._both = both
        self._cases = cases
        self._options = options
        self._frozen = frozen
        self._progress = progress
        self._identities: dict[tuple[str, str], Identity] = {}
        self._flows = [*self._logins(flows), *flows]
        self._total = sum(len(self._steps(flow)) for flow in self._flows)
        self._done = 0

    def _logins(self, flows: list[Flow]) -> list[Flow]:
        wanted = dict.fromkeys(flow.actor for flow in flows if flow.actor)
        logins = map(_login, filter(_logs_in, (self._cases.actors[name] for name in wanted)))
        named = {flow.name for flow in flows}
        return [login for login in logins if login.name not in named]

    def _steps(self, flow: Flow) -> tuple[Step, ...]:
        return steps_of(flow, self._cases.actors.get(flow.actor or ""))

    def all(self) -> list[Outcome]:
        """Every flow's outcome, in the file's order; those not reached, where it is stopped, are left out."""
        outcomes: dict[str, Outcome] = {}
        with self._frozen.running():
            if any(side.engines for side in self._both):
                self._on_databases(outcomes)
            else:
                self._through(Bare(), self._flows, outcomes)
                self._at_once(Bare(), outcomes)
        if self._progress is not None:
            self._progress(self._total, self._total, "")
        missing = [flow for flow in self._flows if flow.name not in outcomes]
        self.unsent = sum(len(self._steps(flow)) for flow in missing)
        return [outcomes[flow.name] for flow in self._flows if flow.name in outcomes]

    def _on_databases(self, outcomes: dict[str, Outcome]) -> None:
        again: list[Flow] = []
        pinned = Pinned(list(self._both))
        pinned.open()
        try:
            if self._options.tier == "a" and pinned.only_copies:
                raise CompareError(
                    "Tier A can't serve MySQL or MariaDB.",
                    "DDL commits by itself there, and AUTO_INCREMENT knows no rollback: what a"
                    " request did can't be undone by the end of one transaction.",
                    "Leave --tier out: these are compared on copies.",
                )
            if self._options.tier == "b" or pinned.only_copies:
                again = self._flows
            else:
                again = self._through(pinned, self._flows, outcomes)
        except BaseException:
            pinned.close(keep=False)
            raise
        if self._options.tier == "a":
            again = []
        wanted = bool(again or self._options.at_once) and not self._stopped()
        pinned.close(keep=wanted)
        if wanted:
            self._copied(pinned, again, outcomes)
        else:
            _without(outcomes, again)

    def _copied(self, pinned: Pinned, flows: list[Flow], outcomes: dict[str, Outcome]) -> None:
        cloned = Cloned(list(self._both), pinned.layouts)
        try:
            cloned.open()
            self.notes += cloned.notes
            self._through(cloned, flows, outcomes)
            self._at_once(cloned, outcomes)
        finally:
            cloned.close()

    def _at_once(self, stage: Stage, outcomes: dict[str, Outcome]) -> None:
        """What only reads, several requests at a time: on one connection, they would take turns."""
        if self._options.at_once and not self._stopped():
            listed = [outcomes[flow.name] for flow in self._flows]

            def run(side: Application, outcome: Outcome, ask: Ask, then: Then | None) -> Run:
                return self._one(side, outcome.flow, stage, ask, then)

            self.at_once = AtOnceRun(
                self._both,
                self._judge,
                self._cases,
                stage,
                self._frozen,
                self._options.at_once,
                run,
                self._progress or (lambda done, total, name: None),
            ).all(listed)

    def _through(self, stage: Stage, flows: list[Flow], outcomes: dict[str, Outcome]) -> list[Flow]:
        """Run flows on a stage; those it can't imitate faithfully are given back."""
        unfaithful = []
        for place, flow in enumerate(flows):
            if self._stopped():
                _without(outcomes, flows[place:])
                break
            if self._progress is not None:
                self._progress(min(self._done, self._total), self._total, flow.name)
            earlier = outcomes.get(flow.name)
            # A copy costs much more than a savepoint: a side that tier A served well isn't repeated.
            if earlier is not None and not earlier.legacy.unfaithful:
                legacy = earlier.legacy
            else:
                legacy = self._one(self._both[0], flow, stage)
            target = self._one(self._both[1], flow, stage)
            outcome = Outcome(flow, stage.name, legacy, target)
            if stage.name == "A" and (legacy.unfaithful or target.unfaithful):
                unfaithful.append(flow)
            else:
                self._done += len(self._steps(flow))
                if self._options.recheck and not _alike(outcome):
                    outcome = replace(outcome, again=self._one(self._both[0], flow, stage))
            outcomes[flow.name] = outcome
        return unfaithful

    def _one(
        self,
        side: Application,
        flow: Flow,
        stage: Stage,
        ask: Ask | None = None,
        then: Then | None = None,
    ) -> Run:
        known = self._identities.get((side.name, flow.actor or ""), Identity())
        # A flow that will be repeated on a copy anyway need not be run to its end.
        brief = stage.name == "A" and self._options.tier == "auto"
        run = run_flow(
            side, flow, self._cases, stage, self._frozen, known, brief=brief, ask=ask, then=then
        )
        if ask is None and flow.actor is None and flow.name.startswith(_LOGIN):
            self._identities[side.name, flow.name.removeprefix(_LOGIN)] = run.identity
        return run


def _without(outcomes: dict[str, Outcome], flows: list[Flow]) -> None:
    """What tier A couldn't imitate, and no copy has run, is nothing that a report may show."""
    for flow in flows:
        outcomes.pop(flow.name, None)


def _alike(outcome: Outcome) -> bool:
    pairs = zip(outcome.legacy.sent, outcome.target.sent, strict=True)
    return all(compare(a.observation, b.observation).verdict.passed for a, b in pairs)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("migrator", "sqlalchemy", "flask", "fastapi", "starlette", "werkzeug"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
