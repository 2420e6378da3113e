"""The lab: mapped dataclasses, imperative mappings, types and collections of its own; their rows, and what shows them."""

from __future__ import annotations

#: What its models need; `METADATA` is that of the application's other models.
HEAD = """
import enum
from typing import Annotated, Optional
from sqlalchemy import JSON, Enum as EnumType, ForeignKeyConstraint, TypeDecorator, String as Words
from sqlalchemy import Column as LabColumn, ForeignKey as LabKey, Integer as LabInteger, Table as LabTable
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, registry
from sqlalchemy.orm import query_expression, relationship, with_expression

reg = registry(metadata=METADATA)
"""
MODELS = """

class Kind(enum.Enum):
    small = "S"
    large = "L"


class Upper(TypeDecorator):
    impl = Words
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value.upper()

    def process_result_value(self, value, dialect):
        return value and value.lower()


ordered = ordering_list("position")
worded = attribute_keyed_dict("word")
key = Annotated[int, mapped_column(primary_key=True)]
word = Annotated[Optional[str], mapped_column(Upper(20))]


@reg.mapped_as_dataclass
class Room:
    __tablename__ = "room"
    id: Mapped[key] = mapped_column(init=False)
    name: Mapped[word]
    kind: Mapped[Kind] = mapped_column(EnumType(Kind, native_enum=False, length=9), default=Kind.small)
    facts: Mapped[Optional[dict]] = mapped_column(MutableDict.as_mutable(JSON), default_factory=dict)
    notes: Mapped[Optional[list]] = mapped_column(MutableList.as_mutable(JSON), default_factory=list, repr=False, deferred=True)
    desks: Mapped[list["Desk"]] = relationship(
        back_populates="room", order_by="Desk.position", collection_class=ordered, default_factory=ordered, repr=False,
        cascade="all, delete-orphan",
    )
    labels: Mapped[dict[str, "Label"]] = relationship(
        collection_class=worded, default_factory=worded, repr=False, cascade="all, delete-orphan"
    )
    extra: Mapped[Optional[int]] = query_expression(repr=False)

    @hybrid_method
    def holds(self, number):
        return self.id <= number

    @property
    def label(self):
        return f"{self.name}:{[desk.name for desk in self.desks]}"

    def __post_init__(self):
        self.facts.setdefault("made", self.name)


@reg.mapped_as_dataclass(kw_only=True)
class Desk:
    __tablename__ = "desk"
    room_id: Mapped[int] = mapped_column(LabKey("room.id"), primary_key=True, default=None)
    name: Mapped[str] = mapped_column(Words(20), primary_key=True)
    position: Mapped[Optional[int]] = mapped_column(default=None)
    room: Mapped[Optional["Room"]] = relationship(back_populates="desks", default=None, repr=False)
    badges: Mapped[list["Badge"]] = relationship("Badge", back_populates="desk", order_by="Badge.id", default_factory=list, repr=False)


@reg.mapped
class Label:
    __tablename__ = "label"
    id: Mapped[key]
    word: Mapped[str] = mapped_column(Words(20))
    text: Mapped[Optional[str]] = mapped_column(Words(20))
    room_id: Mapped[Optional[int]] = mapped_column(LabKey("room.id"))


class Badge:
    def __init__(self, code, desk=None):
        self.code = code
        self.desk = desk

    def told(self):
        return f"{self.code} of {self.desk.room.label}"


reg.map_imperatively(
    Badge,
    LabTable(
        "badge", reg.metadata,
        LabColumn("id", LabInteger, primary_key=True), LabColumn("badge_code", Words(20), key="code"),
        LabColumn("room_id", LabInteger), LabColumn("desk_name", Words(20)),
        ForeignKeyConstraint(["room_id", "desk_name"], ["desk.room_id", "desk.name"]),
    ),
    properties={"desk": relationship(Desk, back_populates="badges")},
)


@reg.mapped
class Gear:
    __tablename__ = "gear"
    id: Mapped[key]
    kind: Mapped[str] = mapped_column(Words(9))
    name: Mapped[Optional[str]] = mapped_column(Words(20))
    part_of_id: Mapped[Optional[int]] = mapped_column(LabKey("gear.id"))
    parts: Mapped[list["Gear"]] = relationship(back_populates="part_of", order_by="Gear.id")
    part_of: Mapped[Optional["Gear"]] = relationship(back_populates="parts", remote_side="Gear.id")
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "gear"}

    def tree(self):
        return [self.name, *(part.tree() for part in self.parts)]


@reg.mapped
class Machine(Gear):
    __tablename__ = "machine"
    id: Mapped[int] = mapped_column(LabKey("gear.id"), primary_key=True)
    watts: Mapped[Optional[int]]
    room_id: Mapped[Optional[int]] = mapped_column(LabKey("room.id"))
    room: Mapped[Optional["Room"]] = relationship("Room")
    __mapper_args__ = {"polymorphic_identity": "machine"}


@reg.mapped
class Robot(Machine):
    __tablename__ = "robot"
    id: Mapped[int] = mapped_column(LabKey("machine.id"), primary_key=True)
    arms: Mapped[Optional[int]]
    __mapper_args__ = {"polymorphic_identity": "robot", "polymorphic_load": "inline"}
"""

