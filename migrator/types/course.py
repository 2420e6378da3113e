"""A run that takes the course of an earlier one: only what looks at a change is evaluated again.

What the queue does follows from what the evaluations read of the tables and do to them. Where each
evaluation of a function that looks at something changed, given what it read of the tables then, does
to them what it did then, all other evaluations read what they read then: so the run is the same to
its end, and the tables come to the same. What is found in those functions alone is new.
"""

from __future__ import annotations

import copy
import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from migrator.types.coded import outline
from migrator.types.evaluations import FEW, Course, Evaluation
from migrator.types.facts import FunctionFacts
from migrator.types.journal import Entry, Journal, noted
from migrator.types.state import State
from migrator.types.tables import PROGRAM

#: The tables of a `State`, by what they are.
DICTS = (
    "params", "left", "returns", "mapped_given", "functions_given", "attributes", "variables", "commits", "hung", "late", "escaped",
    "foreign", "strange", "listeners",
)  # fmt: skip
SETS = (
    "taken", "looked_up", "called_by_name", "read_unseen", "taken_modules", "applied", "exposed",
    "receivers",
)  # fmt: skip
PLAIN = ("db_name", "open_world")
NESTED = ("query_writers", "readers")
Past = Callable[[str], tuple[Evaluation, ...]]


def course_of(
    state: State, keys: Iterable[str], by_key: Mapping[str, tuple[Evaluation, ...]]
) -> Course:
    """The course of a run that has come to its end; `keys` are what its queue began with."""
    looked: dict[Entry, tuple[Any, dict[str, None]]] = {}
    for key, done in by_key.items():
        for entry, value in (read for one in done for read in one.reads):
            if entry[0] in PROGRAM:
                looked.setdefault(entry, (value, {}))[1][key] = None
            elif entry[0] == "environments" and entry[1] != key:
                # Which of a function's variables others read would not be told by their names.
                return Course()
    tables: dict[str, Any] = {
        name: copy.copy(getattr(state, name)) for name in DICTS + SETS + PLAIN
    }
    for name in NESTED:
        tables[name] = {entry: tuple(of) for entry, of in getattr(state, name).items()}
    return Course(
        _order(state, keys),
        sum(map(len, by_key.values())),
        tuple((entry, value, tuple(of)) for entry, (value, of) in looked.items()),
        tables,
        {key: done[-1].facts for key, done in by_key.items()},
    )


def taken_again(
    state: State,
    course: Course,
    past: Past,
    keys: Iterable[str],
    evaluate: Callable[[State, str], None],
) -> dict[str, FunctionFacts] | None:
    """What is found in the functions that look at a change; the tables are what they come to.

    None where the run may take another course: then nothing has been done. `past` gives the
    evaluations of a function.
    """
    if not course.order or course.order != _order(state, keys):
        return None
    held = state.held
    changed = dict.fromkeys(
        key for entry, value, of in course.looked if held(entry) != value for key in of
    )
    if sum(len(past(key)) for key in changed) > course.count * FEW:
        return None
    read = course.tables["readers"]
    found: dict[str, FunctionFacts] = {}
    for key in changed:
        for evaluation in past(key):
            trial = _as_it_was(state, key, evaluation, found.get(key))
            journal = noted(trial, evaluate, key)
            state.evaluations += 1
            found[key] = trial.facts[key]
            then = outline(key, evaluation.facts)
            if not _does_the_same(key, journal, evaluation, read):
                return None
            if _shown(found[key], read) != _shown(then, read):
                return None
    for name in DICTS + SETS + PLAIN:
        setattr(state, name, course.tables[name])
    for name in NESTED:
        nested = {entry: dict.fromkeys(of) for entry, of in course.tables[name].items()}
        setattr(state, name, defaultdict(dict, nested))
    return found


def _order(state: State, keys: Iterable[str]) -> str:
    texts = "\n".join((*keys, "", *state.project.functions))
    return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()


def _as_it_was(
    state: State, key: str, evaluation: Evaluation, found: FunctionFacts | None
) -> State:
    """A state that holds what an evaluation read, and nothing else; `found` is what it has found so far."""
    was = copy.copy(state)
    for name in DICTS:
        setattr(was, name, {})
    for name in SETS:
        setattr(was, name, set())
    for name in NESTED:
        setattr(was, name, defaultdict(dict))
    was.queue = {}
    was.facts = {} if found is None else {key: found}
    for (table, of), value in (*evaluation.reads, *evaluation.before):
        if table in PROGRAM or value is None or value is False or _is_own(key, (table, of)):
            continue
        match table:
            case "receivers":
                was.receivers = set(value)
            case "taken" | "exposed":
                getattr(was, table).add(of)
            case "db_name":
                was.db_name = value
            case "is_open":
                was.open_world = value
            case "known":
                _facts(was, of)
            case "generators":
                _facts(was, of).is_generator = value
            case "closures":
                _facts(was, of[0]).environment[of[1]] = value[0]
            case _:
                getattr(was, table)[of] = value
    return was


def _facts(state: State, key: str) -> FunctionFacts:
    return state.facts.setdefault(key, FunctionFacts(key))


def _is_own(key: str, entry: Entry) -> bool:
    """Whether an entry tells a function what itself has found before."""
    table, of = entry
    return table in ("known", "generators", "environments") and of == key


def _does_the_same(
    key: str, journal: Journal, evaluation: Evaluation, read: Container[Entry]
) -> bool:
    return (
        _of_tables(key, journal.reads.items()) == _of_tables(key, evaluation.reads)
        and journal.before == dict(evaluation.before)
        and _told(journal.effects, read) == _told(evaluation.effects, read)
        and journal.marks.keys() == {*evaluation.marks}
    )


def _of_tables(key: str, reads: Iterable[tuple[Entry, Any]]) -> dict[Entry, Any]:
    return {
        entry: value
        for entry, value in reads
        if entry[0] not in PROGRAM and not _is_own(key, entry)
    }


def _told(effects: Iterable[tuple[Entry, Any]], read: Container[Entry]) -> list[tuple[Entry, Any]]:
    """The effects without those on variables that no function inside reads: nobody knows of them."""
    return [(e, value) for e, value in effects if e[0] != "closures" or e in read]


def _shown(facts: FunctionFacts, read: Container[Entry]) -> tuple[dict[str, Any], bool, list[str]]:
    """What other functions and the queue see of a function's facts."""
    variables = facts.environment.items()
    closed = {n: value for n, value in variables if ("closures", (facts.key, n)) in read}
    return closed, facts.is_generator, [*facts.calls]
