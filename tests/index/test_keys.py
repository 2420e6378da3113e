"""Tables between two sides are found without a look at any body: those may change between two runs."""

from __future__ import annotations

from pathlib import Path

from migrator.index.models import Models
from migrator.index.project import Project

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
order_tags = db.Table(
    "order_tags",
    db.Column("order_id", db.ForeignKey("order.id"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
)


class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    tags = db.relationship(Tag, secondary="order_tags")
    twice = db.relationship(Tag, secondary="order_tags_again")

    def first(self):
        return len(self.tags)


def order_tags_again():
    return Order.query.first()
"""


def test_a_table_is_found_by_its_name_and_no_body_is_seen(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "__init__.py").write_text(MODELS)
    project = Project(root)
    project.bodies.watch(project.modules.values())
    models = Models(project)
    order = models.by_key["shop:Order"]
    assert (order.relationships["tags"].once, order.relationships["twice"].once) == (True, False)
    assert not [entry for entry in models.seen if entry[0] == "bodies"]
