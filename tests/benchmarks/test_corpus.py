"""What mypy says of a converted package is compared with what it said before."""

from __future__ import annotations

from collections import Counter

from benchmarks.corpus import unawaited


def test_only_what_is_new_and_of_coroutines_counts() -> None:
    before = Counter(
        {
            'a.py: Argument 1 to "f" has incompatible type "Callable[[Any], Any]"  [arg-type]': 1,
            "a.py: Name is not defined  [name-defined]": 1,
        }
    )
    known = (
        'a.py: Argument 1 to "f" has incompatible type '
        '"Callable[[Any], Coroutine[Any, Any, Any]]"  [arg-type]'
    )
    new = 'b.py: Value of type "Coroutine[Any, Any, int]" must be used  [unused-coroutine]'
    after = Counter({known: 2, new: 1, "b.py: Name is not defined  [name-defined]": 3})
    assert unawaited(after, before) == [known, new]


def test_a_run_that_mypy_gave_up_is_told() -> None:
    gave_up = "mypy gave up: ['no such module']"
    assert unawaited(Counter({gave_up: 1}), Counter()) == [gave_up]
