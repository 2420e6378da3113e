"""Fields of forms in the body of a class are not made there: their form calls their constructors."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, Form

class Roles(SelectField):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = [(c.id, c.name) for c in Customer.query.order_by(Customer.id)]

class Named(StringField):
    def process_data(self, value):
        self.data = Customer.query.filter_by(name=value or "ann").one().name

class Chosen(FlaskForm):
    role = Roles("r", coerce=int)

class Nested(Chosen):
    name = Named("n")

class Plain(Form):
    role = Roles("r", coerce=int, validate_choice=False)

@bp.get("/chosen")
def chosen():
    form = Chosen()
    return jsonify(form.role.choices, Customer.query.count())

@bp.get("/nested")
def nested():
    form = Nested(name=request.args.get("n"))
    return jsonify(form.role.choices, form.name.data, Customer.query.count())

@bp.get("/plain")
def plain():
    return jsonify(Plain(request.args).role.choices, Customer.query.count())

@bp.get("/made-here")
def made_here():
    class Here(Chosen):
        other = Roles("o", coerce=int)
    return jsonify(Here().other.choices, [c.name for c in Customer.query.order_by(Customer.id)])
"""
)


def test_a_form_makes_its_fields(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    pair = alike(VIEWS, ["/chosen", "/nested", "/nested?n=bob", "/plain", "/made-here"])
    outcome = outcome_of(pair.conversion)
    assert not outcome.findings
    assert not outcome.bridged
    assert "Implicit I/O" not in caplog.text
