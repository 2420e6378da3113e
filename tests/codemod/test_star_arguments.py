"""What `*args` and `**given` hand on keeps its types: each function on both sides.

What a commit has expired is asked for with an await wherever such a call has taken it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.codemod.kit.beside import Beside, beside

TEXT = """
import functools

from .models import Account, Order

def logged(f):

    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper

@logged
def show_decorated_object(session, account):
    session.commit()
    return (account.owner, account.balance)

def decorated_object(session):
    return show_decorated_object(session, session.get(Account, 1))

@logged
def show_decorated_keyword(session, *, account=None):
    session.commit()
    return account.owner

def decorated_keyword(session):
    return show_decorated_keyword(session, account=session.get(Account, 1))

def retried_decorated_by_arguments(times):

    def around(f):

        @functools.wraps(f)
        def wrapper(*args, **kwargs):
            for _ in range(times):
                result = f(*args, **kwargs)
            return result
        return wrapper
    return around

@retried_decorated_by_arguments(2)
def show_decorated_by_arguments(session, account):
    session.commit()
    return account.owner

def decorated_by_arguments(session):
    return show_decorated_by_arguments(session, session.get(Account, 1))

class ShopDecoratedMethod:

    def __init__(self, session):
        self.session = session

    @logged
    def show(self, order, prefix='x'):
        self.session.commit()
        return (prefix + order.status, order.customer.name)

def decorated_method(session):
    return ShopDecoratedMethod(session).show(session.get(Order, 1))

@logged
def rows_decorated_query(query):
    return [o.id for o in query.filter(Order.id > 2).all()]

def decorated_query(session):
    return rows_decorated_query(session.query(Order).order_by(Order.id))

class JobMethodPasses:

    def __init__(self, session):
        self.session = session

    def run(self, *args):
        return self.work(*args)

    def work(self, account, amount):
        account.balance += amount
        self.session.commit()
        return account.balance

def method_passes(session):
    return JobMethodPasses(session).run(session.get(Account, 1), 5)

class JobMethodPassesNamed:

    def __init__(self, session):
        self.session = session

    def run(self, **given):
        return self.work(**given)

    def work(self, account, amount=1):
        account.balance += amount
        self.session.commit()
        return account.balance

def method_passes_named(session):
    return JobMethodPassesNamed(session).run(account=session.get(Account, 1), amount=5)

class BaseSuperInit:

    def __init__(self, session, account):
        self.session = session
        self.account = account

class ReportSuperInit(BaseSuperInit):

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = 'x'

    def text(self):
        self.session.commit()
        return self.title + self.account.owner

def super_init(session):
    return ReportSuperInit(session, session.get(Account, 1)).text()

class BaseSuperMethod:

    def save(self, session, account, amount):
        account.balance = amount
        session.commit()
        return account.balance

class LoudSuperMethod(BaseSuperMethod):

    def save(self, session, *args, **kwargs):
        return ('!', super().save(session, *args, **kwargs))

def super_method(session):
    return LoudSuperMethod().save(session, session.get(Account, 1), amount=3)

def show_spread_list(session, account):
    session.commit()
    return account.owner

def spread_list(session):
    return show_spread_list(*[session, session.get(Account, 1)])

def show_spread_tuple_name(session, account):
    session.commit()
    return account.owner

def spread_tuple_name(session):
    given = (session, session.get(Account, 1))
    return show_spread_tuple_name(*given)

def show_spread_after(session, account, other):
    session.commit()
    return (account.owner, other.owner)

def spread_after(session):
    accounts = session.query(Account).order_by(Account.id).all()
    return show_spread_after(session, *accounts)

def show_spread_dict(session, account):
    session.commit()
    return account.owner

def spread_dict(session):
    return show_spread_dict(**{'session': session, 'account': session.get(Account, 1)})

def show_spread_dict_name(session, account, prefix='p'):
    session.commit()
    return prefix + account.owner

def spread_dict_name(session):
    given = {'account': session.get(Account, 1)}
    given['prefix'] = 'q'
    return show_spread_dict_name(session, **given)

def show_spread_dict_made(session, account, prefix='p'):
    session.commit()
    return prefix + account.owner

def spread_dict_made(session):
    given = dict(account=session.get(Account, 1), prefix='z')
    return show_spread_dict_made(session, **given)

def show_kwargs_pop(session, **kwargs):
    account = kwargs.pop('account')
    order = kwargs.pop('order', None)
    session.commit()
    return (account.owner, order.customer.name)

def kwargs_pop(session):
    return show_kwargs_pop(session, account=session.get(Account, 1), order=session.get(Order, 1))

