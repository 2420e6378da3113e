"""JSON by what is written: four kinds of one, exact numbers, and a diff that is never empty by accident."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.runtime.shadow.strictjson import (
    Constant,
    NotJSON,
    at,
    canonical,
    compare,
    parse,
    same,
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from([Constant("NaN"), Constant("Infinity")])
    | st.text(max_size=5)
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1", "true"),
        ("0", "false"),
        ("1", "1.0"),
        ("1", '"1"'),
        ("1.0", '"1.0"'),
        ("null", '"null"'),
        ("null", "0"),
        ("NaN", "null"),
        ("NaN", '"NaN"'),
        ("0.0", "-0.0"),
        ("[]", "{}"),
        ("[]", "null"),
        ('{"a":null}', "{}"),
        ("[1,2]", "[2,1]"),
        ("[1,1,2]", "[1,2,2]"),
        ("18446744073709551616", "18446744073709551617"),
        ("0.1", "0.10000000000000001"),
        ("[[],[[]]]", "[[[]],[]]"),
    ],
)
def test_what_differs(left: str, right: str) -> None:
    assert compare(parse(left), parse(right))
    assert not same(parse(left), parse(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"a":1,"b":2}', '{"b":2,"a":1}'),
        ("1.0", "1.00"),
        ("100.0", "1e2"),
        ("NaN", "NaN"),
        ('"é"', '"\\u00e9"'),
        (" [ 1 ] ", "[1]\n"),
    ],
)
def test_what_is_the_same(left: str, right: str) -> None:
    assert compare(parse(left), parse(right)) == []
    assert same(parse(left), parse(right))


@given(documents)
def test_a_document_is_the_same_as_its_copy(document: Any) -> None:
    assert compare(document, copy.deepcopy(document)) == []


@given(documents, documents)
def test_a_diff_is_empty_exactly_for_the_same_value(left: Any, right: Any) -> None:
    assert (compare(left, right) == []) == (canonical(left) == canonical(right))


@given(documents, documents)
def test_a_diff_has_the_same_places_either_way(left: Any, right: Any) -> None:
    assert bool(compare(left, right)) == bool(compare(right, left))


@given(st.lists(documents, min_size=1, max_size=8), st.data())
def test_a_missing_element_is_one_difference_and_its_length(
    items: list[Any], data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, len(items) - 1))
    found = compare(items, items[:gone] + items[gone + 1 :])
    assert [d.kind for d in found] == ["length", "missing"]


@given(documents)
def test_paths_lead_to_the_value(document: Any) -> None:
    for difference in compare({"x": document, "n": 0}, {"x": document, "n": 1}):
        assert at({"x": document, "n": 0}, difference.path) == 0


@given(st.dictionaries(st.text(), st.integers(), min_size=1))
def test_paths_escape_any_key(document: dict[str, int]) -> None:
    for difference in compare(document, {}):
        assert difference.values is not None
        assert at(document, difference.path) == difference.values[0]


def test_a_repeated_key_is_not_compared_as_a_document() -> None:
    with pytest.raises(NotJSON, match="'a' is repeated"):
        parse('{"a":1,"a":2}')


@pytest.mark.parametrize("text", ["", "{", "[1,]", b"\xff", "1" * 5000, "[" * 100000])
def test_what_is_no_json(text: str | bytes) -> None:
    with pytest.raises(NotJSON):
        parse(text)


def test_deep_documents_need_no_deep_stack() -> None:
    deep: Any = 1
    for _ in range(2000):
        deep = [deep]
    assert compare(deep, deep) == []
    assert len(compare(deep, [deep])) == 1


def test_numbers_are_shown_as_written() -> None:
    (difference,) = compare(parse('{"a":1.10}'), parse('{"a":"1.10"}'))
    assert (difference.legacy, difference.target) == ("1.10", '"1.10"')
    assert difference.detail == "number → string"
    assert json.loads(difference.legacy, parse_float=Decimal) == Decimal("1.10")
