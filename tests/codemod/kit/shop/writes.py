"""Bulk writes with their row counts, units of work, savepoints, conflicts."""

from sqlalchemy import delete, func, insert, text, update
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import NoResultFound, StaleDataError

from .models import (
    Account,
    Address,
    Category,
    Customer,
    Invoice,
    Line,
    Manager,
    Note,
    Order,
    Report,
    Stock,
    Tag,
)


def update_rows(session):
    return session.query(Order).filter(Order.status == "new").update({"status": "old"})


def update_all_rows(session):
    return session.query(Order).update({"status": "old"})


def update_attribute_keys(session):
    return session.query(Order).filter(Order.id < 4).update({Order.status: "old", Order.total: Order.total + 1})


def update_expression(session):
    return session.query(Order).filter(Order.total > 50).update({"total": Order.total * 2})


def update_filter_by(session):
    return session.query(Order).filter_by(status="new").update({"status": "old"})


def update_unsynchronized(session):
    order = session.query(Order).get(3)
    session.query(Order).filter(Order.id == 3).update({"status": "old"}, synchronize_session=False)
    return order.status


def update_evaluated(session):
    order = session.query(Order).get(3)
    session.query(Order).filter(Order.id == 3).update({"status": "old"}, synchronize_session="evaluate")
    return order.status


def update_fetched(session):
    order = session.query(Order).get(3)
    count = session.query(Order).filter(Order.id == 3).update({"status": "old"}, synchronize_session="fetch")
    return order.status, count


def update_fetched_positional(session):
    order = session.query(Order).get(3)
    session.query(Order).filter(Order.id == 3).update({"status": "old"}, "fetch")
    return order.status


def update_default_synchronization(session):
    order = session.query(Order).get(3)
    session.query(Order).filter(Order.id == 3).update({"status": "old"})
    return order.status


def update_none_matched(session):
    return session.query(Order).filter(Order.id == -1).update({"status": "old"})


def update_in_list(session):
    return session.query(Order).filter(Order.id.in_([1, 2])).update({"status": "old"}, synchronize_session=False)


def update_in_subquery(session):
    anns = session.query(Customer.id).filter(Customer.name == "Ann")
    return session.query(Order).filter(Order.customer_id.in_(anns)).update({"status": "ann"}, synchronize_session=False)


def update_values_variable(session):
    values = {"status": "old"}
    return session.query(Order).filter(Order.id == 1).update(values)


def update_keyword_values(session):
    return session.query(Order).filter(Order.id == 1).update(values={"status": "old"}, synchronize_session=False)


def update_query_variable(session):
    query = session.query(Order).filter(Order.id == 1)
    return query.update({"status": "old"})


def update_after_limit(session):
    return session.query(Order).limit(3).update({"status": "old"})


def update_after_order(session):
    return session.query(Order).order_by(Order.id).update({"status": "old"})


def update_after_join(session):
    return session.query(Order).join(Order.customer).filter(Customer.name == "Ann").update({"status": "old"})


def update_polymorphic(session):
    return session.query(Manager).filter(Manager.level > 1).update({"level": 9}, synchronize_session=False)


def update_single_table(session):
    return session.query(Report).update({"pages": 1})


def update_pending_first(session):
    session.add(Tag(id=50, name="pending"))
    return session.query(Tag).filter(Tag.name == "pending").update({"name": "flushed"})


def update_then_commit(session):
    session.query(Order).filter(Order.id == 2).update({"status": "old"})
    session.commit()
    return session.query(Order).get(2).status


def update_then_rollback(session):
    session.query(Order).filter(Order.id == 2).update({"status": "old"})
    session.rollback()
    return session.query(Order).get(2).status


def delete_rows(session):
    return session.query(Note).filter(Note.customer_id == 2).delete()


def delete_all_rows(session):
    return session.query(Note).delete()


def delete_filter_by(session):
    return session.query(Note).filter_by(customer_id=5).delete()


def delete_unsynchronized(session):
    return session.query(Note).filter(Note.text.like("%0%")).delete(synchronize_session=False)


def delete_fetched(session):
    return session.query(Note).filter(Note.text.like("%0%")).delete(synchronize_session="fetch")


def delete_positional(session):
    return session.query(Note).filter(Note.text.like("%0%")).delete(False)


def delete_after_limit(session):
    return session.query(Note).limit(1).delete()


def delete_violating(session):
    return session.query(Customer).filter(Customer.id == 1).delete()


def delete_query_variable(session):
    query = session.query(Note).filter(Note.customer_id == 2)
    before = query.count()
    return before, query.delete()


def delete_loop(session):
    for note in session.query(Note).filter(Note.customer_id == 2):
        session.delete(note)
    session.commit()
    return session.query(Note).count()


