"""A class of the repository's own that derives from Flask-SQLAlchemy's: its methods are followed."""

from __future__ import annotations

import textwrap

import pytest

from tests.codemod.alike import FILES, HEAD, Alike

OWN = """
from contextlib import contextmanager
from flask_sqlalchemy import SQLAlchemy as BaseSQLAlchemy

class SQLAlchemy(BaseSQLAlchemy):
    kept = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = []

    def init_app(self, app):
        super().init_app(app)
        app.config.setdefault("SHOP", "small")

    @contextmanager
    def transaction(self):
        try:
            yield self.session
            self.session.commit()
        except ValueError:
            self.session.rollback()
            raise

    def save(self, obj, *more):
        self.session.add_all([obj, *more])
        self.session.commit()
        self.kept.append(obj.name)
        return obj

    def names(self):
        return [c.name for c in self.session.query(Customer).order_by(Customer.name)]

    def found(self, key):
        return self.get_or_404(Customer, key)

    @property
    def count(self):
        return self.session.query(Customer).count()

"""
MODELS = OWN + textwrap.dedent(FILES["models.py"]).replace(
    "from flask_sqlalchemy import SQLAlchemy\n", ""
)


@pytest.mark.parametrize(
    "view",
    [
        "return ','.join(db.names())",
        "return str(db.count)",
        "return db.found(1).orders[0].number",
        "return db.save(Customer(name='cyd')).name + str(db.count) + db.kept[-1]",
        "with db.transaction():\n"
        "        db.session.add(Customer(name='eve'))\n"
        "    return ','.join(db.names())",
        "with db.transaction() as session:\n"
        "        session.add(Customer(name='eve'))\n"
        "        return str(session.query(Customer).count())",
        "try:\n"
        "        with db.transaction():\n"
        "            db.session.add(Customer(name='eve'))\n"
        "            db.session.flush()\n"
        "            raise ValueError\n"
        "    except ValueError:\n"
        "        return str(db.count) + current_app.config['SHOP']",
        "return ','.join(c.name for c in db.paginate(db.select(Customer), per_page=1).items)",
    ],
)
def test_its_methods_run_as_before(view: str, alike: Alike) -> None:
    alike(f"{HEAD}@bp.route('/')\ndef view():\n    {view}\n", ["/"], models=MODELS)
