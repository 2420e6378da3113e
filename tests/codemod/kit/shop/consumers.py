"""What takes generators and functions over the database: enumerate and its kin, sort keys, stacks."""

import functools
import heapq
import itertools
import operator
from contextlib import ExitStack, contextmanager
from functools import reduce

from .models import Customer, Line, Order, Product


def _orders(session):
    for order in session.query(Order).order_by(Order.id):
        yield order


def _names(session):
    for order in session.query(Order).order_by(Order.id):
        yield order.customer.name if order.customer else "-"


def _numbers(session):
    for order in session.query(Order).order_by(Order.id):
        yield order.id


def _owner(order):
    return order.customer.name if order.customer else ""


def _has_owner(order):
    return order.customer is not None


class Book:
    """Entries by their order's owner."""

    def __init__(self, order):
        self.order = order

    def key(self):
        return _owner(self.order)


@contextmanager
def _held(session, held):
    first = session.query(Order).order_by(Order.id).first()
    held.append(("in", first.id, len(first.lines)))
    try:
        yield first
    finally:
        held.append(("out", session.query(Order).count()))


@contextmanager
def _nothing(held):
    held.append("nothing in")
    yield
    held.append("nothing out")


# -- enumerate, zip, reversed -----------------------------------------------------------------


def enumerated(session):
    found = []
    for number, name in enumerate(_names(session)):
        found.append((number, name))
    return found


def enumerated_from(session):
    return [f"{number}. {name}" for number, name in enumerate(_names(session), start=1)]


def enumerated_and_left(session):
    for number, order in enumerate(_orders(session)):
        if number == 2:
            return order.id, _owner(order)
    return None


def enumerated_in_a_dict(session):
    return {name: number for number, name in enumerate(_names(session))}


def enumerated_list(session):
    return list(enumerate(_numbers(session)))


def enumerated_of_dict(session):
    return dict(enumerate(_names(session)))


def enumerated_kept(session):
    pairs = enumerate(_names(session))
    first = next(pairs)
    return first, list(pairs)


def zipped(session):
    found = []
    for number, name in zip(_numbers(session), _names(session)):
        found.append((number, name))
    return found


def zipped_with_a_list(session):
    return [(letter, name) for letter, name in zip("abc", _names(session))]


def zipped_and_exhausted(session):
    names = _names(session)
    short = list(zip(names, "ab"))
    return short, next(names, None)


def zipped_as_a_dict(session):
    return dict(zip(_numbers(session), _names(session)))


def zipped_strictly(session):
    try:
        return list(zip(_numbers(session), "ab", strict=True))
    except ValueError:
        return "uneven"


def unzipped(session):
    numbers, names = zip(*enumerate(_names(session)))
    return numbers, names


def turned_round(session):
    return [order.id for order in reversed(list(_orders(session)))]


def turned_round_loop(session):
    found = []
    for name in reversed([*_names(session)]):
        found.append(name)
    return found


# -- filter, map ------------------------------------------------------------------------------


def filtered(session):
    return [order.id for order in filter(_has_owner, _orders(session))]


def filtered_list(session):
    return [order.id for order in filter(_has_owner, session.query(Order).order_by(Order.id).all())]


def filtered_by_lambda(session):
    return [o.id for o in filter(lambda o: o.customer and o.customer.name == "Ann", _orders(session))]


def filtered_by_nothing(session):
    return list(filter(None, _numbers(session)))


def filtered_loop(session):
    found = []
    for order in filter(_has_owner, session.query(Order).order_by(Order.id)):
        found.append(order.customer.name)
    return found


def filtered_kept(session):
    owned = filter(_has_owner, _orders(session))
    return next(owned).id, [o.id for o in owned]


def mapped(session):
    return list(map(_owner, _orders(session)))


def mapped_loop(session):
    found = []
    for name in map(_owner, session.query(Order).order_by(Order.id).all()):
        found.append(name)
    return found


def mapped_comprehension(session):
    return [name.upper() for name in map(_owner, _orders(session))]


def mapped_joined(session):
    return ", ".join(map(_owner, _orders(session)))


def mapped_of_two(session):
    return list(map(lambda o, n: (o.id, n), _orders(session), _names(session)))


