"""`lazy="dynamic"`: everything that its collection can do gives the same on both sides."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

tagged = db.Table(
    "tagged",
    db.Column("order_id", db.ForeignKey("order.id"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
)

class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    orders = db.relationship(
        "Order", lazy="dynamic", back_populates="customer", order_by="Order.id", cascade="all, delete-orphan"
    )

    @property
    def paid(self):
        return self.orders.filter_by(paid=True)

    def newest(self, count=2):
        return self.orders.order_by(None).order_by(Order.id.desc()).limit(count)

    def biggest(self):
        return self.orders.order_by(None).order_by(Order.amount.desc(), Order.id).first()

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    amount = db.Column(db.Integer)
    paid = db.Column(db.Boolean, default=False)
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship("Customer", back_populates="orders")
    tags = db.relationship(
        "Tag", secondary=tagged, lazy="dynamic", backref=db.backref("orders", lazy="dynamic")
    )

class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))

def seed():
    ann, bob = Customer(name="ann"), Customer(name="bob")
    red, blue = Tag(name="red"), Tag(name="blue")
    db.session.add_all([ann, bob, red, blue])
    for n in range(7):
        owner = ann if n % 2 else bob
        order = Order(number=f"N{n}", amount=50 - 10 * (n % 4), paid=n > 3, customer=owner)
        db.session.add(order)
        order.tags.append(red if n % 3 else blue)
    db.session.commit()
"""
HEAD = """
from flask import Blueprint, abort, jsonify, render_template, render_template_string, request
from PKG.models import Customer, Order, Tag, db

bp = Blueprint("shop", __name__)

def said(orders):
    return [(o.number, o.amount, o.paid) for o in orders]

def everything():
    return [
        (c.name, [(o.number, o.amount, sorted(t.name for t in o.tags)) for o in c.orders])
        for c in Customer.query.order_by(Customer.id)
    ]

"""
READING = """
@bp.get("/read/<int:key>")
def read(key):
    customer = Customer.query.get_or_404(key)
    orders = customer.orders
    return jsonify(
        all=said(customer.orders.all()),
        iterated=[o.number for o in customer.orders],
        listed=len(list(customer.orders)),
        count=customer.orders.count(),
        first=said([customer.orders.first()]),
        none=customer.orders.filter_by(number="none").first(),
        one=said([customer.orders.filter_by(number="N1" if key == 1 else "N0").one()]),
        maybe=customer.orders.filter(Order.number == "none").one_or_none(),
        filtered=said(customer.orders.filter(Order.amount > 20, Order.paid.is_(False)).all()),
        ordered=said(customer.orders.order_by(None).order_by(Order.amount, Order.id).all()),
        then_ordered=said(customer.orders.order_by(Order.amount.desc()).all()),
        limited=said(customer.orders.limit(2).offset(1).all()),
        part=said(customer.orders[1:3]),
        beginning=said(customer.orders[:2]),
        item=said([customer.orders[1]]),
        joined=said(customer.orders.join(Order.tags).filter(Tag.name == "red").all()),
        columns=[list(row) for row in customer.orders.with_entities(Order.id, Order.amount)],
        total=customer.orders.with_entities(db.func.sum(Order.amount)).scalar(),
        exists=db.session.query(customer.orders.filter(Order.paid).exists()).scalar(),
        included=[o.number for o in Order.query.order_by(Order.id) if o in customer.orders],
        kept=[o.number for o in orders.filter(Order.paid)],
        true=bool(orders) and "yes" if orders else "no",
        any=bool(customer.orders.filter_by(paid=True).all()),
        distinct=sorted(row[0] for row in customer.orders.with_entities(Order.paid).distinct()),
    )

@bp.get("/methods/<int:key>")
def methods(key):
    customer = db.session.get(Customer, key)
    paid = customer.paid
    if request.args.get("big"):
        paid = paid.filter(Order.amount >= 30)
    return jsonify(
        paid=said(paid.all()),
        paid_count=customer.paid.count(),
        newest=said(list(customer.newest())),
        more=said(customer.newest(5).all()),
        biggest=said([customer.biggest()]),
        tags=[sorted(t.name for t in o.tags) for o in customer.orders],
        of_tag=[(t.name, t.orders.count()) for t in Tag.query.order_by(Tag.id)],
        through=[o.number for o in Tag.query.filter_by(name="red").one().orders.order_by(Order.id)],
        most=max(customer.orders, key=lambda o: o.tags.count()).number,
        ordered=[o.number for o in sorted(customer.orders, key=lambda o: (o.amount, o.id))],
        sums=sum(o.amount for o in customer.orders),
        numbered={n: o.number for n, o in enumerate(customer.orders)},
    )

@bp.get("/handed/<int:key>")
def handed(key):
    customer = db.session.get(Customer, key)
    return jsonify(said(customer.orders), said(customer.paid), said(customer.newest()))

def numbers(query):
    return sorted(o.number for o in query.filter(Order.amount > 10))

def counted(query):
    return query.count(), numbers(query)

@bp.get("/given/<int:key>")
def given_natively(key):
    customer = db.session.get(Customer, key)
    return jsonify(numbers(customer.orders), counted(customer.paid), counted(Tag.query.first().orders))

@bp.get("/given-in-the-bridge/<int:key>")
def given_in_the_bridge(key):
    customer = db.session.get(Customer, key)
    changed = customer.orders.enable_assertions(True).count()
    return jsonify(changed, numbers(customer.orders), counted(customer.paid), said(customer.newest()))

@bp.get("/either/<int:key>")
def either(key):
    customer = db.session.get(Customer, key)
    orders = customer.orders if request.args.get("own") else Order.query.order_by(Order.id)
    return jsonify([o.number for o in orders.limit(3)], orders.count())

@bp.post("/or-none/<int:key>")
def or_none(key):
    order = Order.query.get(key) or abort(404)
    tag = db.session.get(Tag, 2) if key else abort(400)
    if tag in order.tags:
        order.tags.remove(tag)
    else:
        order.tags.append(tag)
    db.session.commit()
    return jsonify(order.tags.count(), [t.name for t in order.tags])

@bp.get("/pages/<int:key>")
def pages(key):
    customer = db.session.get(Customer, key)
    page = customer.orders.paginate(page=request.args.get("page", 1, type=int), per_page=2, error_out=False)
    return jsonify(
        items=said(page.items), total=page.total, pages=page.pages, has_next=page.has_next,
        of_paid=customer.paid.paginate(per_page=1, error_out=False).total,
    )
"""
WRITING = """
@bp.post("/append/<int:key>")
def append(key):
    customer = db.session.get(Customer, key)
    customer.orders.append(Order(number="new", amount=7))
    pending = customer.orders.count()
    db.session.commit()
    return jsonify(pending, customer.orders.count(), everything())

@bp.post("/extend")
def extend():
    customer = Customer(name="cid")
    customer.orders.extend([Order(number="a", amount=1), Order(number="b", amount=2)])
    db.session.add(customer)
    db.session.commit()
    return jsonify(everything())

@bp.post("/given")
def given():
    customer = Customer(name="dee", orders=[Order(number="g", amount=1)])
    db.session.add(customer)
    db.session.flush()
    count = customer.orders.count()
    db.session.commit()
    return jsonify(count, everything())

@bp.post("/add-tag/<int:key>")
def add_tag(key):
    order = db.session.get(Order, key)
    tag = Tag.query.filter_by(name="blue").first()
    if order.tags.filter(Tag.id == tag.id).count() == 0:
        order.tags.append(tag)
    else:
        order.tags.remove(tag)
    db.session.commit()
    return jsonify(everything())

@bp.post("/move/<int:key>")
def move(key):
    one, two = Customer.query.order_by(Customer.id).limit(2).all()
    order = one.orders.first()
    one.orders.remove(order)
    two.orders.append(order)
    db.session.commit()
    return jsonify(everything())

@bp.post("/orphan/<int:key>")
def orphan(key):
    customer = db.session.get(Customer, key)
    customer.orders.remove(customer.orders.filter_by(number="N2" if key == 2 else "N1").one())
    db.session.commit()
    return jsonify(everything(), Order.query.count())

@bp.post("/replace/<int:key>")
def replace(key):
    customer = db.session.get(Customer, key)
    customer.orders = [Order(number="only", amount=3)]
    db.session.commit()
    return jsonify(everything(), Order.query.count())

@bp.post("/update/<int:key>")
def update(key):
    customer = db.session.get(Customer, key)
    changed = customer.orders.order_by(None).filter(Order.amount > 20).update({"paid": True}, synchronize_session=False)
    db.session.commit()
    return jsonify(changed, everything())

@bp.post("/update-ordered/<int:key>")
def update_ordered(key):
    customer = db.session.get(Customer, key)
    try:
        changed = customer.orders.update({"paid": True})
    except Exception as error:
        changed = type(error).__name__
    return jsonify(changed, everything())

@bp.post("/update-tags/<int:key>")
def update_tags(key):
    order = db.session.get(Order, key)
    known = order.tags.all()
    try:
        changed = order.tags.order_by(None).filter(Tag.name == "red").update({"name": "rouge"})
    except Exception as error:
        changed = type(error).__name__
    return jsonify(changed, [tag.name for tag in known], everything())

@bp.post("/update-fetched/<int:key>")
def update_fetched(key):
    customer = db.session.get(Customer, key)
    known = customer.orders.all()
    customer.orders.append(Order(number="new", amount=99))
    changed = customer.orders.order_by(None).filter(Order.amount > 20).update({"amount": Order.amount + 1})
    return jsonify(changed, [order.amount for order in known], everything())

@bp.post("/bulk-delete/<int:key>")
def bulk_delete(key):
    customer = db.session.get(Customer, key)
    for order in customer.orders.filter(Order.amount <= 20):
        for tag in order.tags.all():
            order.tags.remove(tag)
    db.session.flush()
    gone = customer.orders.order_by(None).filter(Order.amount <= 20).delete(synchronize_session=False)
    db.session.commit()
    return jsonify(gone, everything())

@bp.post("/delete/<int:key>")
def delete(key):
    customer = db.session.get(Customer, key)
    db.session.delete(customer)
    db.session.commit()
    return jsonify(everything(), Order.query.count(), db.session.query(db.func.count()).select_from(Tag).scalar())

@bp.post("/clear/<int:key>")
def clear(key):
    customer = db.session.get(Customer, key)
    for order in customer.orders:
        db.session.delete(order)
    db.session.commit()
    return jsonify(everything())
"""
TEMPLATES = """
PAGE = '''
{%- for order in customer.orders %}{{ loop.index }}:{{ order.number }}/{{ order.tags.count() }} {% endfor -%}
{{ customer.orders.count() }}|{{ customer.orders.first().number }}|{{ customer.orders.all()|length }}
{%- for order in customer.paid.order_by(None).all() %} {{ order.customer.name }}{% endfor -%}
{%- for tag in tags %} {{ tag.name }}={{ tag.orders.count() }}{% endfor %}|{{ customer.orders[:2]|map(attribute="number")|join(",") }}
'''

@bp.get("/page/<int:key>")
def page(key):
    return render_template_string(PAGE, customer=Customer.query.get_or_404(key), tags=Tag.query.all())

@bp.get("/given/<int:key>")
def given(key):
    customer = Customer.query.get_or_404(key)
    return render_template_string(
        "{% for o in orders %}{{ o.number }} {% endfor %}{{ paid }}",
        orders=customer.orders.filter(Order.amount > 20), paid=customer.paid.count(),
    )
"""


