"""Joins, `filter_by` on the last joined entity, uniquing of entities, loader options."""

from sqlalchemy import func, select
from sqlalchemy.orm import (
    Load,
    aliased,
    contains_eager,
    defaultload,
    defer,
    joinedload,
    lazyload,
    load_only,
    raiseload,
    selectinload,
    subqueryload,
    undefer,
    with_parent,
)

from .models import (
    Address,
    Category,
    Customer,
    Employee,
    Invoice,
    Item,
    Line,
    Manager,
    Note,
    Order,
    Product,
    Tag,
)


def join_many(session):
    return session.query(Order).join(Order.lines).order_by(Order.id).all()


def join_many_rows(session):
    return len(session.query(Order).join(Order.lines).all())


def join_model(session):
    return session.query(Order).join(Line).order_by(Order.id).all()


def join_condition(session):
    return session.query(Order).join(Line, Order.id == Line.order_id).order_by(Order.id).all()


def join_keyword_condition(session):
    return session.query(Order).join(Line, onclause=Order.id == Line.order_id).order_by(Order.id).all()


def join_model_and_relationship(session):
    return session.query(Order).join(Line, Order.lines).order_by(Order.id).all()


def join_outer(session):
    return session.query(Order).outerjoin(Order.lines).order_by(Order.id).all()


def join_isouter(session):
    return session.query(Order).join(Order.lines, isouter=True).order_by(Order.id).all()


def join_chain(session):
    return (
        session.query(Customer)
        .join(Customer.orders)
        .join(Order.lines)
        .join(Line.product)
        .filter(Product.name == "P1")
        .order_by(Customer.id)
        .all()
    )


def join_filter_by_last(session):
    return session.query(Order).join(Order.customer).filter_by(name="Ann").order_by(Order.id).all()


def join_filter_by_id(session):
    return session.query(Order).join(Order.customer).filter_by(id=2).order_by(Order.id).all()


def join_filter_by_model(session):
    return session.query(Customer).join(Address).filter_by(name="home", city="Oslo").order_by(Customer.id).all()


def join_filter_by_two_joins(session):
    return (
        session.query(Customer)
        .join(Customer.orders)
        .join(Customer.address)
        .filter_by(city="Rome")
        .order_by(Customer.id)
        .all()
    )


def join_filter_by_mapping(session):
    return (
        session.query(Order)
        .join(Order.customer)
        .filter_by(**{"name": "Ann", "id": 4})
        .order_by(Order.id)
        .all()
    )


def join_filter_by_comparison(session):
    return session.query(Order).join(Order.customer).filter_by(active=1 == 1, name="Ann").order_by(Order.id).all()


def join_filter_by_unknown_name(session):
    return session.query(Order).join(Order.customer).filter_by(status="new").all()


def filter_by_before_join(session):
    return session.query(Order).filter_by(id=3).join(Order.lines).all()


def join_two_entities_filter_by(session):
    return session.query(Order, Customer).join(Order.customer).filter_by(id=2).order_by(Order.id).all()


def join_alias(session):
    buyer = aliased(Customer)
    return session.query(Order).join(buyer, Order.customer).filter(buyer.name == "Ann").order_by(Order.id).all()


def join_alias_filter_by(session):
    buyer = aliased(Customer)
    return session.query(Order).join(buyer, Order.customer).filter_by(id=2).order_by(Order.id).all()


def join_self(session):
    return session.query(Category).join(Category.children).order_by(Category.id).all()


def join_polymorphic(session):
    return session.query(Employee).join(Manager, Manager.id == Employee.boss_id).order_by(Employee.id).all()


def join_reset(session):
    return session.query(Order).join(Order.customer).reset_joinpoint().filter_by(id=3).all()


def implicit_cross(session):
    return session.query(Order).filter(Order.id == Line.order_id).order_by(Order.id).all()


def implicit_cross_one(session):
    return session.query(Order).filter(Order.id == Line.order_id, Order.id == 3).one()