def mapped_with_a_partial(session):
    return list(map(functools.partial(getattr, *["customer"][:0]) if False else _owner, _orders(session)))


def mapped_method(session):
    books = [Book(order) for order in _orders(session)]
    return list(map(Book.key, books)), [key for key in map(operator.methodcaller("key"), books)]


def mapped_any(session):
    return any(map(_has_owner, _orders(session))), all(map(_has_owner, _orders(session)))


def mapped_sum(session):
    return sum(map(lambda o: len(o.lines), session.query(Order).order_by(Order.id)))


def mapped_twice(session):
    return list(map(len, map(_owner, _orders(session))))


def mapped_set(session):
    return sorted(set(map(_owner, _orders(session))))


def mapped_kept(session):
    names = map(_owner, _orders(session))
    return next(names), next(names), list(names)


def mapped_starred(session):
    return [*map(_owner, session.query(Order).order_by(Order.id))]


def mapped_unpacked(session):
    first, *rest = map(_owner, _orders(session))
    return first, len(rest)


# -- sort keys --------------------------------------------------------------------------------


def sorted_in_place(session):
    orders = session.query(Order).order_by(Order.id).all()
    orders.sort(key=_owner)
    return [o.id for o in orders]


def sorted_in_place_by_lambda(session):
    orders = session.query(Order).order_by(Order.id).all()
    orders.sort(key=lambda o: (o.customer.name if o.customer else "", -o.id), reverse=True)
    return [o.id for o in orders]


def sorted_in_place_of_a_dict(session):
    groups = {"all": session.query(Order).order_by(Order.id).all()}
    groups["all"].sort(key=lambda o: len(o.lines))
    return [o.id for o in groups["all"]]


def sorted_by_method(session):
    books = [Book(order) for order in _orders(session)]
    books.sort(key=Book.key)
    return [b.order.id for b in books]


def sorted_by_partial(session):
    orders = session.query(Order).order_by(Order.id).all()
    orders.sort(key=functools.partial(_owner))
    return [o.id for o in orders]


def sorted_by_attribute(session):
    lines = session.query(Line).order_by(Line.id).all()
    lines.sort(key=operator.attrgetter("product.name"))
    return [line.id for line in lines]


def sorted_generator(session):
    return [o.id for o in sorted(_orders(session), key=_owner)]


def sorted_generator_by_lambda(session):
    return [o.id for o in sorted(_orders(session), key=lambda o: (_owner(o), o.id))]


def sorted_by_a_comparison(session):
    def compared(a, b):
        return (_owner(a) > _owner(b)) - (_owner(a) < _owner(b)) or a.id - b.id

    return [o.id for o in sorted(_orders(session), key=functools.cmp_to_key(compared))]


def least(session):
    return min(_orders(session), key=_owner).id, max(_orders(session), key=lambda o: len(o.lines)).id


def least_of_two(session):
    first, second = session.query(Order).order_by(Order.id).limit(2)
    return min(first, second, key=_owner).id, max(first, second, key=lambda o: len(o.lines)).id


def least_of_none(session):
    none = session.query(Order).filter(Order.id < 0)
    return min(none, key=_owner, default=None), max(none, key=lambda o: len(o.lines), default=3)


def least_names(session):
    return min(_names(session)), max(_names(session), default="")


def smallest(session):
    orders = session.query(Order).order_by(Order.id).all()
    return [o.id for o in heapq.nsmallest(2, orders, key=_owner)]


# -- reduce and itertools ---------------------------------------------------------------------


def reduced(session):
    return reduce(lambda total, order: total + len(order.lines), _orders(session), 0)


def reduced_by_name(session):
    def longer(a, b):
        return a if len(_owner(a)) >= len(_owner(b)) else b

    return functools.reduce(longer, session.query(Order).order_by(Order.id).all()).id


def reduced_names(session):
    return reduce(operator.add, _names(session))


def reduced_with_start(session):
    return reduce(lambda names, o: [*names, _owner(o)], session.query(Order).order_by(Order.id), [])


def grouped(session):
    groups = itertools.groupby(sorted(_orders(session), key=_owner), key=_owner)
    return [(name, [o.id for o in group]) for name, group in groups]


