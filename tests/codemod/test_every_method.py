"""Every method of Query and Session in SQLAlchemy 1.3, 1.4, 2.0 and 2.1, and what becomes of it.

None is forgotten: a name that a release adds has no line here, and fails.
"""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Query, Session

from migrator.queries.types import External
from tests.codemod.chain import convert
from tests.codemod.test_pages import MEMBERS, NAMES

NATIVE = ""
Q = "session.query(Order)"
#: What Query has beside its methods and attributes: SQLAlchemy's own machinery.
INNER = frozenset(
    {
        "allows_lambda", "dispatch", "get_children", "is_delete", "is_dml", "is_from_statement",
        "is_insert", "is_select", "is_text", "is_update", "lazy_loaded_from", "load_options",
        "logger", "logging_name", "memoized_attribute", "memoized_instancemethod",
        "supports_execution", "uses_inspection", "connection_callable", "bind", "execute",
    }
)  # fmt: skip
#: Of each method: a call of it, and the code that keeps it in the bridge ("" for none).
QUERY: dict[str, list[tuple[str, str]]] = {
    "add_column": [("{}.add_column(Order.id).all()", NATIVE)],
    "add_columns": [("{}.add_columns(Order.id, Order.status).all()", NATIVE)],
    "add_entity": [
        ("{}.add_entity(Line).all()", NATIVE),
        ("{}.add_entity(Line, alias=None).all()", "MIG315"),
    ],
    "all": [("{}.all()", NATIVE)],
    "apply_labels": [("{}.apply_labels().subquery()", "MIG315")],
    "as_scalar": [("session.query(Order.id).as_scalar()", NATIVE)],
    "autoflush": [("{}.autoflush(False).all()", NATIVE)],
    "column_descriptions": [("{}.column_descriptions", NATIVE)],
    "correlate": [("{}.correlate(Line).subquery()", NATIVE)],
    "count": [("{}.count()", NATIVE)],
    "cte": [("{}.cte('recent')", NATIVE), ("{}.cte(recursive=True)", NATIVE)],
    "delete": [
        ("{}.filter(Order.id == 3).delete()", NATIVE),
        ("{}.delete(synchronize_session='fetch')", NATIVE),
        ("{}.order_by(Order.id).delete()", "MIG307"),
        ("{}.delete(delete_args={{}})", "MIG307"),
    ],
    "distinct": [("{}.distinct().all()", NATIVE), ("{}.distinct(Order.status).all()", NATIVE)],
    "enable_assertions": [("{}.enable_assertions(False).limit(3).all()", "MIG315")],
    "enable_eagerloads": [
        ("{}.enable_eagerloads(False).all()", NATIVE),
        ("{}.enable_eagerloads(True).all()", NATIVE),
        ("{}.enable_eagerloads(anything).all()", "MIG315"),
    ],
    "except_": [("{0}.except_({0}.filter(Order.id == 3)).all()", NATIVE)],
    "except_all": [("{0}.except_all({0}.filter(Order.id == 3)).all()", NATIVE)],
    "execution_options": [("{}.execution_options(a=1).all()", NATIVE)],
    "exists": [("session.query({}.exists()).scalar()", NATIVE)],
    "ext": [("{}.ext(anything).all()", NATIVE)],
    "filter": [("{}.filter(Order.id == 3).all()", NATIVE)],
    "filter_by": [("{}.filter_by(id=3).all()", NATIVE)],
    "first": [("{}.first()", NATIVE)],
    "from_self": [("{}.from_self().all()", "MIG322")],
    "from_statement": [
        ("{}.from_statement(text('SELECT * FROM orders')).all()", NATIVE),
        ("{}.from_statement(text('SELECT * FROM orders')).count()", "MIG320"),
    ],
    "get": [
        ("{}.get(3)", NATIVE),
        ("{}.get((3, 4))", NATIVE),
        ("{}.get({{'id': 3}})", NATIVE),
        ("{}.options(joinedload(Order.lines)).populate_existing().get(3)", NATIVE),
        ("{}.with_for_update().get(3)", NATIVE),
        ("{}.filter(Order.id == 3).get(3)", "MIG308"),
    ],
    "get_execution_options": [("{}.get_execution_options()", NATIVE)],
    "get_label_style": [("{}.get_label_style", "MIG315")],
    "group_by": [
        ("session.query(Order.status).group_by(Order.status).all()", NATIVE),
        ("session.query(Order.status).group_by(False).all()", "MIG315"),
    ],
    "having": [("session.query(Order.status).group_by(Order.status).having(func.count() > 1).all()", NATIVE)],
    "instances": [("{}.instances(anything)", "MIG315")],
    "intersect": [("{0}.intersect({0}.filter(Order.id == 3)).all()", NATIVE)],
    "intersect_all": [("{0}.intersect_all({0}.filter(Order.id == 3)).all()", NATIVE)],
    "is_single_entity": [("{}.is_single_entity", "MIG315")],
    "join": [
        ("{}.join(Order.lines).all()", NATIVE),
        ("{}.join(Line).all()", NATIVE),
        ("{}.join(Line, Line.order_id == Order.id).all()", NATIVE),
        ("{}.join(Line, Order.lines).all()", NATIVE),
        ("{}.join(aliased(Line), Order.lines).all()", NATIVE),
        ("{}.join(Order.lines.of_type(aliased(Line))).all()", NATIVE),
        ("{}.join(Order.lines, isouter=True).all()", NATIVE),
        ("{}.join('lines').all()", "MIG322"),
        ("{}.join('lines', 'product').all()", "MIG322"),
        ("{}.join(Order.lines, aliased=True).all()", "MIG322"),
        ("{}.join((Line, Line.order_id == Order.id)).all()", "MIG322"),
        ("{}.join(Order.lines, Line.product, Product.tags).all()", "MIG322"),
    ],
    "label": [("session.query(Order.id).label('number')", NATIVE)],
    "limit": [("{}.limit(3).all()", NATIVE)],
    "merge_result": [("{}.merge_result(anything)", "MIG315")],
    "offset": [("{}.offset(3).all()", NATIVE)],
    "one": [("{}.one()", NATIVE)],
    "one_or_none": [("{}.one_or_none()", NATIVE)],
    "only_return_tuples": [("{}.only_return_tuples(True).all()", "MIG315")],
    "options": [
        ("{}.options(joinedload(Order.lines)).all()", NATIVE),
        ("{}.options(joinedload('lines')).all()", NATIVE),
    ],
    "order_by": [
        ("{}.order_by(Order.id, None).all()", NATIVE),
        ("{}.order_by(Order.id).order_by(None).all()", NATIVE),
        ("{}.order_by(Order.id).order_by(False).all()", "MIG315"),
    ],
    "outerjoin": [
        ("{}.outerjoin(Order.lines).all()", NATIVE),
        ("{}.outerjoin('lines').all()", "MIG322"),
    ],
    "params": [("{}.filter(text('id > :n')).params(n=3).all()", NATIVE)],
    "populate_existing": [("{}.populate_existing().all()", NATIVE)],
    "prefix_with": [("{}.prefix_with('ALL').all()", NATIVE)],
    "reset_joinpoint": [("{}.join(Order.lines).reset_joinpoint().all()", NATIVE)],
    "scalar": [("session.query(func.count(Order.id)).scalar()", NATIVE)],
    "scalar_subquery": [("session.query(Order.id).scalar_subquery()", NATIVE)],
    "select_entity_from": [("{}.select_entity_from(anything).all()", "MIG322")],
    "select_from": [
        ("session.query(Order.id).select_from(Line).join(Line.order).all()", NATIVE),
        ("{}.filter(Order.id == 3).select_from(Line).all()", "MIG315"),
    ],
    "selectable": [("{}.selectable", NATIVE)],
    "session": [("{}.session.get(Order, 3)", NATIVE)],
    "set_label_style": [("{}.set_label_style(anything).subquery()", "MIG315")],
    "slice": [("{}.slice(1, 3).all()", NATIVE)],
    "statement": [("session.execute({}.statement)", NATIVE)],
    "subquery": [("{}.subquery()", NATIVE), ("{}.subquery(with_labels=True)", "MIG315")],
    "suffix_with": [("{}.suffix_with('').all()", NATIVE)],
    "tuples": [("session.query(Order.id, Order.status).tuples().all()", NATIVE)],
    "union": [("{0}.union({0}.filter(Order.id == 3)).all()", NATIVE)],
    "union_all": [("{0}.union_all({0}.filter(Order.id == 3)).all()", NATIVE)],
    "update": [
        ("{}.filter(Order.id == 3).update({{'status': 'new'}})", NATIVE),
        ("{}.update({{Order.status: 'new'}}, synchronize_session=False)", NATIVE),
        ("{}.update({{}}, update_args={{}})", "MIG307"),
    ],
    "value": [("{}.value(Order.id)", "MIG315")],
    "values": [("{}.values(Order.id)", "MIG315")],
    "where": [("{}.where(Order.id == 3).all()", NATIVE)],
    "whereclause": [("{}.filter(Order.id == 3).whereclause", NATIVE)],
    "with_entities": [
        ("{}.join(Order.lines).with_entities(Order.id, Line.quantity).all()", NATIVE),
    ],
    "with_for_update": [
        ("{}.with_for_update().all()", NATIVE),
        ("{}.with_for_update(nowait=True, of=Order).all()", NATIVE),
        ("{}.with_for_update(skip_locked=True, key_share=True, read=True).first()", NATIVE),
    ],
    "with_hint": [("{}.with_hint(Order, 'x').all()", NATIVE)],
    "with_labels": [("{}.with_labels().subquery()", "MIG315")],
    "with_lockmode": [("{}.with_lockmode('update').all()", "MIG322")],
    "with_parent": [
        ("session.query(Line).with_parent(order, Order.lines).all()", NATIVE),
        ("session.query(Line).with_parent(order).all()", NATIVE),
        ("session.query(Line).with_parent(order, 'lines').all()", "MIG322"),
    ],
    "with_polymorphic": [("{}.with_polymorphic('*').all()", "MIG322")],
    "with_session": [("{}.with_session(db.session).all()", NATIVE)],
    "with_statement_hint": [("{}.with_statement_hint('x').all()", NATIVE)],
    "with_transformation": [("{}.with_transformation(anything).all()", "MIG315")],
    "yield_per": [("{}.yield_per(3).all()", NATIVE)],
}  # fmt: skip


