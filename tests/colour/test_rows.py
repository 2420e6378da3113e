"""What a row holds is known by its name, wherever the row has been."""

from __future__ import annotations

import pytest

from tests.colour.conftest import Analyse

ORDER = """
from sqlalchemy import func


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    owner_id = db.Column(db.ForeignKey("user.id"))
    owner = db.relationship(User)


def counted():
    return db.session.query(Order, func.count()).group_by(Order).all()


"""


@pytest.mark.parametrize(
    "rows",
    [
        "db.session.query(Order, func.count()).group_by(Order).all()",
        "counted()",
        "list(counted())",
        "counted() if group else []",
    ],
)
@pytest.mark.parametrize("between", ["pass", "db.session.commit()"])
def test_names_are_kept(rows: str, between: str, analyse: Analyse) -> None:
    use = f"def owners(group):\n    rows = {rows}\n    {between}\n"
    use += "    return [row.Order.owner for row in rows]\n"
    text = analyse(ORDER + use).texts["app.py"]
    assert "row.Order.awaitable_attrs.owner" in text
