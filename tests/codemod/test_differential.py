"""Every function of the kit's shop does the same before and after its conversion."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.codemod.convert import Conversion
from tests.codemod.kit.run import Pair, agree, functions

NAMES = functions()


#: Where the class of an exception differs, and why that is right.
OTHER_EXCEPTION = {
    "joins.join_filter_by_unknown_name": "a name that no entity has: an attribute now",
}


#: Forms of SQLAlchemy 1.x, which the legacy function raises for here, and what they meant.
EARLIER_FORM = {
    "joins.eager_string": "joins.eager_named",
    "joins.chained_string": "joins.chained_named",
    "joins.dotted_string": "joins.dotted_named",
    "joins.dotted_string_with_a_keyword": "joins.dotted_name_with_a_keyword",
    "joins.strings_at_every_level": "joins.names_at_every_level",
    "joins.undeferred_string": "joins.undeferred_named",
    "joins.string_of_a_load": "joins.name_of_a_load",
    "connections.plain_text": "connections.text_statement",
    "connections.plain_text_in_a_name": "connections.text_statement_in_a_name",
    "connections.plain_text_in_the_bridge": "connections.text_statement_in_the_bridge",
    "connections.driver_text": "connections.text_of_the_driver",
    "connections.driver_text_by_a_variable": "connections.text_of_the_driver_by_a_variable",
    "connections.texts_of_an_engine": "connections.texts_of_an_engine_since",
    "connections.whens_in_a_list": "connections.whens_as_arguments",
    "mappings.items_by_name": "mappings.items_of_mapping",
    "mappings.as_dicts": "mappings.as_dicts_of_mapping",
    "mappings.methods_of_dicts": "mappings.methods_of_mapping",
    "mappings.by_each_key": "mappings.by_each_key_of_mapping",
    "mappings.by_column": "mappings.by_column_of_mapping",
    "mappings.through_functions": "mappings.through_functions_of_mapping",
    "mappings.in_the_bridge": "mappings.in_the_bridge_of_mapping",
    "mappings.by_a_key_function": "mappings.by_a_key_function_of_mapping",
    "mappings.of_a_connection": "mappings.of_a_connection_of_mapping",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_conversion_does_what_the_legacy_function_does(name: str, pair: Pair) -> None:
    _compare(name, pair)


# A part of them: what they do to a driver repeats itself.
@pytest.mark.parametrize("name", NAMES[::6])
def test_it_does_so_over_the_sync_driver_in_threads(name: str, pair_in_threads: Pair) -> None:
    _compare(name, pair_in_threads)


def _compare(name: str, pair: Pair) -> None:
    legacy, converted = pair.run(name)
    if name in EARLIER_FORM:
        legacy, _ = pair.run(EARLIER_FORM[name])
    if name in OTHER_EXCEPTION:
        assert bool(converted.error) == bool(legacy.error)
        legacy = replace(legacy, error=converted.error)
    agree(legacy, converted)


def test_the_kit_is_large_enough() -> None:
    assert len(NAMES) >= 250


# Two modules hold what stays a Query's or runs in the bridge.
def test_nearly_all_of_it_is_native(conversion: Conversion) -> None:
    usual = [s for s in conversion.plan.sites if s.path not in ("existence.py", "consumers.py")]
    statuses = [site.status for site in usual]
    assert statuses.count("native") / len(statuses) > 0.9


def test_most_of_what_others_call_has_a_native_body(conversion: Conversion) -> None:
    decisions = [d for d in conversion.decisions.by_key.values() if "shells:" in d.key]
    plain = {d.key.partition(":")[2] for d in decisions if d.mode == "bridged"}
    assert plain == {"nested_value", "nested_value.<locals>.products"}
    assert sum(d.unbridged for d in decisions) >= 20
