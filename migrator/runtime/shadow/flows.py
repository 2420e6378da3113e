"""One side's run of one flow: requests in order, cookies and captured values carried along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeAlias

from .captures import NotThere, capture
from .cases import Actor, Cases, Flow, Step
from .cookies import Jar
from .freeze import Determinism
from .model import Observation, Request
from .observe import Application
from .requests import UnknownVariable, build
from .stages import Handle


class Stage(Protocol):
    """Where flows run."""

    name: str

    def side(self, application: Application) -> Any:
        """A context manager that gives a Handle."""


#: Sends a request, given the flow's name and the step's number; None: the application is asked as always.
Ask: TypeAlias = Callable[[Request, str, int], Observation | None]


@dataclass(frozen=True, slots=True)
class Sent:
    """One step as it was done; no request where it could not be built."""

    step: Step
    request: Request | None
    observation: Observation


@dataclass(slots=True)
class Identity:
    """What an actor's login left on one side."""

    jar: Jar = field(default_factory=Jar)
    variables: dict[str, Any] = field(default_factory=dict)
    #: Why a name has no value, where a response didn't hold what was to be captured.
    missed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One side's run of a flow."""

    sent: tuple[Sent, ...]
    unfaithful: tuple[str, ...]
    identity: Identity


#: What is done after the last step, where the flow still stands.
Then: TypeAlias = Callable[[Handle, Identity], None]


def run_flow(
    application: Application,
    flow: Flow,
    cases: Cases,
    stage: Stage,
    frozen: Determinism,
    identity: Identity,
    *,
    brief: bool,
    ask: Ask | None,
    then: Then | None,
) -> Run:
    """Run every step from the starting state and undo it all; `identity` is left as it was.

    `brief` stops as soon as the stage turns out not to be faithful. `ask` asks in the application's place;
    `then` is called before anything is undone.
    """
    actor = cases.actors.get(flow.actor or "")
    session = Identity(
        identity.jar.copy(),
        {**cases.variables, **identity.variables, **flow.variables},
        dict(identity.missed),
    )
    handle: Handle
    sent: list[Sent] = []
    with stage.side(application) as handle:
        for number, step in enumerate(steps_of(flow, actor)):
            frozen.step(flow.name, number, flow.begins)
            handle.step(frozen)
            asking = partial(_by, application, ask, flow.name, number)
            sent.append(_send(asking, step, session, cases, flow.actor, frozen, handle))
            handle.check()
            if brief and handle.unfaithful:
                break
        if then is not None:
            then(handle, session)
    return Run(tuple(sent), tuple(handle.unfaithful), session)


def steps_of(flow: Flow, actor: Actor | None) -> tuple[Step, ...]:
    """The steps as they are sent: those that log a `fresh` actor in come first."""
    return (*actor.steps, *flow.steps) if actor is not None and actor.fresh else flow.steps


def request_of(step: Step, session: Identity, cases: Cases, name: str | None) -> Request:
    """The request of a step, as the actor of that name sends it. Raises UnknownVariable."""
    actor = cases.actors.get(name or "")
    headers = {**cases.headers, **(actor.headers if actor is not None else {})}
    return build(step, session.variables, session.jar, base_url=cases.base_url, headers=headers)


def _by(
    application: Application, ask: Ask | None, flow: str, number: int, request: Request
) -> Observation:
    found = ask(request, flow, number) if ask is not None else None
    return found or application.ask(request)


def _send(
    ask: Callable[[Request], Observation],
    step: Step,
    session: Identity,
    cases: Cases,
    actor: str | None,
    frozen: Determinism,
    handle: Handle,
) -> Sent:
    try:
        request = request_of(step, session, cases, actor)
    except UnknownVariable as missing:
        (name,) = missing.args
        why = f": {session.missed[name]}" if name in session.missed else ""
        note = f"not sent: ${{{name}}} has no value{why}"
        return Sent(step, None, Observation(None, notes=(note,)))
    observation = ask(request)
    observation = replace(observation, writes=tuple(handle.writes()))
    if observation.response is not None:
        session.jar.update(observation.response.headers, frozen.now.timestamp())
        notes = []
        for name, source in step.capture.items():
            try:
                session.variables[name] = capture(source, observation.response)
            except NotThere:
                session.variables.pop(name, None)
                session.missed[name] = f"{step.name}'s response holds no {source}"
                notes.append(f"{name}: the response holds no {source}")
        observation = replace(observation, notes=tuple(notes))
    return Sent(step, request, observation)