#: The same of a session.
SESSION: dict[str, list[tuple[str, str]]] = {
    "add": [("session.add(order)", NATIVE)],
    "add_all": [("session.add_all(rows)", NATIVE)],
    "begin": [("session.begin()", NATIVE)],
    "begin_nested": [("session.begin_nested()", NATIVE)],
    "bind_mapper": [("session.bind_mapper(Order, anything)", "MIG316")],
    "bind_table": [("session.bind_table(anything, anything)", "MIG316")],
    "bulk_insert_mappings": [("session.bulk_insert_mappings(Order, [{'id': 3}])", NATIVE)],
    "bulk_save_objects": [("session.bulk_save_objects(rows)", NATIVE)],
    "bulk_update_mappings": [("session.bulk_update_mappings(Order, [{'id': 3}])", NATIVE)],
    "close": [("session.close()", NATIVE)],
    "close_all": [("session.close_all()", "MIG316")],
    "commit": [("session.commit()", NATIVE)],
    "connection": [("session.connection()", "MIG316")],
    "delete": [("session.delete(order)", NATIVE)],
    "delete_all": [("session.delete_all(rows)", NATIVE)],
    "deleted": [("session.deleted", NATIVE)],
    "dirty": [("session.dirty", NATIVE)],
    "enable_relationship_loading": [("session.enable_relationship_loading(order)", "MIG316")],
    "execute": [
        ("session.execute(select(Order)).scalars().all()", NATIVE),
        ("session.execute(text('SELECT 1')).scalar()", NATIVE),
        ("session.execute(text('SELECT :n'), {'n': 3}).first()", NATIVE),
        ("session.execute(select([Order.id])).fetchall()", NATIVE),
        ("session.execute(session.query(Order))", ""),
        ("session.execute(session.query(Order.id, Order.id))", "MIG320"),
    ],
    "execution_options": [("session.execution_options", NATIVE)],
    "expire": [("session.expire(order)", NATIVE)],
    "expire_all": [("session.expire_all()", NATIVE)],
    "expunge": [("session.expunge(order)", NATIVE)],
    "expunge_all": [("session.expunge_all()", NATIVE)],
    "flush": [("session.flush()", NATIVE)],
    "get": [("session.get(Order, 3)", NATIVE)],
    "get_bind": [("session.get_bind()", NATIVE)],
    "get_nested_transaction": [("session.get_nested_transaction()", "MIG316")],
    "get_one": [("session.get_one(Order, 3)", NATIVE)],
    "get_transaction": [("session.get_transaction()", "MIG316")],
    "identity_key": [("session.identity_key(Order, 3)", "MIG316")],
    "identity_map": [("session.identity_map", NATIVE)],
    "in_nested_transaction": [("session.in_nested_transaction()", NATIVE)],
    "in_transaction": [("session.in_transaction()", NATIVE)],
    "info": [("session.info", NATIVE)],
    "invalidate": [("session.invalidate()", NATIVE)],
    "is_active": [("session.is_active", NATIVE)],
    "is_modified": [("session.is_modified(order)", NATIVE)],
    "merge": [("session.merge(order)", NATIVE)],
    "merge_all": [("session.merge_all(rows)", NATIVE)],
    "new": [("session.new", NATIVE)],
    "no_autoflush": [("session.no_autoflush", NATIVE)],
    "object_session": [("session.object_session(order)", "MIG316")],
    "prepare": [("session.prepare()", NATIVE)],
    "query": [("session.query(Order).all()", NATIVE)],
    "refresh": [("session.refresh(order)", NATIVE)],
    "reset": [("session.reset()", NATIVE)],
    "rollback": [("session.rollback()", NATIVE)],
    "scalar": [("session.scalar(select(Order.id))", NATIVE)],
    "scalars": [("session.scalars(select(Order)).all()", NATIVE)],
    "transaction": [("session.transaction", NATIVE)],
}


@pytest.mark.parametrize(("call", "code"), [case for cases in QUERY.values() for case in cases])
def test_a_method_of_query(call: str, code: str) -> None:
    names = {**NAMES, "text": External("sqlalchemy.text")}
    converted = convert(call.format(Q), names, MEMBERS)
    assert [r.code for r in converted.refusals][:1] == ([code] if code else [])


@pytest.mark.parametrize(("call", "code"), [case for cases in SESSION.values() for case in cases])
def test_a_method_of_the_session(call: str, code: str) -> None:
    names = {**NAMES, "text": External("sqlalchemy.text")}
    converted = convert(call, names, MEMBERS)
    assert [r.code for r in converted.refusals][:1] == ([code] if code else [])


def test_none_is_forgotten() -> None:
    assert {n for n in dir(Session) if not n.startswith("_")} - INNER <= SESSION.keys()
    assert {n for n in dir(Query) if not n.startswith("_")} - INNER <= QUERY.keys()