def delete_cascade(session):
    session.delete(session.query(Order).get(3))
    session.commit()
    return session.query(Line).filter(Line.order_id == 3).count()


def delete_orphan(session):
    order = session.query(Order).get(3)
    order.lines.pop()
    session.commit()
    return session.query(Line).filter(Line.order_id == 3).count()


def add(session):
    tag = Tag(name="new")
    session.add(tag)
    session.commit()
    return session.query(Tag).filter_by(name="new").count()


def add_flush_id(session):
    order = Order(customer_id=1, status="x")
    session.add(order)
    session.flush()
    return order.id is not None, order.status


def add_all(session):
    session.add_all([Tag(name="a"), Tag(name="b")])
    session.commit()
    return session.query(Tag).count()


def add_with_children(session):
    order = Order(customer_id=1, status="x", lines=[Line(quantity=1, price=2.0), Line(quantity=2, price=3.0)])
    session.add(order)
    session.commit()
    return session.query(Line).filter(Line.order_id == order.id).count()


def add_defaults(session):
    order = Order(customer_id=1)
    session.add(order)
    session.flush()
    return order.status


def autoflush_before_query(session):
    session.add(Tag(name="seen"))
    return session.query(Tag).filter_by(name="seen").count()


def no_autoflush(session):
    with session.no_autoflush:
        session.add(Tag(name="unseen"))
        return session.query(Tag).filter_by(name="unseen").count()


def modify(session):
    order = session.query(Order).get(3)
    order.status = "changed"
    session.commit()
    return session.query(Order).filter_by(status="changed").count()


def modify_after_commit(session):
    order = session.query(Order).get(3)
    order.status = "one"
    session.commit()
    order.status = "two"
    session.commit()
    return order.status


def modify_rollback(session):
    order = session.query(Order).get(3)
    order.status = "changed"
    session.flush()
    session.rollback()
    return order.status


def conflict(session):
    session.add(Tag(name="red"))
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        return "conflict", session.query(Tag).count()
    return "none"


def conflict_raised(session):
    session.add(Tag(name="red"))
    session.flush()


def not_null_raised(session):
    session.add(Customer(email="x@example.org"))
    session.commit()


def savepoint(session):
    session.add(Tag(name="kept"))
    try:
        with session.begin_nested():
            session.add(Tag(name="red"))
    except IntegrityError:
        pass
    session.commit()
    return [t.name for t in session.query(Tag).order_by(Tag.id)]


def savepoint_explicit(session):
    session.add(Tag(name="kept"))
    point = session.begin_nested()
    session.add(Tag(name="dropped"))
    session.flush()
    point.rollback()
    session.commit()
    return [t.name for t in session.query(Tag).order_by(Tag.id)]


def savepoint_commit(session):
    with session.begin_nested():
        session.add(Tag(name="inner"))
    session.commit()
    return session.query(Tag).filter_by(name="inner").count()


def stale_version(session):
    account = session.query(Account).get(1)
    session.execute(update(Account).where(Account.id == 1).values(version=7).execution_options(synchronize_session=False))
    account.balance = 1
    try:
        session.commit()
    except StaleDataError:
        session.rollback()
        return "stale"
    return "fine"


def version_counts(session):
    account = session.query(Account).get(1)
    account.balance += 5
    session.commit()
    return account.version


def locked_transfer(session):
    accounts = session.query(Account).with_for_update().order_by(Account.id).all()
    accounts[0].balance -= 10
    accounts[1].balance += 10
    session.commit()
    return [(a.owner, a.balance) for a in session.query(Account).order_by(Account.id)]


def refresh(session):
    order = session.query(Order).get(3)
    session.execute(text("update orders set status = 'raw' where id = 3"))
    session.refresh(order)
    return order.status


def refresh_attribute(session):
    order = session.query(Order).get(3)
    session.execute(text("update orders set status = 'raw' where id = 3"))
    session.refresh(order, ["status"])
    return order.status


def populate_existing(session):
    order = session.query(Order).get(3)
    session.execute(text("update orders set status = 'raw' where id = 3"))
    before = order.status
    session.query(Order).populate_existing().filter(Order.id == 3).all()
    return before, order.status


def expire(session):
    order = session.query(Order).get(3)
    session.execute(text("update orders set status = 'raw' where id = 3"))
    session.expire(order)
    return order.status


def expire_all(session):
    order = session.query(Order).get(3)
    session.expire_all()
    return order.status


def merge(session):
    merged = session.merge(Order(id=3, status="merged"))
    session.commit()
    return merged.total


def expunge(session):
    order = session.query(Order).get(3)
    session.expunge(order)
    return order in session, order.status


def bulk_save(session):
    session.bulk_save_objects([Tag(name="a"), Tag(name="b")])
    session.commit()
    return session.query(Tag).count()


