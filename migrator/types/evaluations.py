"""What a run keeps of its evaluations for the next one: plain data, which outlives the trees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from migrator.frozen import frozen
from migrator.index.templates import Words
from migrator.types.coded import Coded
from migrator.types.journal import Entry

#: The part of the evaluations for which keeping all of them anew takes longer than it saves.
FEW = 0.02


@frozen
class Evaluation:
    """One evaluation of a function: what it read, what it joined with, what it did and found."""

    reads: tuple[tuple[Entry, Any], ...]
    before: tuple[tuple[Entry, Any], ...]
    effects: tuple[tuple[Entry, Any], ...]
    marks: tuple[Entry, ...]
    facts: Coded


@frozen
class Course:
    """A whole run: what its queue began with, what it read of the program, and what it came to.

    `order` is a digest, "" where the run can't be taken as a whole. `looked` has what each entry held
    that the program alone decides, and the functions that have read it. `tables` are those of the
    `State` in the end, `facts` what was found in each function.
    """

    order: str = ""
    count: int = 0
    looked: tuple[tuple[Entry, Any, tuple[str, ...]], ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Coded] = field(default_factory=dict)


@frozen
class Evaluations:
    """Those of one run. `frame` is a digest of what none of them lists.

    `heads` are what is around the bodies of functions that may come and go. `journals` are the
    evaluations of each module's functions, by key and in order; they are packed, since most runs
    need few of them.
    """

    frame: str = ""
    heads: Mapping[str, str] = field(default_factory=dict)
    words: Words | None = None
    course: Course = field(default_factory=Course)
    journals: Mapping[str, bytes] = field(default_factory=dict)


class Kept(Protocol):
    """Evaluations of an earlier run."""

    def evaluations(self) -> Evaluations:
        """Those of the earlier run."""

    def keep_evaluations(self, made: Evaluations) -> None:
        """Keep those of this run for the next one."""

    def packed(self, value: object) -> bytes:
        """Plain data as bytes."""

    def unpacked(self, data: bytes) -> Any:
        """The data again."""
