"""Queries that go where nothing follows them, and are run there: each function on both sides.

What a query is asked for on a receiver of unknown type is asked at run time, in the bridge.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.kit.beside import Beside, beside, of_a_session

TEXT = """
import collections
import contextlib
import dataclasses
import functools
import itertools
import operator
import queue

from .models import Line, Order

def made_for_loops(used):
    return used.query(Order).order_by(Order.id)

def looped(session):
    found = functools.partial(made_for_loops, session)()
    return [order.id for order in found]

def looped_at_once(session):
    found = []
    for order in functools.partial(made_for_loops, session)():
        found.append(order.id)
    return found

def looped_when_refined(session):
    return list(functools.partial(made_for_loops, session)().filter(Order.id > 2))

def looped_inside_a_lambda(session):
    return (lambda: [order.id for order in functools.partial(made_for_loops, session)()])()

def looped_in_a_generator(session):
    return [*numbers(functools.partial(made_for_loops, session))]

def numbers(made):
    for order in made():
        yield order.id

def stated(held, statement):
    return held.execute(statement).all()

def made_partial_getter(used):
    return used.query(Order).order_by(Order.id)

def partial_getter(session):
    return functools.partial(made_partial_getter, session)().all()

def made_partial_named(used, status):
    return used.query(Order).filter(Order.status == status)

def partial_named(session):
    news = functools.partial(made_partial_named, status='new')
    return news(session).order_by(Order.id).first()

def made_for_handing_on(used):
    return used.query(Order).order_by(Order.id)

def handed_on(used):
    return made_for_handing_on(used)

def handed_on_by_a_function(session):
    return functools.partial(handed_on, session)().count()

def each_for_handing_on(used):
    yield used.query(Order).order_by(Order.id)

def handed_on_of_a_generator(used):
    return tuple(each_for_handing_on(used))[0]

def handed_on_out_of_a_generator(session):
    return functools.partial(handed_on_of_a_generator, session)().count()

class RepoHandingOn:

    def __init__(self, session):
        self.orders = session.query(Order).order_by(Order.id)

    def given(self):
        return self.orders

def handed_on_by_a_method(session):
    return functools.partial(RepoHandingOn(session).given)().count()

class RepoOfSome:

    def __init__(self, session):
        self.session = session

    def asked(self):
        raise NotImplementedError

    def handed(self, *args):
        return self.asked(*args)

class RepoOfUnknown(RepoOfSome):

    def asked(self):
        def inner():
            return self.session.query(Order).order_by(Order.id)
        return next(map(lambda each: each(), [inner]))

class RepoOfKnown(RepoOfSome):

    def asked(self):
        self.session.flush()
        return self.session.query(Line).order_by(Line.id)

def picked_repo(session, flag):
    return RepoOfUnknown(session) if flag else RepoOfKnown(session)

def overridden_by_what_nobody_knows(session):
    one, other = picked_repo(session, 1), picked_repo(session, 0)
    return one.asked().count(), other.asked().count(), other.handed().all(), one.handed().first()

class RepoOfAwaited(RepoOfSome):

    def asked(self):
        self.session.query(Line).count()
        return functools.partial(made_for_handing_on, self.session)()

class RepoOfPlain(RepoOfSome):

    def asked(self):
        return self.session.query(Line).order_by(Line.id)

def overridden_by_a_coroutine(session):
    made = [RepoOfAwaited, RepoOfPlain]
    one = RepoOfAwaited(session) if made else RepoOfPlain(session)
    other = RepoOfPlain(session) if made else RepoOfAwaited(session)
    return one.asked().count(), other.asked().count(), one.handed().first(), other.handed().all()

def set_in_a_dict_once(session):
    held = {}
    found = held.setdefault('orders', session.query(Order).order_by(Order.id))
    return found.filter(Order.id > 1).all(), held['orders'].count()

class RepoPartialKept:

    def __init__(self, session):
        self.orders = functools.partial(self.made, session)

    def made(self, session):
        return session.query(Order).order_by(Order.id)

def partial_kept(session):
    return RepoPartialKept(session).orders().count()

class RepoPartialmethod:

    def __init__(self, session):
        self.session = session

    def of(self, status):
        return self.session.query(Order).filter(Order.status == status).order_by(Order.id)
    new = functools.partialmethod(of, 'new')

def partial_method(session):
    return RepoPartialmethod(session).new().all()

def nonlocal_made(session):
    result = None

    def fill():
        nonlocal result
        result = session.query(Order).order_by(Order.id)
    fill()
    return result.all()