def bulk_insert(session):
    session.bulk_insert_mappings(Tag, [{"name": "a"}, {"name": "b"}])
    session.commit()
    return session.query(Tag).count()


def bulk_update(session):
    session.bulk_update_mappings(Order, [{"id": 1, "status": "bulk"}, {"id": 2, "status": "bulk"}])
    session.commit()
    return session.query(Order).filter_by(status="bulk").count()


def bulk_insert_nothing(session):
    session.bulk_insert_mappings(Tag, [])
    session.commit()
    return session.query(Tag).count()


def core_update(session):
    return session.execute(update(Order).where(Order.id < 3).values(status="core")).rowcount


def core_delete(session):
    return session.execute(delete(Note).where(Note.customer_id == 2)).rowcount


def core_insert(session):
    session.execute(insert(Tag).values(name="core"))
    return session.query(Tag).filter_by(name="core").count()


def core_insert_many(session):
    session.execute(insert(Tag), [{"name": "a"}, {"name": "b"}])
    return session.query(func.count(Tag.id)).scalar()


def get_or_create(session):
    tag = session.query(Tag).filter_by(name="green").first()
    if tag is None:
        tag = Tag(name="green")
        session.add(tag)
        session.flush()
    return tag.name


def one_or_create(session):
    try:
        tag = session.query(Tag).filter_by(name="green").one()
    except NoResultFound:
        tag = Tag(name="green")
        session.add(tag)
        session.commit()
    return session.query(Tag).filter_by(name="green").one().name


def composite_update(session):
    return session.query(Stock).filter_by(warehouse="north").update({"amount": Stock.amount - 1})


def move_between_parents(session):
    session.query(Line).filter(Line.order_id == 3).update({"order_id": 1}, synchronize_session=False)
    session.commit()
    return session.query(Line).filter_by(order_id=1).count()


def replace_children(session):
    order = session.query(Order).get(3)
    order.lines = [Line(quantity=7, price=1.0)]
    session.commit()
    return [line.quantity for line in session.query(Line).filter_by(order_id=3)]


def append_child(session):
    order = session.query(Order).get(3)
    order.lines.append(Line(quantity=7, price=1.0))
    session.commit()
    return session.query(Line).filter_by(order_id=3).count()


def set_parent(session):
    address = session.query(Address).get(1)
    address.customer = session.query(Customer).get(5)
    session.commit()
    return session.query(Address).get(1).customer_id


def tree_insert(session):
    parent = session.query(Category).filter_by(name="Toys").one()
    session.add(Category(name="Dolls", parent=parent))
    session.commit()
    return session.query(Category).filter_by(parent_id=parent.id).count()


def invalid_state(session):
    session.add(Tag(name="red"))
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
    try:
        return session.query(Tag).filter_by(nonsense=1).all()
    except InvalidRequestError:
        return "no such attribute"


def dynamic_deleted(session):
    order = session.get(Order, 1)
    return order.invoices.filter(Invoice.number == "none").delete(), order.invoices.count()


def dynamic_deleted_violating(session):
    return session.get(Order, 1).invoices.delete()


def dynamic_updated(session):
    order = session.get(Order, 1)
    changed = order.invoices.filter_by(order_id=1).update({"number": "X"}, synchronize_session=False)
    return changed, [i.number for i in order.invoices.order_by(Invoice.id)]


def dynamic_updated_synchronized(session):
    order = session.get(Order, 1)
    before = order.invoices.order_by(Invoice.id).all()
    return order.invoices.update({Invoice.number: "Y"}), [i.number for i in before]


def dynamic_deleted_ordered(session):
    return session.get(Customer, 1).notes.filter_by(text="none").delete()


def dynamic_deleted_secondary(session):
    return session.get(Tag, 1).products.delete()


def update_after_hints(session):
    found = session.query(Order).with_hint(Order, "INDEX(ORDERS PK)", "oracle").filter_by(status="new")
    first = found.order_by(Order.id).first()
    count = found.update({"status": "old"}, synchronize_session="fetch")
    return count, first.status, session.query(Order).filter_by(status="old").count()


def update_of_a_chain_with_hints(session):
    return (
        session.query(Order)
        .with_statement_hint("PARALLEL", "oracle")
        .filter(Order.id < 3)
        .update({Order.status: "old"})
    )


def delete_after_a_lock(session):
    notes = session.query(Note).filter(Note.id > 20).with_for_update()
    found = [n.id for n in notes.order_by(None).all()]
    return sorted(found), notes.delete()


def delete_after_options(session):
    lines = session.query(Line).options(joinedload(Line.product)).populate_existing()
    return lines.filter(Line.id < 3).delete(synchronize_session=False), session.query(Line).count()
