"""The library: models whose mappings load, compute and refuse by themselves; their rows, and what shows them."""

from __future__ import annotations

MODELS = """

class Size:
    def __init__(self, width, height):
        self.width, self.height = width, height

    def __composite_values__(self):
        return self.width, self.height

    def __eq__(self, other):
        return isinstance(other, Size) and (self.width, self.height) == (other.width, other.height)

    def area(self):
        return (self.width or 0) * (self.height or 0)


class Shelf(db.Model):
    __tablename__ = "shelf"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    parent_id = db.Column(db.ForeignKey("shelf.id"))
    children = db.relationship(
        "Shelf", backref=db.backref("parent", remote_side=[id]), order_by="Shelf.name.desc()", lazy="selectin", join_depth=1
    )
    books = db.relationship("Book", back_populates="shelf", order_by="Book.title.desc()")
    cheap = db.relationship(
        "Book", primaryjoin="and_(Shelf.id == foreign(Book.shelf_id), Book.price < 8)", viewonly=True, lazy="joined", order_by="Book.id"
    )

    @property
    def path(self):
        return self.name if self.parent is None else f"{self.parent.path}/{self.name}"

    def below(self):
        return [self.name, *(name for child in self.children for name in child.below())]


class Book(db.Model):
    __tablename__ = "book"
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(20))
    price = db.Column(db.Integer)
    shelf_id = db.Column(db.ForeignKey("shelf.id"), nullable=False)
    state = db.Column(db.String(9), server_default="in")
    changes = db.Column(db.Integer, default=0, onupdate=lambda context: context.get_current_parameters().get("price", 0))
    stamp = db.Column(db.Integer, default=lambda: 3, onupdate=text("stamp + 1"))
    summary = deferred(db.Column(db.Text), group="texts")
    blurb = deferred(db.Column(db.Text), group="texts")
    width = db.Column(db.Integer)
    height = db.Column(db.Integer)
    size = composite(Size, "width", "height")
    name = synonym("title")
    shelf = db.relationship("Shelf", back_populates="books", lazy="joined", innerjoin=True)
    copies = db.relationship(
        "Copy", back_populates="book", cascade="all, delete-orphan", passive_deletes=True, lazy="subquery", order_by="Copy.id"
    )
    free = db.relationship(
        "Copy", primaryjoin="and_(Book.id == foreign(Copy.book_id), Copy.lent == 0)", viewonly=True, order_by="Copy.id.desc()"
    )
    credits = db.relationship("Credit", back_populates="book", cascade="all, delete-orphan", order_by="Credit.role")
    writers = association_proxy("credits", "writer", creator=lambda writer: Credit(writer=writer, role="new"))
    roles = association_proxy("credits", "role")

    @hybrid_property
    def worth(self):
        return sum(copy.lent for copy in self.copies) + self.price

    @worth.expression
    def worth(cls):
        return select(func.coalesce(func.sum(Copy.lent), 0)).where(Copy.book_id == cls.id).correlate(cls).scalar_subquery() + cls.price

    @property
    def label(self):
        return f"{self.title}@{self.shelf.path}"

    @validates("price")
    def checked(self, key, price):
        if price is not None and price > 80:
            raise ValueError(f"{self.title}: {price}")
        return price

    def __repr__(self):
        return f"<{self.title} {[copy.code for copy in self.copies]}>"


class Copy(db.Model):
    __tablename__ = "copy"
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(9))
    code = db.Column(db.String(20))
    lent = db.Column(db.Integer, default=0)
    place = db.Column(db.String(9), server_default="hall")
    book_id = db.Column(db.ForeignKey("book.id", ondelete="CASCADE"))
    book = db.relationship("Book", back_populates="copies")
    strict = db.relationship("Book", viewonly=True, lazy="raise")
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "copy", "with_polymorphic": "*"}

    def called(self):
        return f"{self.code} of {self.book.label}"


class Precious(Copy):
    insured = db.Column(db.Integer)
    guard_id = db.Column(db.ForeignKey("writer.id"))
    guard = db.relationship("Writer", lazy="selectin")
    __mapper_args__ = {"polymorphic_identity": "precious"}

    def called(self):
        return f"{super().called()} {self.insured} {self.guard and self.guard.name}"


class Writer(db.Model):
    __tablename__ = "writer"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    born = db.Column(db.Integer)
    credits = db.relationship("Credit", back_populates="writer", order_by="Credit.book_id", passive_deletes="all")
    books = association_proxy("credits", "book")
    titles = association_proxy("credits", "title")
    prizes = db.relationship("Prize", back_populates="writer", lazy="write_only", cascade="all, delete-orphan", passive_deletes=True)

    def prized(self):
        return object_session(self).scalars(self.prizes.select().order_by(Prize.id)).all()


class Credit(db.Model):
    __tablename__ = "credit"
    book_id = db.Column(db.ForeignKey("book.id"), primary_key=True)
    writer_id = db.Column(db.ForeignKey("writer.id"), primary_key=True)
    role = db.Column(db.String(9))
    title = association_proxy("book", "title")
    book = db.relationship("Book", back_populates="credits")
    writer = db.relationship("Writer", back_populates="credits", lazy="joined")


class Prize(db.Model):
    __tablename__ = "prize"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    year = db.Column(db.Integer)
    writer_id = db.Column(db.ForeignKey("writer.id", ondelete="CASCADE"))
    writer = db.relationship("Writer", back_populates="prizes", lazy="selectin")


Book.count_of_copies = column_property(
    select(func.count(Copy.id)).where(Copy.book_id == Book.id).correlate_except(Copy).scalar_subquery()
)
Writer.latest = column_property(
    select(func.max(Prize.year)).where(Prize.writer_id == Writer.id).correlate_except(Prize).scalar_subquery(), deferred=True
)
"""

