"""The fixpoint: every function is evaluated until no type that flows between them changes."""

from __future__ import annotations

import ast
from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)

from migrator.index.definitions import MODULE_CODE, FunctionInfo, Module
from migrator.index.models import Models
from migrator.index.project import Project
from migrator.index.templates import Templates
from migrator.queries.types import (
    NONE,
    Db,
    Function,
)
from migrator.types.around import decorations, flow_first
from migrator.types.evaluations import Kept
from migrator.types.facts import FunctionFacts
from migrator.types.generator_bodies import is_async_generator, is_generator
from migrator.types.lattice import holds_instance
from migrator.types.parameters import bind_parameters
from migrator.types.replay import Replay, frame_of
from migrator.types.state import State
from migrator.types.statements import Statements
from migrator.types.waiting import Waiting

#: A function whose types still change after this many rounds is evaluated no more.
_MAX_ROUNDS = 24


def analyse(
    project: Project,
    models: Models,
    entries: Mapping[str, str] | None = None,
    apart: Container[str] = (),
    frame: str = "fastapi",
    kept: Kept | None = None,
    waiting: Iterable[str] = (),
    *,
    library: bool = True,
) -> State:
    """Evaluate the whole project. `entries` are the kinds of what the framework calls, by key.

    `apart` are names of modules that are not looked at: tests, migrations. `frame` is what the
    converted application is one of. `kept` has the evaluations of an earlier run, and gets those
    of this one. `waiting` are names of calls that wait, besides those that are known. `library` says
    that it is no application: others may call its functions.
    """
    templates = Templates(project)
    known = dict(entries or {})
    state = State(project, models, templates, known, apart, frame, library, Waiting(waiting))
    listed = [module for name, module in project.modules.items() if name not in apart]
    # What makes the extension comes first: everything else asks for it.
    listed.sort(key=lambda module: not module.source.says("SQLAlchemy("))
    functions = [k for k, f in project.functions.items() if f.module.name not in apart]
    every = dict.fromkeys((*(f"{module.name}{MODULE_CODE}" for module in listed), *functions))
    if kept is None:
        _fixpoint(state, every, lambda key: evaluate(state, key))
    else:
        replay = Replay(state, evaluate, kept, frame_of(state))
        if not replay.take_course(every):
            _fixpoint(state, every, replay.evaluate)
            made = replay.finish(every)
            if made is not None:
                kept.keep_evaluations(made)
    order = (*(f"{name}{MODULE_CODE}" for name in project.modules), *functions)
    state.facts = {key: state.facts[key] for key in order if key in state.facts}
    return state


def _fixpoint(state: State, every: Collection[str], step: Callable[[str], None]) -> None:
    """Take a step for each function until nothing changes, with what nobody was seen to fill in the end."""
    rounds: dict[str, int] = {}
    for open_world in (False, True):
        state.open_world = open_world
        first = _callers_first(state, [*every]) if open_world else every
        state.queue = dict.fromkeys(k for k in first if not open_world or state.asks_for_world(k))
        rounds.clear()
        while state.queue:
            key = next(iter(state.queue))
            del state.queue[key]
            rounds[key] = rounds.get(key, 0) + 1
            if key in every and rounds[key] <= _MAX_ROUNDS:
                step(key)


def _callers_first(state: State, every: Sequence[str]) -> list[str]:
    """The functions, each before those that it calls, and else in their order, as far as there is no circle.

    What nobody fills counts as unknown from here on, and what is unknown once stays so: a function must not be
    looked at before those that call it have had their say.
    """

    def called(key: str) -> Iterator[str]:
        return reversed(state.facts[key].calls if key in state.facts else {})

    done: set[str] = set()
    order: list[str] = []
    for root in reversed(every):
        path = [(root, called(root))] if root not in done else []
        done.add(root)
        while path:
            _, callees = path[-1]
            callee = next((c for c in callees if c not in done), None)
            if callee is None:
                order.append(path.pop()[0])
            else:
                done.add(callee)
                path.append((callee, called(callee)))
    return order[::-1]


def evaluate(state: State, key: str) -> None:
    """Evaluate a function, or the code of a module, with what is known so far."""
    state.begin(key)
    state.evaluations += 1
    info = state.project.functions.get(key)
    if info is not None:
        _function(state, info)
    else:
        _module(state, state.project.modules[key.removesuffix(MODULE_CODE)], key)


def _module(state: State, module: Module, key: str) -> None:
    facts = FunctionFacts(key)
    state.facts[key] = facts
    reader = Statements(state, module, None, facts)
    assert module.source.tree is not None
    reader.run(module.source.tree.body)
    for name, value in reader.env.items():
        if isinstance(value, Db):
            state.know_extension(module.name, name)


def _function(state: State, info: FunctionInfo) -> None:
    old = state.facts.get(info.key)
    facts = FunctionFacts(
        info.key,
        environment=dict(state.read("environments", info.key) or ()),
        is_generator=old.is_generator if old else is_generator(info) and not info.is_async,
    )
    state.facts[info.key] = facts
    reader = Statements(state, info.module, info, facts)
    bind_parameters(state, info, reader)
    _decorated(state, info, reader)
    if reader.run(info.node.body) and not (facts.is_generator or is_async_generator(info)):
        state.flow_result(info.key, NONE)
    if facts.commits:
        state.flow_commits(info.key)
    if state.read("entries", info.key) == "loader":
        result = state.read("returns", info.key)
        if holds_instance(result):
            state.flow_attribute("flask_login", "user", result)


def _decorated(state: State, info: FunctionInfo, reader: Statements) -> None:
    """A decorator of the repository gets the function as its first parameter."""
    for module, decorator, named, taking, given in decorations(state, info):
        if isinstance(decorator, ast.Call) and module is info.module:
            with reader.elsewhere():
                reader.bind(decorator, named, None)
        _put_around(state, taking, given)


def _put_around(state: State, decorator: FunctionInfo, given: Function) -> None:
    bound = decorator.owner is not None and "staticmethod" not in decorator.decorators()
    flow_first(state, decorator, given, bound=bound)
    # Whoever calls the function calls what stands around it.
    around_it = state.functions_in_result(decorator.key)
    if any(state.does_commit(made.key) for made in around_it if made.key != given.key):
        state.flow_commits(given.key)