def implicit_cross_variable(session):
    condition = Order.id == Line.order_id
    return session.query(Order).filter(condition).order_by(Order.id).all()


def implicit_cross_list(session):
    conditions = [Order.id == Line.order_id, Line.quantity > 1]
    return session.query(Order).filter(*conditions).order_by(Order.id).all()


def has(session):
    return session.query(Order).filter(Order.customer.has(name="Ann")).order_by(Order.id).all()


def any_(session):
    return session.query(Order).filter(Order.lines.any(Line.quantity > 2)).order_by(Order.id).all()


def relationship_equals(session):
    customer = session.query(Customer).get(2)
    return session.query(Order).filter(Order.customer == customer).order_by(Order.id).all()


def relationship_filter_by(session):
    customer = session.query(Customer).get(2)
    return session.query(Order).filter_by(customer=customer).order_by(Order.id).all()


def many_to_many(session):
    return session.query(Product).join(Product.tags).filter(Tag.name == "red").order_by(Product.id).all()


def many_to_many_contains(session):
    tag = session.query(Tag).filter_by(name="blue").one()
    return session.query(Product).filter(Product.tags.contains(tag)).order_by(Product.id).all()


def eager_joined(session):
    return session.query(Order).options(joinedload(Order.lines)).order_by(Order.id).all()


def eager_joined_first(session):
    return session.query(Order).options(joinedload(Order.lines)).filter(Order.id == 3).first()


def eager_joined_one(session):
    return session.query(Order).options(joinedload(Order.lines)).filter(Order.id == 3).one()


def eager_joined_limit(session):
    return session.query(Order).options(joinedload(Order.lines)).order_by(Order.id).limit(4).all()


def eager_joined_count(session):
    return session.query(Order).options(joinedload(Order.lines)).count()


def eager_joined_scalar_one(session):
    return session.query(Order).options(joinedload(Order.customer)).filter_by(id=2).scalar()


def eager_joined_many_to_one(session):
    return session.query(Order).options(joinedload(Order.customer)).order_by(Order.id).all()


def eager_nested(session):
    return (
        session.query(Order)
        .options(joinedload(Order.lines).joinedload(Line.product))
        .order_by(Order.id)
        .all()
    )


def eager_nested_collection(session):
    return (
        session.query(Line)
        .options(joinedload(Line.product).joinedload(Product.tags))
        .order_by(Line.id)
        .all()
    )


def eager_select(session):
    return session.query(Order).options(selectinload(Order.lines)).order_by(Order.id).all()


def eager_subquery(session):
    return session.query(Order).options(subqueryload(Order.lines)).order_by(Order.id).all()


def eager_several(session):
    return (
        session.query(Order)
        .options(joinedload(Order.customer), selectinload(Order.lines).joinedload(Line.product))
        .order_by(Order.id)
        .all()
    )


def eager_contains(session):
    return (
        session.query(Order)
        .join(Order.lines)
        .options(contains_eager(Order.lines))
        .filter(Line.quantity > 1)
        .order_by(Order.id, Line.id)
        .all()
    )


def eager_contains_one(session):
    return (
        session.query(Order)
        .join(Order.customer)
        .options(contains_eager(Order.customer))
        .filter(Customer.name == "Bob", Order.id == 6)
        .one()
    )


def eager_two_entities(session):
    return (
        session.query(Order, Customer)
        .join(Order.customer)
        .options(joinedload(Order.lines))
        .order_by(Order.id)
        .all()
    )


def eager_two_entities_first(session):
    return (
        session.query(Order, Customer)
        .join(Order.customer)
        .options(joinedload(Order.lines))
        .order_by(Order.id.desc())
        .first()
    )


def eager_get(session):
    return session.query(Order).options(joinedload(Order.lines), selectinload(Order.customer)).get(3)


def eager_variable(session):
    options = [joinedload(Order.lines), joinedload(Order.customer)]
    return session.query(Order).options(*options).order_by(Order.id).all()


def eager_disabled(session):
    return session.query(Invoice).enable_eagerloads(False).order_by(Invoice.id).count()