SEED = """
INSERT INTO shelf VALUES (1, 'top', NULL), (2, 'art', 1), (3, 'law', 1), (4, 'old', 3);
INSERT INTO book VALUES (1, 'B1', 9, 2, 'in', 0, 3, 's1', 'b1', 2, 3), (2, 'B2', 7, 4, 'out', 0, 3, 's2', NULL, 4, 5),
    (3, 'B3', 5, 2, 'in', 0, 3, NULL, 'b3', NULL, NULL), (4, 'B4', 3, 3, 'in', 0, 3, 's4', 'b4', 1, 1);
INSERT INTO writer VALUES (1, 'eva', 1900), (2, 'fay', 1910), (3, 'gus', 1920);
INSERT INTO credit VALUES (1, 1, 'text'), (1, 2, 'cover'), (2, 2, 'text'), (3, 1, 'text'), (4, 3, 'text');
INSERT INTO copy VALUES (1, 'copy', 'c1', 0, 'hall', 1, NULL, NULL), (2, 'precious', 'c2', 1, 'safe', 1, 90, 3),
    (3, 'copy', 'c3', 1, 'hall', 2, NULL, NULL), (4, 'precious', 'c4', 0, 'safe', 3, 70, NULL), (5, 'copy', 'c5', 0, 'hall', 4, NULL, NULL);
INSERT INTO prize VALUES (1, 'gold', 1930, 1), (2, 'iron', 1950, 1), (3, 'gold', 1940, 2);
"""