def add_callback_bound_append(then, used):
    then(used.query(Order).order_by(Order.id))

def callback_bound_append(session):
    found = []
    add_callback_bound_append(found.append, session)
    return found[0].all()

@functools.singledispatch
def ask_singledispatch(what, used):
    return used.query(Order).order_by(Order.id)

@ask_singledispatch.register(int)
def other_singledispatch(what, used):
    return used.query(Order).filter(Order.id == what)

def dispatched(session):
    return (ask_singledispatch(2, session).all(), ask_singledispatch('x', session).first())

class AskerSingledispatchmethod:

    def __init__(self, session):
        self.session = session

    @functools.singledispatchmethod
    def ask(self, what):
        return self.session.query(Order).order_by(Order.id)

    @ask.register
    def _(self, what: int):
        return self.session.query(Order).filter(Order.id == what)

def dispatched_method(session):
    return (AskerSingledispatchmethod(session).ask(2).all(), AskerSingledispatchmethod(session).ask('x').count())

def fill_list_filled_below(into, used):
    into.append(used.query(Order).order_by(Order.id))

def list_filled_below(session):
    into = []
    fill_list_filled_below(into, session)
    return into[0].all()

def fill_list_filled_loop(into, used):
    into.append(used.query(Order).order_by(Order.id))
    into.append(used.query(Order).order_by(Order.id.desc()))

def list_filled_loop(session):
    into = []
    fill_list_filled_loop(into, session)
    return [q.first() for q in into]

def fill_dict_filled_below(into, used):
    into['orders'] = used.query(Order).order_by(Order.id)
    into.setdefault('lines', used.query(Line).order_by(Line.id))

def dict_filled_below(session):
    into = {}
    fill_dict_filled_below(into, session)
    return (into['orders'].all(), into['lines'].count())

def fill_dict_update_below(into, used):
    into.update(orders=used.query(Order).order_by(Order.id))

def dict_update_below(session):
    into = {}
    fill_dict_update_below(into, session)
    return into['orders'].all()

class GotExceptionBelow(Exception):
    pass

def dig_exception_below(used):
    raise GotExceptionBelow('deep', used.query(Order).order_by(Order.id))

def exception_below(session):
    try:
        dig_exception_below(session)
    except GotExceptionBelow as got:
        text, query = got.args
        return query.all()

def made_map_functions(used):
    return used.query(Order).order_by(Order.id)

def map_functions(session):
    return [q.first() for q in map(made_map_functions, [session])]

class RepoGetattrMethod:

    def __init__(self, session):
        self.session = session

    def orders(self):
        return self.session.query(Order).order_by(Order.id)

def getattr_method(session, name='orders'):
    return getattr(RepoGetattrMethod(session), name)().all()

def maker_lambda_returned(used):
    return lambda low: used.query(Order).filter(Order.id > low)

def lambda_returned(session):
    return maker_lambda_returned(session)(1).order_by(Order.id).all()

def made_starmap(used, model):
    return used.query(model).order_by(model.id)

def starmap(session):
    return [q.count() for q in itertools.starmap(made_starmap, [(session, Order), (session, Line)])]

class BoxPropertyUnknown:

    def __init__(self, session):
        self.d = queue.Queue()
        self.d.put(session.query(Order).order_by(Order.id))

    @property
    def rows(self):
        return self.d.get().all()

def property_unknown(session):
    return BoxPropertyUnknown(session).rows

class BoxGetattrName:

    def __init__(self, session):
        self.orders = session.query(Order).order_by(Order.id)
        self.lines = session.query(Line).order_by(Line.id)

def getattr_name(session):
    box = BoxGetattrName(session)
    return [getattr(box, name).first() for name in ('orders', 'lines')]

def gen_stop_iteration_value(used):
    yield 1
    return used.query(Order).order_by(Order.id)

def stop_iteration_value(session):
    it = gen_stop_iteration_value(session)
    next(it)
    try:
        next(it)
    except StopIteration as stop:
        return stop.value.all()

def inner_yield_from_value(used):
    yield 1
    return used.query(Order).order_by(Order.id)

def outer_yield_from_value(used):
    q = (yield from inner_yield_from_value(used))
    yield q.count()

def yield_from_value(session):
    return list(outer_yield_from_value(session))

class BoxOperatorAttrgetter:

    def __init__(self, session):
        self.orders = session.query(Order).order_by(Order.id)

def operator_attrgetter(session):
    return operator.attrgetter('orders')(BoxOperatorAttrgetter(session)).all()