SEED = """
INSERT INTO room (id, name, kind, facts, notes) VALUES (1, 'HALL', 'large', '{"a": 1}', '[1, 2]'), (2, 'CELL', 'small', '{}', '[]'), (3, 'LOFT', 'small', '{"b": [2]}', '["x"]');
INSERT INTO desk (room_id, name, position) VALUES (1, 'd1', 0), (1, 'd2', 1), (2, 'd1', 0), (3, 'd9', 0);
INSERT INTO label (id, word, text, room_id) VALUES (1, 'one', 't1', 1), (2, 'two', 't2', 1), (3, 'one', 't3', 2);
INSERT INTO badge (id, badge_code, room_id, desk_name) VALUES (1, 'b1', 1, 'd1'), (2, 'b2', 1, 'd1'), (3, 'b3', 2, 'd1');
INSERT INTO gear (id, kind, name, part_of_id) VALUES (1, 'machine', 'mill', NULL), (2, 'robot', 'bob', 1), (3, 'gear', 'wheel', NULL), (4, 'gear', 'cog', 1), (5, 'robot', 'al', 2);
INSERT INTO machine (id, watts, room_id) VALUES (1, 90, 1), (2, 20, 2), (5, 30, 1);
INSERT INTO robot (id, arms) VALUES (2, 2), (5, 4);
"""