COLUMNS = {
    "Shelf": (("id",), ("name",)),
    "Book": (("id", "price", "count_of_copies", "worth"), ("title", "state", "name")),
    "Copy": (("id", "lent"), ("code", "place")),
    "Writer": (("id", "born"), ("name",)),
    "Prize": (("id", "year"), ("name",)),
}
MANY = {
    "Shelf": {"children": "Shelf", "books": "Book", "cheap": "Book"},
    "Book": {"copies": "Copy", "free": "Copy", "writers": "Writer"},
    "Writer": {"books": "Book"},
}
TO_ONE = {
    "Shelf": {"parent": "Shelf"},
    "Book": {"shelf": "Shelf"},
    "Copy": {"book": "Book"},
    "Prize": {"writer": "Writer"},
}
#: Those of them that are no relationships, but go over one.
PROXIES = {"Book": {"writers": "credits"}, "Writer": {"books": "credits"}}
SHOWS = {
    "Shelf": ("{0}.path", "{0}.below()", "[b.label for b in {0}.books]", "[b.title for b in {0}.cheap]", "{0}.parent and {0}.parent.name", "[c.path for c in {0}.children]", "len({0}.books)", "[b.free[0].code for b in {0}.books if b.free]"),
    "Book": ("{0}.label", "{0}.shelf.below()", "{0}.worth", "{0}.count_of_copies", "[c.code for c in {0}.copies]", "[c.called() for c in {0}.free]", "[w.name for w in {0}.writers]", "list({0}.roles)", "[{0}.summary, {0}.blurb]", "{0}.blurb", "{0}.name", "{0}.size.area()", "[{0}.state, {0}.changes, {0}.stamp]", "repr({0})", "[t for w in {0}.writers for t in w.titles]", "{0}.credits[0].writer.name"),
    "Copy": ("{0}.called()", "{0}.book.shelf.name", "getattr({0}, 'insured', '-')", "[type({0}).__name__, {0}.place]", "{0}.strict.title", "{0}.book.worth", "[w.name for w in {0}.book.writers]", "{0}.book.count_of_copies"),
    "Writer": ("list({0}.titles)", "[b.label for b in {0}.books]", "[p.name for p in {0}.prized()]", "{0}.latest", "[c.role for c in {0}.credits]", "sorted(b.worth for b in {0}.books)", "len({0}.books)"),
    "Prize": ("{0}.writer.name", "list({0}.writer.titles)", "{0}.writer.latest", "{0}.name"),
}  # fmt: skip
KEYS = {
    "Shelf": ("lambda {0}: {0}.path", "lambda {0}: (len({0}.books), {0}.id)"),
    "Book": ("lambda {0}: {0}.label", "lambda {0}: ({0}.worth, {0}.id)", 'attrgetter("shelf.name", "id")', "lambda {0}: (-{0}.count_of_copies, {0}.id)"),
    "Copy": ("lambda {0}: {0}.called()", 'attrgetter("book.title", "id")'),
    "Writer": ("lambda {0}: (len({0}.books), {0}.id)", "lambda {0}: {0}.latest or 0"),
    "Prize": ("lambda {0}: ({0}.writer.name, {0}.id)",),
}  # fmt: skip
CONDITIONS = {
    "Shelf": ("{}.parent", "{}.books", "len({}.children) < 2"),
    "Book": ("{}.worth > 4", "{}.free", "{}.shelf.parent", "{}.count_of_copies > 1", "'eva' in [w.name for w in {}.writers]", "{}.summary"),
    "Copy": ("{}.book.price > 4", "{}.lent == 0", "{}.book.free"),
    "Writer": ("{}.books", "{}.latest", "'text' in [c.role for c in {}.credits]"),
    "Prize": ("{}.writer.books", "{}.year > 1935"),
}  # fmt: skip
IN_TEMPLATES = {
    "Shelf": ("x.path", "x.books|map(attribute='label')|join", "x.below()|join('/')", "x.parent.name|default('-')"),
    "Book": ("x.label", "x.worth", "x.copies|length", "x.writers|map(attribute='name')|join", "x.blurb", "x.free|map(attribute='code')|list", "x.shelf.parent.name", "x.count_of_copies"),
    "Copy": ("x.called()", "x.book.shelf.path", "x.insured|default('-')"),
    "Writer": ("x.titles|join", "x.books|length", "x.latest"),
    "Prize": ("x.writer.name",),
}  # fmt: skip
IN_CONDITIONS = {"Shelf": "x.parent", "Book": "x.free", "Copy": "x.book.price > 4", "Writer": "x.latest", "Prize": "x.writer.books"}  # fmt: skip
