"""The join of two types is an upper bound, whichever way round and however often."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.queries.join import item_type, join, subscript_type, unknown_of
from migrator.queries.types import (
    MAX_OPTIONS,
    NONE,
    OPAQUE,
    UNKNOWN,
    DictOf,
    Instance,
    ListOf,
    Opaque,
    Query,
    Result,
    Row,
    Selected,
    Session,
    TupleOf,
    Type,
    Union,
    Unknown,
)

ORDER = Selected("entity", "m:Order", "Order", "Order")
LINE = Selected("entity", "m:Line", "Line", "Line")
LOADED = st.frozensets(st.sampled_from(["lines", "customer"]))
QUERIES = st.builds(
    Query,
    st.sampled_from([(ORDER,), (LINE,), (ORDER, LINE)]),
    session=st.sampled_from([None, Session("session"), Session("db.session", "m:db.session")]),
    lead=st.sampled_from(["Order", "Line"]),
    last_joined=st.sampled_from(["", "Line"]),
    multi_from=st.booleans(),
    state=st.frozensets(st.sampled_from(["bare", "filter", "limit", "set_op", "yield_per"])),
    loaded=LOADED,
    dynamic=st.booleans(),
)
PLAIN: st.SearchStrategy[Type] = st.one_of(
    st.sampled_from([UNKNOWN, NONE, Opaque("str"), Opaque("int"), OPAQUE]),
    st.builds(Instance, st.sampled_from(["m:Order", "m:Line"]), LOADED, st.booleans()),
    QUERIES,
)
TYPES: st.SearchStrategy[Type] = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds(ListOf, inner),
        st.builds(DictOf, inner, inner),
        st.builds(lambda a, b: TupleOf((a, b)), inner, inner),
        st.builds(lambda a: Row((a,)), inner),
        st.builds(join, inner, inner),
    ),
    max_leaves=5,
)


@given(a=TYPES)
def test_a_type_joined_with_itself_is_itself(a: Type) -> None:
    assert join(a, a) == a


@given(a=TYPES, b=TYPES)
def test_the_order_does_not_matter(a: Type, b: Type) -> None:
    assert join(a, b) == join(b, a)


@given(a=TYPES, b=TYPES)
def test_a_join_is_above_both(a: Type, b: Type) -> None:
    above = join(a, b)
    assert join(above, a) == above
    assert join(above, b) == above


@given(a=TYPES)
def test_unknown_absorbs(a: Type) -> None:
    """All but which mapped objects it may be or hold."""
    joined = join(a, UNKNOWN)
    assert isinstance(joined, Unknown)
    assert joined == unknown_of(a, UNKNOWN)


@given(items=st.lists(TYPES, min_size=1, max_size=9))
def test_unions_are_flat_and_small(items: list[Type]) -> None:
    result = items[0]
    for one in items[1:]:
        result = join(result, one)
    if isinstance(result, Union):
        assert 2 <= len(result.options) <= MAX_OPTIONS
        assert not any(isinstance(o, Union) or o == UNKNOWN for o in result.options)


def test_what_either_query_went_through_counts() -> None:
    plain = Query((ORDER,), Session("session"), "Order", state=frozenset({"bare"}))
    limited = Query(
        (ORDER,), Session("other"), "Order", multi_from=True, state=frozenset({"limit"})
    )
    joined = join(plain, limited)
    assert isinstance(joined, Query)
    assert joined.session is None
    assert joined.multi_from
    assert joined.state == {"bare", "limit"}


def test_queries_of_different_form_are_mixed() -> None:
    joined = join(Query((ORDER,)), Query((ORDER,), state=frozenset({"yield_per"})))
    assert isinstance(joined, Query)
    assert "mixed" in joined.state


def test_queries_of_different_models_stay_apart() -> None:
    assert isinstance(join(Query((ORDER,)), Query((LINE,))), Union)


@pytest.mark.parametrize(
    ("container", "item"),
    [
        (ListOf(OPAQUE), OPAQUE),
        (Query((ORDER,), loaded=frozenset({"lines"})), Instance("m:Order", frozenset({"lines"}))),
        (Result((ORDER,), scalars=True), Instance("m:Order")),
        (Query((ORDER, LINE)), Row((Instance("m:Order"), Instance("m:Line")), ("Order", "Line"))),
        (Query(()), UNKNOWN),
        (UNKNOWN, UNKNOWN),
    ],
)
def test_what_a_loop_yields(container: Type, item: Type) -> None:
    assert item_type(container) == item


def test_items_of_a_row_by_position() -> None:
    row = Row((OPAQUE, Instance("m:Order")))
    assert subscript_type(row, ast.Constant(1)) == Instance("m:Order")
    assert subscript_type(row, ast.parse("-1", mode="eval").body) == Instance("m:Order")
