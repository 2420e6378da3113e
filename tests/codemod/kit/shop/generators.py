"""Generators and context managers over the database, and every way in which they are consumed."""

from contextlib import ExitStack, contextmanager

from .models import Customer, Line, Order


def orders(session):
    for order in session.query(Order).order_by(Order.id):
        yield order


def names(session):
    for order in session.query(Order).order_by(Order.id):
        yield order.customer.name if order.customer else "-"


def loaded(session):
    for order in session.query(Order).order_by(Order.id):
        yield order


def portions(session):
    for order in session.query(Order).order_by(Order.id).yield_per(2):
        yield order.id


def statuses(session, seen):
    for order in session.query(Order).order_by(Order.id):
        seen.append(order.id)
        yield order.status


def products(order):
    yield order.id
    yield from (line.product.name for line in sorted_lines(order))
    yield from reversed([1, 2])


def lines(order):
    """The lines of an order."""
    yield order.id
    yield from order.lines
    if order.customer:
        yield from reversed(order.customer.orders)  # backwards
    yield from lines_of_first(order)


def lines_of_first(order):
    for line in order.lines[:1]:
        yield line.product.name


def sorted_lines(order):
    return sorted(order.lines, key=lambda line: line.id)


def below(order, depth):
    yield depth, order.customer.name if order.customer else None
    if depth:
        yield from below(order, depth - 1)  # once more
        yield "back", depth


def guarded(session, seen):
    try:
        for order in session.query(Order).order_by(Order.id):
            yield order.id
    finally:
        seen.append("closed")


def counted(session):
    total = 0
    for order in session.query(Order).order_by(Order.id):
        total += len(order.lines)
        yield order.id
    return total


def echoing(session):
    got = yield session.query(Order).count()
    yield got


@contextmanager
def renamed(session, name):
    customer = session.query(Customer).order_by(Customer.id).first()
    old = customer.name
    customer.name = name
    session.flush()
    try:
        yield customer.id
    except ValueError:
        session.add(Customer(name="an error"))
    finally:
        session.query(Customer).order_by(Customer.id).first().name = f"{old}!"
        session.flush()


@contextmanager
def committed(session, what):
    yield what
    session.commit()


@contextmanager
def nested(session, what):
    with session.begin_nested():
        yield session


@contextmanager
def decorating(session, name):
    customer = session.query(Customer).order_by(Customer.id).first()
    customer.name = name
    yield
    session.delete(session.query(Order).filter_by(customer_id=None).first())


class Book:
    def __init__(self, session, status):
        self.session = session
        self.status = status

    def entries(self):
        for order in self.session.query(Order).filter_by(status=self.status).order_by(Order.id):
            yield order.id, order.customer.name if order.customer else None

    @staticmethod
    def totals(session):
        for order in session.query(Order).order_by(Order.id):
            yield order.total or 0

    @property
    def customers(self):
        for order in self.session.query(Order).filter_by(status=self.status).order_by(Order.id):
            yield order.customer.name if order.customer else None

    @contextmanager
    def marked(self):
        order = self.session.query(Order).filter_by(status=self.status).first()
        order.status = "marked"
        self.session.flush()
        yield order
        order.status = f"{order.status}: {len(order.lines)}"


class Diary(Book):
    def entries(self):
        yield "diary", self.session.query(Order).count()
        yield from super().entries()


class Locked:
    """A context manager of its own."""

    def __init__(self, session, forgiving=()):
        self.session = session
        self.order = session.query(Order).order_by(Order.id).first()
        self.forgiving = forgiving

    def __enter__(self):
        self.order.status = "locked"
        self.session.flush()
        return self

    def __exit__(self, kind, error, traceback):
        self.order.status = f"left {len(self.order.lines)} {kind is None}"
        self.session.commit()
        return kind in self.forgiving

    def name(self):
        return self.order.customer.name


class Sized:
    def __init__(self, order):
        self.order = order

    def __len__(self):
        return len(self.order.lines)