def test_reading(alike: Alike) -> None:
    paths = ["/read/1", "/read/2", "/methods/1", "/methods/2", "/methods/1?big=1"]
    paths += [
        "/handed/1",
        "/handed/2",
        "/given/1",
        "/given-in-the-bridge/1",
        "/either/1",
        "/either/1?own=1",
    ]
    pages = ["/pages/1", "/pages/1?page=2", "/pages/2?page=9"]
    alike(HEAD + READING, [*paths, *pages], models=MODELS)


def test_what_is_there_or_raises(alike: Alike) -> None:
    requests = [("POST", f"/or-none/{key}") for key in (1, 1, 2, 2)]
    sides = alike(HEAD + READING, requests, models=MODELS)
    reasons = {b.symbol for b in outcome_of(sides.conversion).bridged}
    assert "or_none" not in reasons


def test_writing(alike: Alike) -> None:
    one_by_one = [
        ("POST", path)
        for path in (
            *("/append/1", "/extend", "/given", "/add-tag/1", "/add-tag/1", "/move/1"),
            *(
                "/orphan/2",
                "/update/2",
                "/update-ordered/2",
                "/update-tags/2",
                "/update-fetched/2",
                "/bulk-delete/1",
                "/clear/3",
                "/delete/1",
                "/replace/2",
            ),
        )
    ]
    alike(HEAD + WRITING, one_by_one, models=MODELS)


OF_BOTH = """
def found_by(customer, number):
    return customer.orders.filter_by(number=number).first()

@bp.get("/both/<int:key>")
def both(key):
    order = db.session.get(Order, key)
    column = Order.customer_id
    place = order.customer if request.args.get("own", "1") else column
    found = found_by(order.customer, order.number), found_by(place, order.number)
    try:
        wrong = found_by(column, order.number)
    except AttributeError as error:
        wrong = type(error).__name__
    return jsonify(said(found), wrong, [o.number for o in place.orders], place.orders.count())
"""


def test_an_object_or_a_column(alike: Alike) -> None:
    pair = alike(HEAD + OF_BOTH, ["/both/1", "/both/2"], models=MODELS)
    assert "views.py" not in {b.path for b in outcome_of(pair.conversion).bridged}


def test_templates(alike: Alike) -> None:
    alike(HEAD + TEMPLATES, ["/page/1", "/page/2", "/given/1"], models=MODELS)