COLUMNS = {
    "Room": (("id",), ("name",)),
    "Badge": (("id",), ("code",)),
    "Gear": (("id",), ("name", "kind")),
    "Machine": (("id", "watts"), ("name",)),
}
MANY = {"Gear": {"parts": "Gear"}}
TO_ONE = {"Machine": {"room": "Room"}, "Gear": {"part_of": "Gear"}}
SHOWS = {
    "Room": ("{0}.label", "[{0}.kind.value, {0}.name]", "dict({0}.facts)", "list({0}.notes or [])", "{{k: v.text for k, v in {0}.labels.items()}}", "[d.position for d in {0}.desks]", "{0}.holds(2)", "repr({0})", "[b.code for d in {0}.desks for b in d.badges]", "{0} == {0}", "{0}.extra", "{0}.facts.get('made')"),
    "Badge": ("{0}.told()", "{0}.code", "{0}.desk.name", "{0}.desk.position", "[b.code for b in {0}.desk.badges]", "{0}.desk.room.kind.name"),
    "Gear": ("{0}.tree()", "getattr({0}, 'watts', '-')", "[type(p).__name__ for p in {0}.parts]", "{0}.part_of and {0}.part_of.name", "getattr({0}, 'arms', None)", "[getattr(p, 'watts', 0) for p in {0}.parts]", "{0}.room.label if hasattr({0}, 'watts') else '-'"),
    "Machine": ("{0}.room.label", "{0}.watts", "{0}.tree()", "getattr({0}, 'arms', '-')", "{0}.part_of and {0}.part_of.tree()"),
}  # fmt: skip
KEYS = {
    "Room": ("lambda {0}: {0}.label", "lambda {0}: (len({0}.desks), {0}.id)", 'attrgetter("name")'),
    "Badge": ("lambda {0}: ({0}.told(), {0}.id)", 'attrgetter("desk.name", "code")'),
    "Gear": ("lambda {0}: (len({0}.parts), {0}.id)", "lambda {0}: str({0}.tree())"),
    "Machine": ("lambda {0}: {0}.room.label + {0}.name",),
}  # fmt: skip
CONDITIONS = {
    "Room": ("{}.desks", "{}.labels", "{}.facts", "{}.holds(2)"),
    "Badge": ("{}.desk.room.labels", "{}.desk"),
    "Gear": ("{}.parts", "{}.part_of", "getattr({}, 'watts', 0)"),
    "Machine": ("{}.room.labels", "{}.parts"),
}  # fmt: skip
IN_TEMPLATES = {
    "Room": ("x.label", "x.kind.value", "x.labels|length", "x.facts|tojson", "x.desks|map(attribute='name')|join", "x.notes"),
    "Badge": ("x.told()", "x.desk.room.name"),
    "Gear": ("x.tree()", "x.watts|default('-')", "x.parts|length"),
    "Machine": ("x.room.label", "x.watts"),
}  # fmt: skip
IN_CONDITIONS = {"Room": "x.desks", "Badge": "x.desk", "Gear": "x.parts", "Machine": "x.room.labels"}  # fmt: skip
#: What statements do to it: as in `changes`.
CHANGES = {
    "Room": (
        "{0}.facts['{N}'] = 1", "{0}.facts.update(k='{N}')", "{0}.notes.append('{N}')", "{0}.desks.append({Desk}(name='{N}'))", "{0}.desks.insert(0, {Desk}(name='{N}'))",
        "{0}.desks.pop(0)", "{0}.labels['{N}'] = {Label}(word='{N}', text='x')", "del {0}.labels['one']", "{0}.kind = {Kind}.large", "{0}.name = '{N}'", "{0}.desks.reverse()",
        "{0}.facts = {{}}", "{0}.labels = {{}}", "{0}.desks[0].badges.append({Badge}('{N}'))", "{0}.desks[-1].room = {S}.get({Room}, 2)",
    ),
    "Badge": ("{0}.code = '{N}'", "{0}.desk = {S}.get({Desk}, (2, 'd1'))", "{0}.desk.badges.remove({0})", "{0}.desk.position = 7", "{S}.delete({0})"),
    "Gear": ("{0}.parts.append({Robot}(name='{N}', arms=1))", "{0}.part_of = {S}.get({Gear}, 1)", "{0}.name = '{N}'", "{S}.refresh({0})", "{0}.parts = []"),
    "Machine": ("{0}.watts = 5", "{0}.room = {S}.get({Room}, 3)", "{0}.room.name = '{N}'", "{0}.parts.append({Gear}(kind='gear', name='{N}'))", "{S}.delete({0})"),
}  # fmt: skip
ANYWHERE = (
    "{S}.add({Room}('{N}'))", "{S}.add({Room}(name='{N}', kind={Kind}.large, desks=[{Desk}(name='{N}')]))", "{S}.add({Badge}('{N}', {S}.get({Desk}, (1, 'd2'))))",
    "{S}.add({Robot}(name='{N}', watts=1, arms=2, room_id=2))", "{S}.add({Desk}(room_id=2, name='{N}'))", "{S}.add({Desk}(room_id=1, name='d1'))",
    "{S}.execute(update({Room}).where({Room}.kind == {Kind}.small).values(name='{N}'))", "{S}.execute(insert({Room}), [{{'name': '{N}', 'facts': {{'n': 1}}}}])",
    "{S}.query({Machine}).filter({Machine}.watts > 25).update({{'watts': 1}})", "{S}.execute(update({Robot}).values(arms=9))", "{S}.merge({Desk}(room_id=1, name='d2', position=5))",
    "{S}.delete({S}.get({Room}, 3))", "{S}.delete({S}.get({Gear}, 1))", "{S}.get({Desk}, {{'room_id': 1, 'name': 'd1'}}).badges.clear()", "{S}.add({Label}(word='{N}', room_id=2))",
    "{S}.query({Room}).filter({Room}.holds(2)).update({{'name': '{N}'}}, synchronize_session='fetch')",
)  # fmt: skip
OTHERS = ("Desk", "Label", "Kind", "Robot")
#: As in `refinements`.
REFINEMENTS = {
    "Room": (
        "{0}.filter({1}.holds(2))", "{0}.filter({1}.kind == {Kind}.small)", "{0}.options(selectinload({1}.desks).joinedload({Desk}.badges))", "{0}.options(undefer({1}.notes))",
        "{0}.filter({1}.name == 'hall')", "{0}.filter({1}.desks.any({Desk}.name == 'd1'))", "{0}.options(joinedload({1}.labels))", "{0}.options(with_expression({1}.extra, {1}.id + 1))",
        "{0}.join({1}.labels).filter({Label}.word == 'one')",
    ),
    "Badge": ("{0}.join({1}.desk).filter({Desk}.position == 0)", "{0}.options(joinedload({1}.desk).joinedload({Desk}.room))", "{0}.filter({1}.desk.has(name='d1'))"),
    "Gear": ("{0}.options(selectin_polymorphic({1}, [{Machine}, {Robot}]))", "{0}.options(selectinload({1}.parts, recursion_depth=2))", "{0}.filter({1}.parts.any())", "{0}.options(joinedload({1}.parts.of_type({Machine})))", "{0}.filter({1}.kind == 'robot')"),
    "Machine": ("{0}.options(joinedload({1}.room))", "{0}.filter({1}.room.has({Room}.name == 'hall'))", "{0}.join({1}.room)"),
}  # fmt: skip
