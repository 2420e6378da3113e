"""`frozen` gives what `dataclass(frozen=True, slots=True)` gives."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from migrator.frozen import frozen, is_frozen


@frozen
class Point:
    """A place."""

    x: int
    y: int = 0
    seen: list[int] = field(default_factory=list, compare=False, repr=False)


@frozen
class Named(Point):
    """One more field."""

    name: str = "a"


@frozen
class Nothing:
    """No field at all."""


@frozen
class Word:
    """With methods of its own."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Word) and self.text.lower() == other.text.lower()

    def __hash__(self) -> int:
        return hash(self.text.lower())

    def __repr__(self) -> str:
        return self.text


def described(make: Callable[[type], type]) -> tuple[Any, ...]:
    """What a class of values is, in all that can be asked of it."""

    class Pair:
        """Two."""

        x: int
        y: tuple[int, ...] = (1,)

    cls: Any = make(Pair)
    one, other = cls(1), cls(x=2, y=())
    return (
        *(repr(one), repr(other), hash(one) == hash((1, (1,))), one == cls(1), one == other),
        *(one == 1, one != other, {one, cls(1), other} == {other, one}, replace(one, y=()).y),
        *([f.name for f in fields(cls)], cls.__match_args__, cls.__slots__, cls.__doc__),
    )


def test_it_is_what_a_dataclass_is() -> None:
    assert described(frozen) == described(dataclass(frozen=True, slots=True))


def test_nothing_of_it_can_be_changed() -> None:
    point: Any = Point(1)
    with pytest.raises(FrozenInstanceError, match="'x' of a Point"):
        point.x = 2
    with pytest.raises(FrozenInstanceError):
        del point.x
    with pytest.raises(FrozenInstanceError):
        point.other = 2


def test_a_call_that_does_not_fit_is_an_error() -> None:
    make: Any = Point
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        make()


def test_each_value_has_a_default_of_its_own_that_counts_for_nothing() -> None:
    one, other = Point(1), Point(1)
    one.seen.append(3)
    assert other.seen == []
    assert one == other
    assert repr(one) == "Point(x=1, y=0)"


def test_a_field_more() -> None:
    assert repr(Named(1, name="b")) == "Named(x=1, y=0, name='b')"
    assert Named(1) == Named(1) != Point(1)


def test_without_a_field() -> None:
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
    assert repr(Nothing()) == "Nothing()"


def test_what_the_class_defines_stays() -> None:
    assert Word("a") == Word("A")
    assert hash(Word("a")) == hash(Word("A"))
    assert repr(Word("a")) == "a"


@pytest.mark.parametrize("value", [Point(1, 2, [3]), Named(1), Nothing(), Word("a")])
def test_copies(value: object) -> None:
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value


def test_it_is_known() -> None:
    assert is_frozen(Point)
    assert not is_frozen(int)
