"""`from flask import *` and its like: what they give is known by the packages that are installed. Executed, in both frames."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    "__init__.py": """
        import os
        from flask import *
        from flask_login import *
        from flask_sqlalchemy import *

        db = SQLAlchemy()
        login = LoginManager()

        def create_app():
            app = Flask(__name__)
            app.secret_key = "x"
            place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __name__ + ".db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
            db.init_app(app)
            login.init_app(app)
            from .views import bp
            app.register_blueprint(bp)
            with app.app_context():
                db.create_all()
            return app
    """,
    "models.py": """
        from sqlalchemy import *
        from sqlalchemy.orm import *
        from flask_login import UserMixin
        from . import db, login

        class User(UserMixin, db.Model):
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            items = relationship("Item", order_by="Item.id")

        class Item(db.Model):
            id = Column(Integer, primary_key=True)
            name = Column(String(20))
            user_id = Column(ForeignKey("user.id"))

        @login.user_loader
        def load(key):
            return db.session.get(User, int(key))
    """,
    # What the views have of Flask they have by way of it.
    "common.py": """
        from flask import *
        from flask_login import *
        from .models import *

        def answer(rows):
            return jsonify([row.name for row in rows])
    """,
    "views.py": """
        from .common import *
        from . import db

        bp = Blueprint("shop", __name__)

        @bp.route("/fill")
        def fill():
            Item.query.delete()
            User.query.delete()
            db.session.add(User(id=1, name="ann", items=[Item(name="a"), Item(name="b")]))
            db.session.commit()
            return redirect(url_for("shop.come"))

        @bp.route("/come")
        def come():
            login_user(User.query.filter(or_(User.name == "ann", User.name == "bob")).one())
            return current_user.name

        @bp.route("/mine")
        @login_required
        def mine():
            return answer(current_user.items)

        @bp.route("/page")
        def page():
            text = "{{% for user in users %}}{{{{ user.name }}}}: {{{{ user.items|length }}}}{{% endfor %}}"
            return render_template_string(text, users=User.query.options(joinedload(User.items)))

        @bp.route("/said")
        def said():
            return jsonify(request.args.get("a"), db.session.query(func.count(Item.id)).scalar())
    """,
}
REQUESTS: list[Request] = [("GET", p) for p in ("/fill", "/come", "/mine", "/page", "/said?a=1")]


@pytest.mark.parametrize("frame", FRAMES)
def test_what_a_star_gives(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"starred_{frame}", FILES, frame)
    assert not sides.conversion.findings
    expected = list(sides.answers(importlib.import_module(sides.legacy).create_app(), REQUESTS))
    assert [answer[2] for answer in expected] == [302, 200, 200, 200, 200]
    with sides.converted() as target:
        assert list(sides.answers(target.app, REQUESTS)) == expected
    if frame == "fastapi":
        assert "from flask" not in "".join(sides.conversion.texts.values())
