"""The fixpoint's evaluations, done again from what an earlier run took down of them.

The queue takes the very course that it would take without: where all that an evaluation has read is
as it was, its changes are made without evaluating; everywhere else the function is evaluated.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from migrator.index.definitions import identity
from migrator.types.coded import Coded, coded, decoded, names_nodes, outline
from migrator.types.course import course_of, taken_again
from migrator.types.evaluations import FEW, Course, Evaluation, Evaluations, Kept
from migrator.types.facts import FunctionFacts
from migrator.types.journal import Entry, Journal, noted
from migrator.types.state import WATCHED, State


class Replay:
    """Evaluates functions, or does again what evaluating them did in a `past` of the same frame."""

    def __init__(
        self, state: State, evaluate: Callable[[State, str], None], kept: Kept, frame: str
    ) -> None:
        self.state = state
        self.frame = frame
        self._evaluate = evaluate
        self._kept = kept
        past = kept.evaluations()
        heads = state.bodies.heads
        same = past.frame == frame and all(
            heads.get(key, head) == head for key, head in past.heads.items()
        )
        self._past = past if same else Evaluations()
        #: The evaluations of the past, by module and function; of the modules that were asked for.
        self._journals: dict[str, Mapping[str, tuple[Evaluation, ...]]] = {}
        if same and past.words is not None:
            state.templates.know(past.words)
        self._done: dict[str, list[Evaluation | tuple[Journal, FunctionFacts]]] = {}

    def past(self, key: str) -> tuple[Evaluation, ...]:
        """The evaluations of a function in the earlier run."""
        module = key.partition(":")[0]
        if module not in self._journals:
            packed = self._past.journals.get(module)
            self._journals[module] = {} if packed is None else self._kept.unpacked(packed)
        return self._journals[module].get(key, ())

    def take_course(self, keys: Iterable[str]) -> bool:
        """Do what the earlier run did as a whole, if this one comes to the same; `keys` begin it."""
        course = self._past.course
        found = taken_again(self.state, course, self.past, keys, self._evaluate)
        if found is None:
            return False
        self.state.facts = {
            key: found[key]
            if key in found
            # In most modules' own code nothing is found, and nothing need be looked for.
            else decoded(key, code, self._nodes(key) if names_nodes(code) else ())
            for key, code in course.facts.items()
        }
        return True

    def evaluate(self, key: str) -> None:
        """What `evaluate` does."""
        done = self._done.setdefault(key, [])
        found = next((e for e in self.past(key) if self._holds(e)), None)
        if found is not None:
            self._again(key, found)
            done.append(found)
            return
        journal = noted(self.state, self._evaluate, key)
        done.append((journal, self.state.facts[key]))

    def _holds(self, evaluation: Evaluation) -> bool:
        held = self.state.held
        for entries in (evaluation.reads, evaluation.before):
            for entry, value in entries:
                now = held(entry)
                if now is not value and now != value:
                    return False
        return True

    def _again(self, key: str, evaluation: Evaluation) -> None:
        state = self.state
        state.begin(key)
        state.facts[key] = outline(key, evaluation.facts)
        for entry, _ in evaluation.reads:
            if entry[0] in WATCHED:
                state.readers[entry][key] = None
        for (table, of), value in evaluation.effects:
            state.put(table, of, value)
        for table, of in evaluation.marks:
            state.mark(table, (of,))

    def finish(self, keys: Iterable[str]) -> Evaluations | None:
        """Fill in what was found in each function; gives the evaluations of this run.

        None where nearly all were replayed: those of the earlier run do for the next one as well.
        `keys` are what began the run.
        """
        by_key: dict[str, tuple[Evaluation, ...]] = {}
        known: dict[Any, Any] = {}
        whole = True
        for key, done in self._done.items():
            nodes = self._nodes(key)
            places = {id(node): place for place, node in enumerate(nodes)}
            kept = []
            for one in done:
                if isinstance(one, Evaluation):
                    kept.append(one)
                elif (code := coded(one[1], places)) is not None:
                    kept.append(_evaluation(one[0], code, known))
                else:
                    whole = False
            by_key[key] = tuple(kept)
            last = done[-1]
            if isinstance(last, Evaluation):
                self.state.facts[key] = decoded(key, last.facts, nodes)
        made = sum(not isinstance(one, Evaluation) for done in self._done.values() for one in done)
        count = sum(map(len, self._done.values()))
        if made <= count * FEW:
            return None
        state = self.state
        return Evaluations(
            self.frame,
            dict(state.bodies.heads),
            state.templates.of_files,
            course_of(state, keys, by_key) if whole else Course(),
            self._packed(by_key),
        )

    def _packed(self, by_key: Mapping[str, tuple[Evaluation, ...]]) -> dict[str, bytes]:
        by_module: dict[str, dict[str, tuple[Evaluation, ...]]] = {}
        for key, done in by_key.items():
            by_module.setdefault(key.partition(":")[0], {})[key] = done
        return {module: self._kept.packed(journals) for module, journals in by_module.items()}

    def _nodes(self, key: str) -> Sequence[Any]:
        info = self.state.project.functions.get(key)
        if info is not None:
            return info.nodes
        tree = self.state.project.modules[key.rpartition(":")[0]].source.tree
        assert tree is not None
        return self.state.bodies.outside(tree)


def _evaluation(journal: Journal, code: Coded, known: dict[Any, Any]) -> Evaluation:
    """The journal as frozen data, in which equal entries are one and the same."""

    def same(entries: Mapping[Entry, Any]) -> tuple[tuple[Entry, Any], ...]:
        return tuple((known.setdefault(e, e), value) for e, value in entries.items())

    effects = tuple((known.setdefault(e, e), value) for e, value in journal.effects)
    marks = tuple(known.setdefault(e, e) for e in journal.marks)
    return Evaluation(same(journal.reads), same(journal.before), effects, marks, code)


def frame_of(state: State) -> str:
    """A digest of all that an evaluation may depend on besides tables and bodies."""
    project, classes = state.project, state.query_classes
    paths = {path for paths in project.templates.values() for path in paths}
    texts = [(project.root / path).read_bytes() for path in sorted(paths)]
    parts = (
        state.bodies.around,
        [(entry, state.held(entry)) for entry in sorted(state.models.seen)],
        [(key, [*map(identity, project.bases(cls))]) for key, cls in project.classes.items()],
        [name for name in project.modules if name in state.apart],
        state.frame,
        state.library,
        sorted(state.waiting.own),
        [getattr(c, "key", None) or getattr(c, "dotted", "") for c in classes.everywhere],
        [getattr(c, "key", None) or getattr(c, "dotted", "") for c in classes.dynamic],
        [(module.name, ast.dump(node)) for module, node in classes.registries],
        [(key, ast.dump(mapped.call)) for key, mapped in state.models.imperative.items()],
        sorted(classes.events),
        project.data,
        project.templates,
        [hashlib.sha256(text).hexdigest() for text in texts],
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
