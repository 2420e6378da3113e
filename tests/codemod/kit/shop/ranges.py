"""Iteration, slices, limits, streams, dynamic relationships."""

from sqlalchemy import func

from .models import Customer, Invoice, Line, Note, Order, Product, Tag


def loop(session):
    found = []
    for order in session.query(Order).order_by(Order.id):
        found.append(order.status)
    return found


def comprehension(session):
    return [o.id for o in session.query(Order).order_by(Order.id)]


def comprehension_filtered(session):
    return [o.id for o in session.query(Order).order_by(Order.id) if o.total and o.total > 30]


def set_comprehension(session):
    return {o.status for o in session.query(Order)}


def dict_comprehension(session):
    return {o.id: o.status for o in session.query(Order).order_by(Order.id)}


def generator_sum(session):
    return sum(o.total or 0 for o in session.query(Order))


def generator_of_columns(session):
    return sum(t or 0 for (t,) in session.query(Order.total))


def listed(session):
    return list(session.query(Order).order_by(Order.id))


def listed_joined(session):
    return list(session.query(Order).join(Order.lines).order_by(Order.id))


def listed_joined_columns(session):
    return list(session.query(Order.id).join(Order.lines).order_by(Order.id))


def tupled(session):
    return tuple(session.query(Order.id).order_by(Order.id))


def contained(session):
    order = session.query(Order).get(3)
    return order in session.query(Order)


def contained_not(session):
    order = session.query(Order).get(3)
    return order in session.query(Order).filter(Order.id > 5)


def unpacked(session):
    first, second = session.query(Order).order_by(Order.id).limit(2)
    return [first.id, second.id]


def starred(session):
    return [0, *session.query(Order.id).order_by(Order.id)]


def enumerated(session):
    return [(i, o.id) for i, o in enumerate(session.query(Order).order_by(Order.id.desc()))]


def sorted_by_key(session):
    return sorted(session.query(Order), key=lambda o: (o.status, -o.id))


def mapped(session):
    return list(map(lambda o: o.id * 2, session.query(Order).order_by(Order.id)))


def zipped(session):
    return [(a.id, b.id) for a, b in zip(session.query(Order).order_by(Order.id), session.query(Customer).order_by(Customer.id))]


def nested_loops(session):
    pairs = []
    for customer in session.query(Customer).order_by(Customer.id):
        for order in session.query(Order).filter(Order.customer_id == customer.id).order_by(Order.id):
            pairs.append((customer.id, order.id))
    return pairs


def loop_else(session):
    for order in session.query(Order).order_by(Order.id):
        if order.total == 50:
            break
    else:
        return None
    return order.id


def next_of_iterator(session):
    return next(iter(session.query(Order).order_by(Order.id))).id


def sliced(session):
    return session.query(Order).order_by(Order.id)[2:5]


def sliced_from_start(session):
    return session.query(Order).order_by(Order.id)[:3]


def sliced_to_end(session):
    return session.query(Order).order_by(Order.id)[7:]


def sliced_empty(session):
    return session.query(Order).order_by(Order.id)[3:3]


def sliced_backwards(session):
    return session.query(Order).order_by(Order.id)[5:3]


def sliced_beyond(session):
    return session.query(Order).order_by(Order.id)[50:60]


def sliced_step(session):
    return session.query(Order).order_by(Order.id)[0:9:3]


def sliced_negative(session):
    return session.query(Order).order_by(Order.id)[-2:]


def sliced_columns(session):
    return session.query(Order.id, Order.status).order_by(Order.id)[1:3]


def sliced_variable(session):
    page, size = 2, 3
    return session.query(Order).order_by(Order.id)[page * size : (page + 1) * size]


def sliced_joined_collection(session):
    return session.query(Invoice).order_by(Invoice.id)[0:2]


def sliced_limited(session):
    return session.query(Order).order_by(Order.id).offset(2).limit(6)[1:3]


def indexed(session):
    return session.query(Order).order_by(Order.id)[3]


def indexed_first(session):
    return session.query(Order).order_by(Order.id)[0].status


def indexed_missing(session):
    return session.query(Order).order_by(Order.id)[99]


def indexed_negative(session):
    return session.query(Order).order_by(Order.id)[-1]


def indexed_column(session):
    return session.query(Order.id).order_by(Order.id)[2][0]


def slice_method(session):
    return session.query(Order).order_by(Order.id).slice(2, 5).all()


def limit(session):
    return session.query(Order).order_by(Order.id).limit(3).all()


def limit_offset(session):
    return session.query(Order).order_by(Order.id).limit(3).offset(4).all()


def limit_none(session):
    return session.query(Order).order_by(Order.id).limit(None).all()


def limit_joined(session):
    return session.query(Order).join(Order.lines).order_by(Order.id).limit(3).all()


def filter_after_limit(session):
    return session.query(Order).limit(3).filter(Order.id == 1).all()