Pair_NAMEDTUPLE = collections.namedtuple('Pair', 'orders lines')

def named_tuple(session):
    pair = Pair_NAMEDTUPLE(session.query(Order).order_by(Order.id), session.query(Line).order_by(Line.id))
    return (pair.orders.all(), pair.lines.first(), pair[0].count())

@dataclasses.dataclass
class PairDataclass:
    orders: object
    name: str = ''

def replaced(session):
    pair = dataclasses.replace(PairDataclass(session.query(Order).order_by(Order.id)), name='x')
    return pair.orders.all()

class GivenExitstack:

    def __init__(self, session):
        self.session = session

    def __enter__(self):
        return self.session.query(Order).order_by(Order.id)

    def __exit__(self, *x):
        return False

def exitstack(session):
    with contextlib.ExitStack() as stack:
        q = stack.enter_context(GivenExitstack(session))
        return q.all()

class AskedClassCall:

    def __init__(self, session):
        self.session = session

    def __call__(self, low):
        return self.session.query(Order).filter(Order.id > low).order_by(Order.id)

def class_call(session):
    return list(map(AskedClassCall(session), [1]))[0].all()

def getattr_root(session, how='query'):
    return getattr(session, how)(Order).order_by(Order.id).all()

def default_arg(session):

    def ask(q=session.query(Order).order_by(Order.id)):
        return q.all()
    return ask()

class BoxSetattrGetattr:
    pass

def setattr_getattr(session):
    box = BoxSetattrGetattr()
    setattr(box, 'orders', session.query(Order).order_by(Order.id))
    return getattr(box, 'orders').all()

class GotExceptionArgs(Exception):
    pass

def exception_args(session):
    try:
        raise GotExceptionArgs(session.query(Order))
    except GotExceptionArgs as got:
        return got.args[0].order_by(Order.id).all()

def out_of_a_queue(session):
    d = queue.Queue()
    d.put(session.query(Order).order_by(Order.id))
    return d.get().all()
"""
#: What puts a query where nobody follows it.
TOLD = [
    "into.append", "into.append", "into.append", "into['orders'] = used.query", "into.setdefault",
    "raise GotExceptionBelow", "self.d.put", "raise GotExceptionArgs", "d.put",
]  # fmt: skip


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(TEXT, tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.mark.parametrize("name", of_a_session(TEXT))
def test_a_query_that_nobody_follows_runs_where_it_is_asked(name: str, module: Beside) -> None:
    module.compare(name)


def test_what_a_statement_gives_is_no_query(module: Beside) -> None:
    assert "    return held.execute(statement).all()" in module.conversion.texts["beside.py"]


def test_a_query_that_is_put_where_nobody_follows_it_is_told(module: Beside) -> None:
    lines = TEXT.splitlines()
    found = [f for f in outcome_of(module.conversion).findings if f.code == "MIG128"]
    told = [lines[f.line - 1].strip().partition("(")[0] for f in found]
    assert told == TOLD


def test_where_no_query_is_lost_a_plain_call_stays_one(tmp_path: Path) -> None:
    text = """
from .models import Order

def names(found):
    return found.all(), found.count()

def orders(session):
    return session.query(Order).order_by(Order.id).all()
"""
    with beside(text, tmp_path) as made:
        assert "    return found.all(), found.count()" in made.conversion.texts["beside.py"]


def test_an_attribute_that_nobody_loops_over_is_no_matter_of_this_code(tmp_path: Path) -> None:
    text = """
from .models import Order

def put(session, box):
    box.looped = session.query(Order)
    box.asked = session.query(Order)
    box.query = session.query(Order)

def take(session, box):
    return [order.id for order in box.looped], box.asked.all(), Order.query
"""
    with beside(text, tmp_path) as made:
        found = [f for f in outcome_of(made.conversion).findings if f.code == "MIG128"]
        assert [text.splitlines()[f.line - 1].strip().partition(" ")[0] for f in found] == [
            "box.looped"
        ]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("Visit.query.filter(Visit.page == page).delete()", False),
        ("Visit.query.filter(Visit.page == page).delete(synchronize_session=False)", False),
        ("visits.put(session.query(Order))", True),
    ],
)
def test_a_call_that_is_given_no_query_puts_none_away(
    call: str, told: bool, tmp_path: Path
) -> None:
    text = f"""
from .models import Order

def forget(session, page, visits):
    from visits import Visit
    {call}
"""
    with beside(text, tmp_path) as made:
        found = [f.code for f in outcome_of(made.conversion).findings]
        assert ("MIG128" in found) == told
