"""The shop: models with plain mappings, in the words of Flask-SQLAlchemy, and their rows, and what shows them."""

from __future__ import annotations

MODELS = """
tagged = db.Table(
    "tagged",
    db.Column("order_id", db.ForeignKey("order.id"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
)


class Named:
    def called(self):
        return f"<{self.name}>"

    def kind_and_name(self):
        return [type(self).__name__, self.called()]


class Customer(Named, UserMixin, db.Model):
    __tablename__ = "customer"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    level = db.Column(db.Integer)
    orders = db.relationship("Order", back_populates="customer", order_by="Order.id")
    visits = db.relationship("Visit", backref="customer", order_by="Visit.id", lazy="dynamic")

    def total(self):
        return sum(order.amount for order in self.orders)

    @property
    def sizes(self):
        return {order.number: len(order.lines) for order in self.orders}

    @property
    def last(self):
        return self.orders[-1]

    def __str__(self):
        return f"{self.name}:{len(self.orders)}"

    def dumped(self, deep=False):
        found = {"id": self.id, "name": self.name}
        if deep:
            found["orders"] = [order.dumped() for order in self.orders]
        return found


class Order(db.Model):
    __tablename__ = "order"
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20), unique=True, nullable=False)
    amount = db.Column(db.Integer)
    status = db.Column(db.String(10), default="new")
    note = deferred(db.Column(db.Text))
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship("Customer", back_populates="orders")
    lines = db.relationship("Line", backref="order", order_by="Line.id", cascade="all, delete-orphan")
    tags = db.relationship("Tag", secondary=tagged, backref="orders", order_by="Tag.id")

    @hybrid_property
    def big(self):
        return self.amount > 25

    @property
    def label(self):
        return f"{self.number}/{self.customer.name}"

    @property
    def name(self):
        return self.number

    def called(self):
        return self.label

    def count_of_lines(self):
        return len(self.lines) + sum(line.qty for line in self.lines)

    def dumped(self):
        return {"number": self.number, "tags": [tag.name for tag in self.tags]}

    def __lt__(self, other):
        return (self.customer.name, self.id) < (other.customer.name, other.id)


class Line(db.Model):
    __tablename__ = "line"
    id = db.Column(db.Integer, primary_key=True)
    sku = db.Column(db.String(20))
    qty = db.Column(db.Integer)
    order_id = db.Column(db.ForeignKey("order.id"))

    def called(self):
        return f"{self.sku} of {self.order.label}"

    def __iter__(self):
        yield self.sku
        yield self.order.customer.name


class Tag(Named, db.Model):
    __tablename__ = "tag"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))


class Visit(db.Model):
    __tablename__ = "visit"
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(10))
    place = db.Column(db.String(20))
    customer_id = db.Column(db.ForeignKey("customer.id"))
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "visit"}

    def called(self):
        return f"{self.place} {self.customer.name}"


class Call(Visit):
    __tablename__ = "call"
    id = db.Column(db.ForeignKey("visit.id"), primary_key=True)
    phone = db.Column(db.String(20))
    __mapper_args__ = {"polymorphic_identity": "call"}

    def called(self):
        return super().called() + self.phone


class Stock(db.Model):
    __tablename__ = "stock"
    id = db.Column(db.Integer, primary_key=True)
    left = db.Column(db.Integer)
    version = db.Column(db.Integer, nullable=False)
    __mapper_args__ = {"version_id_col": version}
"""

SEED = """
INSERT INTO customer VALUES (1, 'ann', 3), (2, 'bob', 1), (3, 'cy', 2);
INSERT INTO "order" VALUES (1, 'N1', 50, 'new', 'n1', 1), (2, 'N2', 40, 'paid', 'n2', 2), (3, 'N3', 30, 'new', 'n3', 1),
    (4, 'N4', 20, 'paid', NULL, 2), (5, 'N5', 10, 'new', 'n5', 3);
INSERT INTO line VALUES (1, 'a', 1, 1), (2, 'b', 2, 1), (3, 'c', 3, 2), (4, 'd', 4, 3), (5, 'e', 5, 4), (6, 'f', 6, 5);
INSERT INTO tag VALUES (1, 'red'), (2, 'blue');
INSERT INTO tagged VALUES (1, 1), (1, 2), (2, 1), (3, 2), (4, 1), (5, 2);
INSERT INTO visit VALUES (1, 'visit', 'rome', 1), (2, 'call', 'oslo', 1), (3, 'visit', 'bonn', 2), (4, 'call', 'kiev', 3);
INSERT INTO call VALUES (2, '22'), (4, '44');
INSERT INTO stock VALUES (1, 10, 1), (2, 20, 1);
"""