def order_after_limit(session):
    return session.query(Order).limit(3).order_by(Order.id).all()


def filter_by_after_offset(session):
    return session.query(Order).offset(3).filter_by(id=1).all()


def join_after_limit(session):
    return session.query(Order).limit(3).join(Order.lines).all()


def options_after_limit(session):
    return session.query(Order).order_by(Order.id).limit(3).execution_options(a=1).all()


def yield_per_loop(session):
    found = []
    for order in session.query(Order).order_by(Order.id).yield_per(3):
        found.append(order.id)
    return found


def yield_per_list(session):
    return [o.id for o in session.query(Order).order_by(Order.id).yield_per(3)]


def yield_per_columns(session):
    total = 0
    for _, amount in session.query(Order.id, Order.total).yield_per(4):
        total += amount or 0
    return total


def yield_per_all(session):
    return session.query(Order).order_by(Order.id).yield_per(3).all()


def yield_per_joined(session):
    return len(session.query(Order).join(Order.lines).yield_per(3).all())


def yield_per_joined_collection(session):
    return session.query(Invoice).yield_per(3).all()


def yield_per_first(session):
    return session.query(Order).order_by(Order.id).yield_per(3).first()


def dynamic_all(session):
    customer = session.query(Customer).get(2)
    return customer.notes.all()


def dynamic_count(session):
    return session.query(Customer).get(2).notes.count()


def dynamic_filter_by(session):
    customer = session.query(Customer).get(2)
    return customer.notes.filter_by(text="note 1 of 2").all()


def dynamic_filter(session):
    customer = session.query(Customer).get(2)
    return customer.notes.filter(Note.text.like("note 0%")).first()


def dynamic_loop(session):
    customer = session.query(Customer).get(5)
    return [n.text for n in customer.notes]


def dynamic_ordered(session):
    customer = session.query(Customer).get(5)
    return customer.notes.order_by(None).order_by(Note.id.desc()).all()


def dynamic_sliced(session):
    return session.query(Customer).get(5).notes[0:1]


def dynamic_indexed(session):
    return session.query(Customer).get(5).notes[1]


def dynamic_many_to_many(session):
    tag = session.query(Tag).filter_by(name="red").one()
    return tag.products.order_by(Product.id).all()


def dynamic_many_to_many_filter_by(session):
    tag = session.query(Tag).filter_by(name="red").one()
    return tag.products.filter_by(name="P1").order_by(Product.id).all()


def dynamic_many_to_many_count(session):
    return session.query(Tag).filter_by(name="blue").one().products.count()


def dynamic_join(session):
    customer = session.query(Customer).get(2)
    return customer.notes.join(Note.customer).filter(Customer.name == "Bob").count()


def dynamic_append(session):
    customer = session.query(Customer).get(1)
    customer.notes.append(Note(text="fresh"))
    session.commit()
    return session.query(Note).filter_by(text="fresh").one().customer_id


def dynamic_remove(session):
    customer = session.query(Customer).get(2)
    note = customer.notes.first()
    customer.notes.remove(note)
    session.commit()
    return session.query(Note).filter_by(customer_id=None).count()


def dynamic_exists(session):
    customer = session.query(Customer).get(2)
    return session.query(customer.notes.exists()).scalar()


def dynamic_paired(session):
    return [(c.id, c.notes.count()) for c in session.query(Customer).order_by(Customer.id).all()]


def dynamic_of_pending(session):
    customer = Customer(name="New", email="n@example.org")
    customer.notes.append(Note(text="a"))
    session.add(customer)
    return [n.text for n in customer.notes]


def grouped_loop(session):
    totals = {}
    for status, total in session.query(Order.status, func.sum(Order.total)).group_by(Order.status).order_by(Order.status):
        totals[status] = total
    return totals


def line_amounts(session):
    return [line.quantity * line.price for line in session.query(Line).order_by(Line.id)]


def sliced_computed(session):
    low, high = 1, 1
    return session.query(Order).order_by(Order.id)[low : high + 2 * low]


def sliced_computed_empty(session, low=5, high=2):
    return session.query(Order).order_by(Order.id)[low:high]


def sliced_computed_negative(session, low=-3):
    return session.query(Order).order_by(Order.id)[low:]


def sliced_computed_none(session, low=None, high=None):
    return session.query(Order).order_by(Order.id)[low:high]


def sliced_computed_step(session, step=-2):
    return session.query(Order).order_by(Order.id)[1:8:step]


def indexed_computed(session, index=2):
    return session.query(Order).order_by(Order.id)[index + 1].id


def indexed_computed_negative(session, index=-2):
    return session.query(Order).order_by(Order.id)[index]


def dynamic_sliced_computed(session, size=1):
    customer = session.query(Customer).get(2)
    return customer.notes[:size], customer.notes.order_by(Note.id)[size]


def sliced_stream(session):
    return session.query(Order).order_by(Order.id).yield_per(5)[2:4]