class Shelf:
    def __init__(self, session):
        self.session = session

    def __iter__(self):
        for order in self.session.query(Order).order_by(Order.id):
            yield order.customer.name if order.customer else "-"


def looped(session):
    found = []
    for order in orders(session):
        if order.status == "cancelled":
            continue
        found.append((order.id, order.customer.name if order.customer else None))
        if len(found) == 4:
            break
    else:
        found.append("all")
    return found


def looped_to_the_end(session):
    found = []
    for name in names(session):
        found.append(name)
    else:
        found.append("all")
    return found


def interleaved(session):
    seen = []
    for status in statuses(session, seen):
        seen.append((status, session.query(Order).filter_by(status=status).count()))
    return seen


def stops_early(session):
    seen = []
    for status in statuses(session, seen):
        if status != "new":
            break
    return seen


def streamed(session):
    found = []
    for number in portions(session):
        found.append(session.query(Line).filter_by(order_id=number).count())
    return found


def listed(session):
    return list(orders(session)), tuple(names(session)), set(names(session)), sorted(names(session))


def displayed(session):
    return [*names(session)], {*names(session)}, ("a", *names(session))


def joined(session):
    return ", ".join(names(session)), max(names(session)), sum(Book.totals(session))


def comprehended(session):
    return (
        [name.upper() for name in names(session) if name != "-"],
        {name for name in names(session)},
        {order.id: order.status for order in orders(session)},
        [(a, line.id) for a in [1, 2] for order in orders(session) for line in order.lines],
    )


def expressed(session):
    return sum(len(order.lines) for order in orders(session)), ",".join(n for n in names(session))


def first(session):
    seen = []
    return next(statuses(session, seen), None), seen


def first_of_none(session):
    return next(Book(session, "no such").entries(), "none")


def first_without_default(session):
    return next(names(session))


def whether(session):
    seen = []
    return any(statuses(session, seen)), seen, all(statuses(session, seen)), seen


def delegating(session):
    return [list(products(order)) for order in session.query(Order).order_by(Order.id)]


def delegating_to_lists(session):
    return [list(lines(order)) for order in session.query(Order).order_by(Order.id)]


def recursing(session):
    return list(below(session.query(Order).order_by(Order.id).first(), 2))


def enumerated(session):
    return [(i, name) for i, name in enumerate(names(session))]


def zipped(session):
    return list(zip(names(session), orders(session)))


def kept(session):
    rows = names(session)
    return [name for name in rows], list(rows)


def passed_on(session):
    return longest(statuses(session, []))


def longest(values):
    return max(values, key=len)


def unpacked(session):
    head, *rest = statuses(session, [])
    return head, rest


def contained(session):
    return "Ann" in names(session)


def closed(session):
    seen = []
    for number in guarded(session, seen):
        seen.append(number)
        break
    seen.append("left")
    return seen


def finished(session):
    seen = []
    return list(guarded(session, seen)), seen


def returning(session):
    return list(counted(session))


def sending(session):
    talk = echoing(session)
    return next(talk), talk.send("hello")


def committing(session):
    found = []
    for order in loaded(session):
        order.status = f"{order.status}."
        session.commit()
        found.append((order.id, order.status))
    return found


def short_circuits(session):
    orders = session.query(Order).order_by(Order.id).all()
    seen = []
    found = any(seen.append(order.id) or order.customer for order in orders if order.lines)
    return found, seen, all(order.customer for order in orders), [o.id for o in orders if "lines" in vars(o)]


def short_circuits_below(session):
    customers = session.query(Customer).order_by(Customer.id).all()
    return any(line.product.name == "no such" for c in customers for o in c.orders for line in o.lines)


def first_that_matches(session):
    orders = session.query(Order).order_by(Order.id).all()
    return (
        next((order.id for order in orders if order.customer and order.lines), None),
        next((order.customer.name for order in orders if order.id < 0), "none"),
        [order.id for order in orders if "lines" in vars(order)],
    )