COLUMNS = {
    "Customer": (("id", "level"), ("name",)),
    "Order": (("id", "amount"), ("number", "status")),
    "Line": (("id", "qty"), ("sku",)),
    "Visit": (("id",), ("place",)),
    "Call": (("id",), ("place", "phone")),
    "Tag": (("id",), ("name",)),
}
MANY = {
    "Customer": {"orders": "Order"},
    "Order": {"lines": "Line", "tags": "Tag"},
    "Tag": {"orders": "Order"},
}
TO_ONE = {
    "Order": {"customer": "Customer"},
    "Line": {"order": "Order"},
    "Visit": {"customer": "Customer"},
    "Call": {"customer": "Customer"},
}

SHOWS = {
    "Customer": ("{}.total()", "{}.sizes", "str({})", "{}.last.number", "{}.dumped(True)", "{}.dumped(deep=False)", "{}.called()", "{}.kind_and_name()", "{}.visits.count()", "[v.place for v in {}.visits]", 'f"{{{}}}"', "len({}.orders)"),
    "Order": ("{}.label", "{}.count_of_lines()", "{}.dumped()", "{}.customer.name", "{}.customer.total()", "{}.called()", "{}.note", "{}.big", 'getattr({}, "label")', "{}.customer.visits.first().place", 'getattr({}.customer, "name")', '"%s" % {}.label', "{}.name"),
    "Line": ("{}.called()", "{}.order.customer.name", "list({})", "{}.order.dumped()", '"{{0.sku}} {{0.order.number}}".format({})', "[*{}]", "{}.order.lines[0].sku"),
    "Visit": ("{}.called()", "{}.customer.name", "{}.place", "type({}).__name__", 'getattr({}, "phone", "-")'),
    "Call": ("{}.called()", "{}.phone", "{}.customer.total()"),
    "Tag": ("{}.called()", "[o.number for o in {}.orders]", "{}.kind_and_name()", "sorted(o.label for o in {}.orders)", "len({}.orders)"),
}  # fmt: skip

KEYS = {
    "Customer": ("lambda {0}: {0}.total()", "lambda {0}: len({0}.orders)", "lambda {0}: ({0}.level, {0}.last.number)"),
    "Order": ("lambda {0}: {0}.customer.name + {0}.number", "lambda {0}: (len({0}.lines), {0}.id)", 'attrgetter("customer.name", "number")', "lambda {0}: -{0}.id", "None"),
    "Line": ("lambda {0}: {0}.order.customer.name + {0}.sku", 'attrgetter("order.number", "sku")'),
    "Visit": ("lambda {0}: {0}.customer.name + {0}.place",),
    "Call": ("lambda {0}: {0}.phone", "lambda {0}: {0}.called()"),
    "Tag": ("lambda {0}: (len({0}.orders), {0}.name)",),
}  # fmt: skip
CONDITIONS = {
    "Customer": ("{}.total() > 30", "{}.orders", "{}.last.amount < 40", "len({}.orders) > 1"),
    "Order": ("{}.customer.level > 1", "{}.lines", "{}.big", '"blue" in [t.name for t in {}.tags]', "{}.customer and {}.tags"),
    "Line": ("{}.order.big", "{}.order.customer.level > 1"),
    "Visit": ("{}.customer.level > 1",),
    "Call": ("{}.customer.total() > 1",),
    "Tag": ("{}.orders", "len({}.orders) > 1"),
}  # fmt: skip

IN_TEMPLATES = {
    "Customer": ("x.total()", "x.orders|length", "x.last.number", "x.called()", "x|string", "x.visits.count()", "x.orders|map(attribute='number')|join", "x.orders|sum(attribute='amount')", "x.dumped(deep=True).orders"),
    "Order": ("x.label", "x.customer.name", "x.lines|length", "x.dumped().tags", "x.note", "x.tags|map(attribute='name')|join('/')", "(x.lines|first).sku", "x.customer.visits.first().place", "x['label']", "x|attr('label')", "x.lines|groupby('sku')|length"),
    "Line": ("x.order.customer.name", "x.called()", "x|join(' ')", "'%s'|format(x.order.number)", "x.order.lines|length"),
    "Visit": ("x.customer.name", "x.called()", "x.customer.orders|length", "x.phone|default('-')"),
    "Call": ("x.phone", "x.customer.name"),
    "Tag": ("x.orders|length", "x.orders|map(attribute='label')|list", "x.called()"),
}  # fmt: skip
IN_CONDITIONS = {
    "Customer": "x.orders", "Order": "x.customer.level > 1", "Line": "x.order.big", "Visit": "x.customer", "Call": "x.phone", "Tag": "x.orders|length > 1",
}  # fmt: skip