class ReportFactoryPasses:

    def __init__(self, session, account):
        self.session, self.account = (session, account)

    def text(self):
        self.session.commit()
        return self.account.owner

def make_factory_passes(cls, *args, **kwargs):
    return cls(*args, **kwargs)

def factory_passes(session):
    return make_factory_passes(ReportFactoryPasses, session, session.get(Account, 1)).text()

def apply_call_passes(f, *args, **kwargs):
    return f(*args, **kwargs)

def show_call_passes(session, account):
    session.commit()
    return account.owner

def call_passes(session):
    return apply_call_passes(show_call_passes, session, account=session.get(Account, 1))

def apply_call_passes_two(f, *args):
    return f(*args)

def show_call_passes_two(session, account):
    session.commit()
    return account.owner

def name_call_passes_two(order):
    return order.customer.name

def call_passes_two(session):
    return (apply_call_passes_two(show_call_passes_two, session, session.get(Account, 1)), apply_call_passes_two(name_call_passes_two, session.get(Order, 1)))

class InnerDelegateClass:

    def show(self, session, account):
        session.commit()
        return account.owner

class OuterDelegateClass:

    def __init__(self):
        self.inner = InnerDelegateClass()

    def show(self, *args, **kwargs):
        return self.inner.show(*args, **kwargs)

def delegate_class(session):
    return OuterDelegateClass().show(session, session.get(Account, 1))

class EntryClassmethodCreate:

    def __init__(self, session, order=None, note=''):
        self.session, self.order, self.note = (session, order, note)

    @classmethod
    def create(cls, *args, **kwargs):
        return cls(*args, **kwargs)

    def text(self):
        self.session.commit()
        return self.note + self.order.status

def classmethod_create(session):
    return EntryClassmethodCreate.create(session, order=session.get(Order, 1), note='n').text()

def one_decorated_stack(f):

    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper

def two_decorated_stack(f):

    @functools.wraps(f)
    def wrapper(session, *a, **k):
        session.commit()
        return f(session, *a, **k)
    return wrapper

@one_decorated_stack
@two_decorated_stack
def show_decorated_stack(session, account, order=None):
    return (account.owner, order.customer.name)

def decorated_stack(session):
    return show_decorated_stack(session, session.get(Account, 1), order=session.get(Order, 1))

class CommandArgsKept:

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = (args, kwargs)

    def run(self):
        return self.work(*self.args, **self.kwargs)

    def work(self, session, account, by=0):
        account.balance += by
        session.commit()
        return account.balance

def args_kept(session):
    return CommandArgsKept(session, session.get(Account, 1), by=2).run()

class TimedMixinInit:

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.times = 1

class BaseMixinInit:

    def __init__(self, session, account):
        self.session, self.account = (session, account)

class ReportMixinInit(TimedMixinInit, BaseMixinInit):

    def text(self):
        self.session.commit()
        return (self.account.owner, self.times)

def mixin_init(session):
    return ReportMixinInit(session, session.get(Account, 1)).text()

def show_kwargs_changed(session, account, prefix):
    session.commit()
    return prefix + account.owner

def outer_kwargs_changed(session, **kwargs):
    kwargs['prefix'] = 'z'
    kwargs.setdefault('account', None)
    return show_kwargs_changed(session, **kwargs)

def kwargs_changed(session):
    return outer_kwargs_changed(session, account=session.get(Account, 1))

def show_args_changed(session, prefix, account):
    session.commit()
    return prefix + account.owner

def outer_args_changed(session, *args):
    args = ('a',) + args
    return show_args_changed(session, *args)

def outer2_args_changed(session, *args):
    return show_args_changed(session, 'b', *args[1:])

def args_changed(session):
    return (outer_args_changed(session, session.get(Account, 1)), outer2_args_changed(session, 1, session.get(Account, 2)))

def total_recursive_star(session, first, *rest):
    session.commit()
    mine = first.balance
    return mine + (total_recursive_star(session, *rest) if rest else 0)

def recursive_star(session):
    return total_recursive_star(session, *session.query(Account).order_by(Account.id))

def last_of_several(session, first, *rest):
    session.commit()
    return first.owner, rest[-1].owner

def with_one_more(session, *args):
    return last_of_several(session, *args, session.get(Account, 2))

def of_any_number(session):
    one = session.get(Account, 1)
    return with_one_more(session, one), with_one_more(session, one, one, one)
"""

NAMES = [
    line.partition("(")[0].removeprefix("def ")
    for line in TEXT.splitlines()
    if line.startswith("def ") and line.endswith("(session):")
]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(TEXT, tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.mark.parametrize("name", NAMES)
def test_what_is_handed_on_is_known_where_it_arrives(name: str, module: Beside) -> None:
    module.compare(name)