def mapping_joined(session):
    return session.query(Invoice).order_by(Invoice.id).all()


def mapping_joined_lazy(session):
    return session.query(Invoice).options(lazyload(Invoice.items)).order_by(Invoice.id).all()


def mapping_joined_through_many_to_one(session):
    return session.query(Item).order_by(Item.id).all()


def mapping_joined_limit(session):
    return session.query(Invoice).order_by(Invoice.id).limit(2).all()


def deferred_loaded(session):
    return session.query(Product).options(undefer(Product.description)).order_by(Product.id).all()


def deferred_by_option(session):
    return session.query(Order).options(defer(Order.total)).order_by(Order.id).all()


def only_some(session):
    return session.query(Order).options(load_only(Order.status)).order_by(Order.id).all()


def raise_on_load(session):
    return session.query(Order).options(raiseload(Order.lines)).order_by(Order.id).all()


def with_parent_of(session):
    order = session.query(Order).get(3)
    return session.query(Line).with_parent(order, Order.lines).order_by(Line.id).all()


def with_parent_filter(session):
    order = session.query(Order).get(3)
    return session.query(Line).filter(with_parent(order, Order.lines)).order_by(Line.id).all()


def eager_string(session):
    return session.query(Order).options(joinedload("lines")).all()


def eager_named(session):
    return session.query(Order).options(joinedload(Order.lines)).all()


def chained_string(session):
    return session.query(Order).options(joinedload("lines").joinedload("product")).all()


def chained_named(session):
    return session.query(Order).options(joinedload(Order.lines).joinedload(Line.product)).all()


def dotted_string(session):
    return session.query(Order).options(selectinload("lines.product")).order_by(Order.id).all()


def dotted_named(session):
    return session.query(Order).options(defaultload(Order.lines).selectinload(Line.product)).order_by(Order.id).all()


def dotted_string_with_a_keyword(session):
    return session.query(Order).options(joinedload("lines.product", innerjoin=True)).order_by(Order.id).all()


def dotted_name_with_a_keyword(session):
    found = session.query(Order).options(defaultload(Order.lines).joinedload(Line.product, innerjoin=True))
    return found.order_by(Order.id).all()


def dotted_string_below(session):
    return session.query(Customer).options(joinedload(Customer.orders).selectinload("lines.product")).order_by(Customer.id).all()


def strings_at_every_level(session):
    return (
        session.query(Order)
        .options(
            joinedload("lines").options(joinedload("product").load_only("name", "price"), defer("quantity")),
            joinedload("customer").selectinload("orders"),
            load_only("status", "customer_id"),
        )
        .order_by(Order.id)
        .all()
    )


def names_at_every_level(session):
    return (
        session.query(Order)
        .options(
            joinedload(Order.lines).options(
                joinedload(Line.product).load_only(Product.name, Product.price), defer(Line.quantity)
            ),
            joinedload(Order.customer).selectinload(Customer.orders),
            load_only(Order.status, Order.customer_id),
        )
        .order_by(Order.id)
        .all()
    )


def undeferred_string(session):
    return [p.description for p in session.query(Product).options(undefer("description")).order_by(Product.id)]


def undeferred_named(session):
    return [p.description for p in session.query(Product).options(undefer(Product.description)).order_by(Product.id)]


def string_of_a_load(session):
    return session.query(Order).options(Load(Order).selectinload("lines").joinedload("product")).order_by(Order.id).all()


def name_of_a_load(session):
    return session.query(Order).options(Load(Order).selectinload(Order.lines).joinedload(Line.product)).order_by(Order.id).all()


def two_strings_of_one(session):
    return session.query(Order).options(joinedload("lines", "product")).all()


def join_string(session):
    return session.query(Order).join("lines").all()


def correlated(session):
    newest = session.query(Order.id).filter(Order.customer_id == Customer.id).correlate(Customer).order_by(Order.id.desc()).limit(1)
    return session.query(Customer.id, newest.scalar_subquery()).order_by(Customer.id).all()