def taken_while(session):
    return [o.id for o in itertools.takewhile(lambda o: o.customer is not None, _orders(session))]


def chained(session):
    return list(itertools.chain(_names(session), ["end"], _numbers(session)))


def sliced(session):
    return [o.id for o in itertools.islice(_orders(session), 1, 3)]


def accumulated(session):
    return list(itertools.accumulate(_orders(session), lambda t, o: t + len(o.lines), initial=0))


def joined_iterables(session):
    return list(itertools.chain.from_iterable(o.lines for o in _orders(session)))[0].id


# -- stacks -----------------------------------------------------------------------------------


def stack(session):
    held = []
    with ExitStack() as stack:
        first = stack.enter_context(_held(session, held))
        stack.enter_context(_nothing(held))
        held.append(first.id)
    return held


def stack_of_several(session):
    held = []
    with ExitStack() as several:
        orders = [several.enter_context(_held(session, held)) for _ in range(2)]
        held.append([_owner(o) for o in orders])
    return held


def stack_with_callbacks(session):
    held = []

    def counted(name):
        held.append((name, session.query(Customer).count()))

    with ExitStack() as stack:
        stack.callback(counted, "last")
        stack.push(lambda *error: held.append(("pushed", session.query(Product).count())))
        held.append(session.query(Order).count())
    return held


def stack_on_the_way(session):
    held = []
    stack = ExitStack()
    try:
        stack.enter_context(_held(session, held))
        kept = stack.pop_all()
        kept.close()
    finally:
        stack.close()
    return held


def stack_and_an_error(session):
    held = []
    try:
        with ExitStack() as stack:
            stack.enter_context(_held(session, held))
            raise KeyError("stop")
    except KeyError as error:
        held.append(str(error))
    return held


def stack_beside_another(session):
    held = []
    with _nothing(held), ExitStack() as stack:
        stack.enter_context(_held(session, held))
    return held


def both_at_once(session):
    held = []
    with _held(session, held) as first, _nothing(held):
        held.append(_owner(first))
    return held


def sorted_in_place_of_a_dict_by_function(session):
    groups = {"all": session.query(Order).order_by(Order.id).all()}
    groups["all"].sort(key=_owner)
    return [o.id for o in groups["all"]]


def enumerated_generator_expression(session):
    found = []
    for number, name in enumerate(o.customer and o.customer.name for o in _orders(session)):
        found.append((number, name))
    return found


def zipped_generator_expressions(session):
    orders = session.query(Order).order_by(Order.id).all()
    pairs = zip((o.id for o in orders), (o.customer and o.customer.name for o in orders))
    return [f"{number}{name}" for number, name in pairs]


def listed_pairs(session):
    orders = session.query(Order).order_by(Order.id).all()
    return list(zip(orders, (o.customer and o.customer.name for o in orders)))[0][1]


def kept_enumeration(session):
    numbered = enumerate(o.customer and o.customer.name for o in session.query(Order).order_by(Order.id))
    return dict(numbered)


def sorted_objects(session):
    books = [Book(order) for order in session.query(Order).order_by(Order.id)]
    books.sort(key=operator.methodcaller("key"))
    return [b.order.id for b in books], max(books, key=operator.methodcaller("key")).order.id


def sorted_objects_by_a_value(session):
    books = [Book(order) for order in session.query(Order).order_by(Order.id)]
    books.sort(key=operator.attrgetter("order.total"), reverse=True)
    return [b.order.id for b in books]


def sorted_by_what_is_given(session, key=None):
    books = [Book(order) for order in session.query(Order).order_by(Order.id)]
    return [b.order.id for b in sorted(books, key=key or Book.key)]


class _Carrying(Exception):
    """Has no `__init__` of its own."""


def carried_by_an_exception(session):
    try:
        raise _Carrying(session.query(Order))
    except _Carrying as carrying:
        return carrying.args[0].filter(Order.id > 1).order_by(Order.id).all()


def _ordered(query):
    return query.order_by(Order.id).all()


def given_to_a_partial(session):
    query = session.query(Order).filter(Order.id > 1)
    return functools.partial(_ordered, query)()
