"""Query objects on their way: variables, branches, loops, parameters, results, closures, classes."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Query, aliased, joinedload

from .models import Customer, Line, Note, Order, Product


def built_in_steps(session):
    query = session.query(Order)
    query = query.filter(Order.total > 20)
    query = query.order_by(Order.id)
    return query.all()


def built_in_branches(session, status="paid", descending=True):
    query = session.query(Order)
    if status:
        query = query.filter(Order.status == status)
    if descending:
        query = query.order_by(Order.id.desc())
    else:
        query = query.order_by(Order.id)
    return query.all()


def built_with_optional_join(session, name="Ann"):
    query = session.query(Order)
    if name:
        query = query.join(Order.customer).filter(Customer.name == name)
    return query.order_by(Order.id).all()


def built_with_optional_many_join(session, quantity=1):
    query = session.query(Order)
    if quantity:
        query = query.join(Order.lines).filter(Line.quantity >= quantity)
    return query.order_by(Order.id).all()


def built_with_optional_limit(session, limit=3):
    query = session.query(Order).order_by(Order.id)
    if limit:
        query = query.limit(limit)
    return query.all()


def built_with_limit_then_filter(session, limit=3):
    query = session.query(Order)
    if limit:
        query = query.limit(limit)
    return query.filter(Order.id == 1).all()


def built_in_loop(session):
    query = session.query(Order)
    for low in (10, 20, 30):
        query = query.filter(Order.total > low)
    return query.order_by(Order.id).all()


def built_with_keywords(session, **filters):
    query = session.query(Order)
    for key, value in (filters or {"status": "paid", "customer_id": 3}).items():
        query = query.filter(getattr(Order, key) == value)
    return query.order_by(Order.id).all()


def conditions_collected(session):
    conditions = [Order.total > 10]
    conditions.append(Order.status != "sent")
    return session.query(Order).filter(*conditions).order_by(Order.id).all()


def conditions_or(session):
    conditions = [Order.status == s for s in ("new", "sent")]
    return session.query(Order).filter(or_(*conditions)).order_by(Order.id).all()


def counted_and_fetched(session):
    query = session.query(Order).filter(Order.status == "paid")
    return query.count(), query.order_by(Order.id).limit(2).all()


def base_query_shared(session):
    base = session.query(Order).filter(Order.total.isnot(None))
    return base.filter(Order.status == "new").count(), base.filter(Order.status == "paid").count()


def iterated_variable(session):
    query = session.query(Order).order_by(Order.id)
    return [o.id for o in query]


def optional_query(session, wanted=True):
    query = None
    if wanted:
        query = session.query(Order).order_by(Order.id)
    if query:
        return [o.id for o in query]
    return []


def optional_query_is_none(session, wanted=False):
    query = None
    if wanted:
        query = session.query(Order)
    if query is None:
        return []
    return query.all()


def conditional_expression(session, newest=True):
    query = session.query(Order).order_by(Order.id.desc() if newest else Order.id)
    return query.first() if newest else query.all()


def query_or_rows(session, as_query=False):
    query = session.query(Order).order_by(Order.id)
    return query if as_query else query.all()


def calls_query_or_rows(session):
    return [o.id for o in query_or_rows(session)]


def only_paid(query):
    return query.filter(Order.status == "paid")


def helper_takes_query(session):
    return only_paid(session.query(Order)).order_by(Order.id).all()


def open_orders(session):
    return session.query(Order).filter(Order.status != "sent")


def helper_returns_query(session):
    return open_orders(session).order_by(Order.id).all()


def helper_returned_counted(session):
    return open_orders(session).count()


def helper_composed(session):
    return only_paid(open_orders(session)).filter_by(customer_id=2).all()


def paged(query, page, size):
    return query.limit(size).offset((page - 1) * size)


def helper_pages(session):
    return paged(session.query(Order).order_by(Order.id), 2, 3).all()


def helper_pages_loop(session):
    return [o.id for o in paged(session.query(Order).order_by(Order.id), 1, 2)]


def customer_named(session, name):
    return session.query(Customer).filter_by(name=name).order_by(Customer.id).first()


def helper_returns_instance(session):
    return customer_named(session, "Bob").email


def helper_chain(session):
    customer = customer_named(session, "Ann")
    return orders_of(session, customer)


def orders_of(session, customer):
    return session.query(Order).filter_by(customer_id=customer.id).order_by(Order.id).all()


def totals(session):
    return {c.id: total_of(session, c) for c in session.query(Customer).order_by(Customer.id)}


def total_of(session, customer):
    return sum(o.total or 0 for o in orders_of(session, customer))


def lazy_many_to_one(session):
    return session.query(Order).filter_by(id=3).one().customer.name


def lazy_collection(session):
    return [line.id for line in session.query(Order).get(3).lines]


def lazy_nested(session):
    return [
        (order.id, [(line.product.name, line.quantity) for line in order.lines])
        for order in session.query(Order).order_by(Order.id)
    ]


def lazy_in_generator(session):
    return sum(line.quantity * line.price for line in session.query(Order).get(3).lines)


def lazy_in_lambda(session):
    return [o.id for o in sorted(session.query(Order).all(), key=lambda o: (o.customer.name, o.id))]


def lazy_in_condition(session):
    return [o.id for o in session.query(Order).order_by(Order.id) if o.customer.name == "Ann"]


def eager_then_used(session):
    orders = session.query(Order).options(joinedload(Order.customer)).order_by(Order.id).all()
    return [(o.id, o.customer.name) for o in orders]


def eager_collection_used(session):
    orders = session.query(Order).options(joinedload(Order.lines)).order_by(Order.id).all()
    return {o.id: len(o.lines) for o in orders}


def property_used(session):
    return [c.domain for c in session.query(Customer).order_by(Customer.id)]


def deferred_used(session):
    return [p.description for p in session.query(Product).order_by(Product.id)]


def scalar_in_expression(session):
    return session.query(func.count(Order.id)).scalar() * 100 // session.query(Customer).count()


def ternary_terminal(session, many=False):
    return session.query(Order).order_by(Order.id).all() if many else session.query(Order).order_by(Order.id).first()


def boolean_operators(session):
    return session.query(Order).filter_by(status="gone").first() or session.query(Order).order_by(Order.id).first()


def walrus(session):
    if (order := session.query(Order).filter_by(id=3).first()) is not None:
        return order.status
    return None


def formatted(session):
    return f"{session.query(Order).count()} orders of {session.query(Customer).count()} customers"


def keyword_argument(session):
    return dict(orders=session.query(Order).count(), last=session.query(func.max(Order.id)).scalar())


def while_loop(session):
    found, last = [], 0
    while True:
        batch = session.query(Order).filter(Order.id > last).order_by(Order.id).limit(4).all()
        if not batch:
            return found
        found.append([o.id for o in batch])
        last = batch[-1].id


def try_finally(session):
    found = []
    try:
        found.append(session.query(Order).filter_by(id=-1).one())
    except Exception as error:
        found.append(type(error).__name__)
    finally:
        found.append(session.query(Order).count())
    return found


def closure(session):
    def total(status):
        return session.query(func.sum(Order.total)).filter(Order.status == status).scalar()

    return {status: total(status) for status in ("new", "paid", "sent")}


def generator_function(session):
    def numbers():
        for order in session.query(Order).order_by(Order.id):
            yield order.id

    return list(numbers())


def query_in_dict(session):
    queries = {"orders": session.query(Order), "notes": session.query(Note)}
    return {name: query.count() for name, query in queries.items()}


def query_in_list(session):
    queries = [session.query(Order).filter(Order.id < 3), session.query(Order).filter(Order.id > 8)]
    return [o.id for query in queries for o in query.order_by(Order.id)]


def different_models(session, notes=False):
    query = session.query(Note) if notes else session.query(Order)
    return query.count()


class OrderService:
    def __init__(self, session):
        self.session = session
        self.seen = 0

    def query(self):
        return self.session.query(Order)

    def by_status(self, status):
        self.seen += 1
        return self.query().filter_by(status=status).order_by(Order.id).all()

    def newest(self):
        return self.query().order_by(Order.id.desc()).first()

    def total(self):
        return sum(o.total or 0 for o in self.by_status("paid"))


def service(session):
    return OrderService(session).by_status("new")


def service_newest(session):
    return OrderService(session).newest().id


def service_total(session):
    orders = OrderService(session)
    return orders.total(), orders.seen


class Filters:
    model = Order

    @classmethod
    def find(cls, session, **criteria):
        return session.query(cls.model).filter_by(**criteria).order_by(cls.model.id)

    @staticmethod
    def count(session):
        return session.query(Order).count()


def class_method(session):
    return Filters.find(session, status="paid").all()


def static_method(session):
    return Filters.count(session)


def select_scalars(session):
    return session.scalars(select(Order).order_by(Order.id)).all()


def select_execute_scalars(session):
    return session.execute(select(Order).where(Order.id < 3).order_by(Order.id)).scalars().all()


def select_scalar(session):
    return session.scalar(select(func.count()).select_from(Order))


def select_rows(session):
    return session.execute(select(Order.id, Order.status).order_by(Order.id)).all()


def select_one(session):
    return session.execute(select(Order).filter_by(id=2)).scalar_one()


def select_one_missing(session):
    return session.execute(select(Order).filter_by(id=-2)).scalar_one()


def select_first(session):
    return session.execute(select(Order.id).order_by(Order.id.desc())).first()


def select_unique(session):
    return session.scalars(select(Order).options(joinedload(Order.lines)).order_by(Order.id)).unique().all()


def select_mappings(session):
    return [dict(m) for m in session.execute(select(Order.id, Order.status).order_by(Order.id)).mappings()]


def select_joined_not_unique(session):
    return session.scalars(select(Order).join(Order.lines).order_by(Order.id)).all()


def select_loop(session):
    return [o.id for o in session.scalars(select(Order).order_by(Order.id))]


def select_lazy(session):
    return [o.customer.name for o in session.scalars(select(Order).order_by(Order.id))]


def different_shapes(session, only_ids=False):
    query = session.query(Order.id) if only_ids else session.query(Order)
    return query.order_by(Order.id).limit(2).all()


def both_shapes(session):
    return different_shapes(session, True), different_shapes(session, False)


def rows_of(source):
    return [row.id for row in source]


def rows_of_query_and_list(session):
    return rows_of(session.query(Order).order_by(Order.id)), rows_of(session.query(Note).all())


def counted(thing):
    return thing.count()


def counted_queries(session):
    return counted(session.query(Order)), counted(session.query(Note.id))


def numbers_of(session):
    for order in session.query(Order).order_by(Order.id):
        yield order.id


def generator_consumed(session):
    return sum(numbers_of(session)), list(numbers_of(session))


def generator_looped(session):
    found = []
    for number in numbers_of(session):
        if number > 3:
            break
        found.append(number)
    return found


def named(session, model, name):
    return session.query(model).filter_by(name=name).first()


def generic_helper(session):
    return named(session, Customer, "Bob").email, named(session, Product, "P1").id


def filtered_by(session, model, **criteria):
    return session.query(model).filter_by(**criteria).all()


def generic_helper_list(session):
    return filtered_by(session, Note, customer_id=2)


def passed_as_keyword(session):
    return rows_of(source=session.query(Order).filter(Order.id < 3).order_by(Order.id))


def default_session_argument(session, query=None):
    query = query or session.query(Order)
    return query.count()


def chained_ternary(session, status="new"):
    return (
        session.query(Order).filter(Order.status == status) if status else session.query(Order)
    ).count()


def augmented(session):
    total = 0
    total += session.query(Order).count()
    total += session.query(func.count(Note.id)).scalar()
    return total


def deleted_variable(session):
    query = session.query(Order)
    rows = query.all()
    del query
    return len(rows)


def compared(session):
    return session.query(Order).count() > session.query(Note).count()


def nested_call(session):
    return max(session.query(Order).count(), session.query(Note).count())


def method_on_result(session):
    return session.query(Customer.name).order_by(Customer.id).first().name.upper()


def dict_display(session):
    return {
        "count": session.query(Order).count(),
        "newest": session.query(Order).order_by(Order.id.desc()).first().id,
        "names": [c.name for c in session.query(Customer).order_by(Customer.id)],
    }


def assertion(session):
    assert session.query(Order).count() == 10
    return session.query(Note).count()


def raised(session):
    if session.query(Order).count() > 3:
        raise ValueError(session.query(Note).count())


def conditional_terminal(session, first=True):
    query = session.query(Order).order_by(Order.id)
    if first:
        return query.first()
    return query.all()


def match_statement(session):
    match session.query(Order).filter_by(id=3).first():
        case None:
            return "none"
        case order:
            return order.status


def context_value(session):
    with session.no_autoflush:
        count = session.query(Order).count()
    return count


def in_subscript(session):
    return ["a", "b", "c"][session.query(Account_).count()]


def star_args(session):
    return max(*session.query(Order.id).filter(Order.id < 4).all())[0]


from .models import Account as Account_  # noqa: E402


def numbered_notes(session):
    return session.query(Note).order_by(Note.id)


def kept_legacy(session, start=1, size=2):
    return numbered_notes(session)[start : start + size]


def used_natively(session):
    return numbered_notes(session).filter(Note.id > 20).all()


def refined(query, status):
    if status:
        return query.filter_by(status=status)
    return query


def refined_twice(session):
    query = refined(refined(session.query(Order), None), "paid")
    return query.count(), query.order_by(Order.id).first()


def refined_in_method(session):
    return refined(OrderService(session).query(), "new").count()


class Paginator:
    def __init__(self, query, size):
        self.query = query
        self.size = size

    def page(self, number):
        return self.query.limit(self.size).offset(self.size * number).all()

    def count(self):
        return self.query.count()


def query_in_attribute(session):
    pages = Paginator(session.query(Order).order_by(Order.id), 4)
    return pages.count(), pages.page(1)


def query_returned_in_tuple(session):
    query, name = pair_of(session, "notes")
    return name, query.count()


def pair_of(session, name):
    return session.query(Note).filter(Note.id > 20), name


def service_query_outside(session):
    service_ = OrderService(session)
    return service_.query().filter_by(status="new").count()


def by_status(query, status):
    return query.filter_by(status=status).order_by(None)


def alias_handed_to_a_helper(session):
    other = aliased(Order)
    return by_status(session.query(other.id), "paid").order_by(other.id).all()


def joined_alias_handed_to_a_helper(session):
    other = aliased(Order)
    query = session.query(Customer.id).join(other, other.customer_id == Customer.id)
    return by_status(query, "paid").order_by(Customer.id).all()


def model_of_a_variable(session):
    return [session.query(model).get(1) for model in (Order, Customer)]


def wiped(session, query):
    return query.delete(synchronize_session=False)


def several_models_wiped(session):
    notes = wiped(session, session.query(Note).filter(Note.id > 2))
    return notes, wiped(session, session.query(Line).filter(Line.quantity > 1).filter_by(order_id=1))


def priced(session, query):
    return query.update({"price": 1.5}, synchronize_session="fetch")


def several_models_updated(session):
    return priced(session, session.query(Line)), priced(session, session.query(Product))


def newest_first(query, size=None):
    query = query.distinct()
    if size is not None:
        query = query.limit(size)
    return query


def refiner_of_several_kinds(session):
    orders = sorted(order.id for order in newest_first(session.query(Order).filter_by(status="paid")))
    rows = newest_first(session.query(Customer.id, Customer.name).order_by(Customer.id), 2)
    lines = newest_first(session.query(Line).order_by(Line.id), size=3)
    return orders, rows.count(), lines.count(), newest_first(query=session.query(Order.id)).count()


def refiner_of_joined_and_plain(session):
    joined = newest_first(session.query(Order).join(Order.lines).order_by(Order.id))
    return [o.id for o in joined], [o.id for o in newest_first(session.query(Order).order_by(Order.id))]


def optional_hint(query: "Query", name: str | None = None) -> "Query | None":
    return query.filter_by(name=name) if name else None


def hinted(session):
    found = optional_hint(session.query(Customer), "Ann")
    return found.count(), optional_hint(session.query(Customer)) is None


def _refined_in_a_list(session, low=1):
    query = _begun_below(session)
    if low:
        query = [query.filter(Order.id > low) for _ in range(1)][0]
    return query


def helper_below(session):
    """What the helper gives is not known yet where the list is read for the first time."""
    return _refined_in_a_list(session).filter(Order.total > 1).order_by(Order.id).all()


def _begun_below(session):
    return session.query(Order)