def select_in_filter(session):
    return session.query(Order).filter(Order.customer_id.in_(select(Customer.id).where(Customer.name == "Ann"))).order_by(Order.id).all()


def with_parent_found(session):
    order = session.get(Order, 1)
    return session.query(Line).with_parent(order).filter_by(product_id=1).order_by(Line.id).all()


def with_parent_of_columns(session):
    order = session.get(Order, 1)
    return session.query(Line.id, Line.quantity).with_parent(order).order_by(Line.id).all()


def with_parent_of_an_aggregate(session):
    order = session.get(Order, 1)
    return session.query(func.max(Line.id)).with_parent(order).scalar()


def with_parent_of_a_labelled_column(session):
    order = session.get(Order, 1)
    return session.query((Line.id + 1).label("next")).with_parent(order).order_by(Line.id).all()


def with_parent_of_several(session):
    order = session.get(Order, 1)
    rows = session.query(Line, Product).join(Line.product)
    return rows.order_by(Line.id).count(), session.query(Line, Product.name).with_parent(order).filter(
        Product.id == Line.product_id
    ).order_by(Line.id).all()


def with_parent_after_a_join(session):
    customer = session.get(Customer, 1)
    lines = session.query(Line).join(Line.order).with_parent(customer)
    return lines.order_by(Line.id).all(), lines.filter_by(status="open").count()


def with_parent_after_a_join_of_another(session):
    # What was joined last is meant: an order has no products.
    return session.query(Line).join(Line.product).with_parent(session.get(Order, 1)).all()


def with_parent_of_a_column_after_a_join(session):
    customer = session.get(Customer, 1)
    rows = session.query(Line.id, Order.id).join(Line.order).with_parent(customer)
    return rows.order_by(Line.id).all()


def with_parent_after_select_from(session):
    order = session.get(Order, 1)
    return session.query(func.count()).select_from(Line).with_parent(order).scalar()


def with_parent_found_in_a_tree(session):
    return session.query(Category).with_parent(session.get(Category, 1)).order_by(Category.id).all()


def with_parent_dynamic(session):
    return session.query(Note).with_parent(session.get(Customer, 1)).order_by(Note.id).all()


def with_parent_not_found(session):
    return session.query(Tag).with_parent(session.get(Order, 1)).all()


def with_parent_of_an_alias(session):
    other = aliased(Line)
    return session.query(other).with_parent(session.get(Order, 1)).order_by(other.id).all()


def with_parent_after_commit(session):
    order = session.get(Order, 1)
    session.commit()
    return session.query(Line).with_parent(order).count()


def alias_in_a_criterion(session):
    other = aliased(Order)
    return session.query(Order).filter(other.id < 4).order_by(Order.id).all()


def alias_compared(session):
    other = aliased(Order)
    query = session.query(Order).filter(Order.customer_id == other.customer_id).filter(Order.id != other.id)
    return query.order_by(Order.id).all()


def two_aliases(session):
    one, other = aliased(Order), aliased(Order)
    return session.query(one).filter(one.id != other.id).filter_by(status="paid").order_by(one.id).all()


def alias_loaded_by_option(session):
    other = aliased(Order)
    query = session.query(Order).join(other, other.id == Order.id).options(contains_eager(Order.lines, alias=None))
    return query.filter(other.id == 1).count()


def alias_relationship(session):
    other = aliased(Order)
    found = session.query(other).options(joinedload(other.lines)).order_by(other.id).all()
    return [len(order.lines) for order in found]


def filter_by_after_function(session):
    total = func.sum(Line.quantity).label("total")
    return session.query(total).filter_by(order_id=1).scalar(), session.query(func.count(Line.id), total).filter_by(product_id=1).one()


def filter_by_after_function_of_two(session):
    return session.query(func.sum(Line.quantity * Product.price)).join(Product).filter_by(name="P1").scalar()


def filter_by_after_function_of_an_alias(session):
    other = aliased(Line)
    return session.query(func.sum(other.quantity)).filter_by(order_id=1).scalar()
