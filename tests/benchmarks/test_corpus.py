"""What mypy says of a converted package is compared with what it said before."""

from __future__ import annotations

from collections import Counter

from benchmarks.corpus import unawaited, was


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


def test_what_has_changed_since_the_page_was_written_is_told() -> None:
    head = "# Corpus\n\n| repository | lines | sites |\n|---|---:|---:|\n"
    page = head + "| a/b @ 1 | 100 | 9 | 90 % | 10 % | 0 % | 0 / 106 / 0 | 2.0 | 0 | 0 |\n"
    same = "| a/b @ 1 | 100 | 9 | 90 % | 10 % | 0 % | 0 / 106 / 0 | 2.9 | 0 | 0 |"
    assert was(same, page) == ""
    fewer = same.replace("106", "1")
    assert was(fewer, page) == "9 sites, 90 % / 10 % / 0 %, endpoints 0 / 106 / 0"
    assert was(same.replace("a/b", "c/d"), page) == ""