def first_of_a_generator(session):
    seen = []
    return (
        any(status == "paid" for status in statuses(session, seen)),
        next((name for name in names(session) if name != "Ann"), None),
        seen,
    )


def any_of_a_sum(session):
    orders = session.query(Order).order_by(Order.id).all()
    return sum(any(line.product for line in order.lines) for order in orders)


def any_in_a_condition(session):
    orders = session.query(Order).order_by(Order.id).all()
    if not any((o := order).customer and o.customer.name == "Bob" for order in orders):
        return "nobody"
    return o.id


def any_over_a_query(session):
    return any(order.customer for order in session.query(Order).order_by(Order.id)), all(
        session.query(Order).filter_by(status=status).first() for status in ("new", "no such", "paid")
    )


def summed_lengths(session):
    return sum(len(sized) for sized in [Sized(order) for order in session.query(Order)])


def sorted_by_keys(session):
    orders = session.query(Order).order_by(Order.id).all()
    seen = []
    found = sorted(orders, key=lambda order: (seen.append(order.id), order.customer is None, -len(order.lines))[1:])
    backwards = sorted(orders, key=lambda o: o.customer.name if o.customer else "", reverse=True)
    return [order.id for order in found], [order.id for order in backwards], seen


def chosen_by_keys(session):
    orders = session.query(Order).order_by(Order.id)
    return (
        max(orders, key=lambda order: len(order.lines)).id,
        min([o for o in orders if o.lines], key=lambda o: o.lines[0].product.name).id,
        min([], key=lambda o: o.lines[0].product.name, default="none"),
    )


def chosen_of_nothing(session):
    return max(session.query(Order).filter_by(id=-1).all(), key=lambda order: len(order.lines))


def sorted_by_no_key(session):
    return sorted(session.query(Order).order_by(Order.id), key=lambda order: order.customer.name)


def sorted_below(session):
    customers = session.query(Customer).order_by(Customer.id).all()
    return [
        [order.id for order in sorted(customer.orders, key=lambda order: (len(order.lines), order.id))]
        for customer in sorted(customers, key=lambda c: (-len(c.orders), c.name))
    ]


def sorted_generator(session):
    return [o.id for o in sorted(orders(session), key=lambda order: (len(order.lines), order.id))]


def sorted_by_a_query(session):
    return sorted(
        session.query(Customer).order_by(Customer.id).all(),
        key=lambda customer: (session.query(Order).filter_by(customer_id=customer.id).count(), customer.id),
    )[-1].name


def grouped(session):
    from itertools import groupby

    rows = session.query(Order).filter(Order.customer_id.isnot(None)).order_by(Order.customer_id, Order.id).all()
    return [(name, len(list(found))) for name, found in groupby(rows, key=lambda order: order.customer.name)]


def mapped(session):
    rows = session.query(Order).order_by(Order.id).all()
    return list(map(lambda order: len(order.lines), rows)), [o.id for o in filter(lambda o: o.customer, rows)]


def mapped_later(session):
    lengths = map(lambda order: len(order.lines), session.query(Order).order_by(Order.id))
    return next(lengths), sum(lengths)


def sorted_in_place(session):
    rows = session.query(Order).order_by(Order.id).all()
    rows.sort(key=lambda order: -len(order.lines))
    return [row.id for row in rows]


def raising(session):
    seen = []
    try:
        for status in statuses(session, seen):
            raise KeyError(status)
    except KeyError as error:
        return str(error), seen


def handed_out(session):
    return names(session)


def entered(session):
    with renamed(session, "Zoe") as number:
        during = session.get(Customer, number).name
    return during, session.get(Customer, number).name


def entered_and_left_by_an_error(session):
    with renamed(session, "Zoe"):
        raise ValueError("suppressed")
    return session.query(Customer).filter_by(name="an error").count()


def entered_and_failed(session):
    with renamed(session, "Zoe"):
        raise KeyError("not suppressed")


