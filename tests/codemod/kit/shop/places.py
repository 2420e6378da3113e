"""Odd places of what awaits: elements in parentheses, the arguments of decorators, defaults."""

from functools import wraps

from .models import Customer, Line, Order


def _first(session):
    return session.query(Order).order_by(Order.id).first()


def element_in_parentheses(session):
    return "-".join((line.product.name if line.product else "none") for line in _first(session).lines)


def element_begins_with_parentheses(session):
    return sum((line.product.price or 0) * line.quantity for line in _first(session).lines)


def all_in_parentheses(session):
    return sorted(((line.product.name) for (line) in _first(session).lines), reverse=True)


def element_is_a_tuple(session):
    return dict((number, (line.product.name)) for number, line in enumerate(_first(session).lines))


def elements_in_one_another(session):
    return [
        ",".join(
            ("".join((tag.name) for tag in (line.product.tags)) if line.product else "none")
            for line in order.lines
        )
        for order in session.query(Order).order_by(Order.id)
    ]


def first_of_a_starred_target(session):
    pairs = [(line, 1, 2) for line in _first(session).lines]
    return sum((line.product.price + len(rest)) for (line, *rest) in pairs)


class Field:
    """What a decorator is given; another kind of it asks the database, where it is used."""

    def __init__(self, name="field", session=None):
        self.name = name
        self.known = session.query(Customer).count() if session is not None else 0


def _given(fields):
    def decorator(function):
        @wraps(function)
        def wrapper(session):
            return function(session, {key: field.name for key, field in fields.items()})

        return wrapper

    return decorator


@_given({"a": Field(), "b": Field("other")})
def _decorated(session, names):
    return names, session.query(Line).count()


def decorated_with_objects(session):
    return _decorated(session)


def _given_method(field):
    def decorator(function):
        @wraps(function)
        def wrapper(self, session):
            return function(self, session, field.name)

        return wrapper

    return decorator


class Handler:
    @_given_method(Field("kept"))
    def handle(self, session, name):
        return name, Field("live", session).known, session.query(Order).count()


def decorated_method(session):
    return Handler().handle(session)


def _titled(session, field=Field("default")):
    return field.name, session.query(Order).count()


def default_is_an_object(session):
    return _titled(session), _titled(session, Field("given", session))