def entered_and_returned(session):
    with renamed(session, "Zoe") as number:
        return session.get(Customer, number).name


def entered_and_committed(session):
    with committed(session, "all"):
        order = session.query(Order).order_by(Order.id).first()
        order.status = "done"
    return order.status, order.customer.name


def entered_in_a_savepoint(session):
    with nested(session, 1) as inner:
        inner.query(Order).order_by(Order.id).first().status = "kept"
    try:
        with nested(session, 1) as inner:
            inner.query(Order).order_by(Order.id).first().status = "lost"
            inner.flush()
            raise LookupError
    except LookupError:
        return session.query(Order).order_by(Order.id).first().status


def entered_twice(session):
    with renamed(session, "Zoe") as number, nested(session, 1) as inner:
        return inner.get(Customer, number).name


def entered_with_another(session):
    with ExitStack() as stack, nested(session, 1) as inner:
        stack.callback(inner.flush)
        return inner.query(Order).count()


def entered_by_a_stack(session):
    with ExitStack() as stack:
        number = stack.enter_context(renamed(session, "Zoe"))
        return session.get(Customer, number).name


def entered_by_a_decorator(session):
    @decorating(session, "Zoe")
    def work():
        return session.query(Order).filter_by(customer_id=None).first().id

    return work(), session.query(Customer).order_by(Customer.id).first().name


def entered_by_a_method(session):
    with Book(session, "new").marked() as order:
        during = order.status
    return during, order.status


def locked(session):
    with Locked(session) as lock:
        during = lock.order.status, lock.name()
    return during, lock.order.status, lock.order.customer.name


def locked_by_a_variable(session):
    order = session.query(Order).order_by(Order.id).first()
    lock = Locked(session)
    with lock:
        during = order.status
    return during, order.status


def locked_and_returned(session):
    with Locked(session) as lock:
        return lock.order.status


def locked_and_forgiven(session):
    order = session.query(Order).order_by(Order.id).first()
    with Locked(session, [KeyError]):
        order.total = 7
        raise KeyError("forgiven")
    return order.total, order.status


def locked_and_not_forgiven(session):
    with Locked(session, [KeyError]):
        raise LookupError("not forgiven")


def locked_twice(session):
    with Locked(session) as first, Locked(session) as second:
        return first.order is second.order, second.order.status


def on_a_shelf(session):
    return [name for name in Shelf(session)], "Ann" in Shelf(session)


def enumerated_from(session):
    found = []
    for number, name in enumerate(names(session), 5):
        found.append((number, name))
        if len(found) == 3:
            break
    return found


def enumerated_as_a_list(session):
    return list(enumerate(names(session))), dict(enumerate(orders(session), start=1))


def zipped_with_others(session):
    numbers = iter(range(10, 14))
    found = []
    for number, name, letter in zip(numbers, names(session), "abcdef"):
        found.append((number, name, letter))
    return found, list(numbers), dict(zip(names(session), range(2))), sorted(zip(names(session), names(session)))


def zipped_with_a_query(session):
    found = session.query(Order).order_by(Order.id)
    return [(name, order.status) for name, order in zip(names(session), found)]


def enumerated_while_it_commits(session):
    found = []
    for number, order in enumerate(orders(session)):
        found.append(number)
        session.commit()
    return found


def given_back(session):
    return [name for name in handed_out(session)]


def given_back_in_parts(session):
    return list(some_names(session, 1)), list(lazily(session))


def some_names(session, start):
    rows = names(session)
    return enumerate(rows, start)


def lazily(session):
    return (order.customer.name for order in session.query(Order).filter(Order.customer_id.isnot(None)).order_by(Order.id))


def methods(session):
    found = []
    for cls in (Book, Diary):
        for entry in cls(session, "new").entries():
            found.append(entry)
    return found, [total for total in Book.totals(session)]


def read_as_a_property(session):
    return [name for name in Book(session, "new").customers]


def below_a_class(session):
    return list(Diary(session, "new").entries())
