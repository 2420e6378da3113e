"""`given.get("name")` is no static method of a class that is asked by its name alone."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

SERVICES = """
import json

class Orders:
    @staticmethod
    def get(key):
        return Order.query.filter_by(id=key).one_or_none()
    @classmethod
    def number(cls, key):
        found = cls.get(key)
        return found and found.number

class Mixed:
    @classmethod
    def get(cls, key):
        return ["mixed", super().get(key).number]

class OfCustomers(Mixed, Orders):
    pass

def name_of(given):
    return given.get("name")

@bp.get("/names/<name>")
def names(name):
    given = json.loads('{"name": "%s"}' % name)
    found = Orders.get(1)
    return jsonify(name_of(given), given.get("other"), found.number, Orders.number(2), OfCustomers.get(3))
"""


def test_a_dict_is_asked_and_stays_asked(alike: Alike) -> None:
    text = alike(HEAD + SERVICES, ["/names/a"]).conversion.texts["views.py"]
    assert '\ndef name_of(given):\n    return given.get("name")' in text
    assert ' name_of(given), given.get("other"), ' in text
    assert "await Orders.get(1)" in text


#: How other code than what says its name comes by the class, or by an object of it.
HAVING = {
    "kept": "held = [Orders]",
    "made": "held = [Orders()]",
    "below": "class Below(Orders):\n    def own(self):\n        return 1\nheld = [Below()]",
    "made by itself": "class Making(Orders):\n    @classmethod\n    def made(cls):\n        return [cls()]\n"
    "held = Making.made()",
    "by its name": "held = [globals()['Ord' + 'ers']]",
    "by the module": "import sys\nheld = [getattr(sys.modules[__name__], 'Ord' + 'ers')]",
    "in a text": "held = [eval('Orders')]",
    "decorated": "def registered(cls, known=[]):\n    known.append(cls)\n    return known\n"
    "@registered\nclass held(Orders):\n    pass",
    "super is kept": "held = []\nclass Keeping(Orders):\n    @classmethod\n    def keep(cls):\n"
    "        held.append(super())\nKeeping.keep()",
    "the class of a method": "held = []\nclass Keeping(Orders):\n    @staticmethod\n    def keep():\n"
    "        held.append(__class__)\nKeeping.keep()",
    "by a method": "class Bound(Orders):\n    @classmethod\n    def own(cls):\n        return 1\n"
    "held = [Bound.own.__self__]",
    "a method is kept": "from types import SimpleNamespace\nheld = [SimpleNamespace(**{'g' + 'et': Orders.get})]",
    "got by its class": "from types import SimpleNamespace\nheld = []\nclass Keeping(Orders):\n    @classmethod\n"
    "    def keep(cls):\n        method = getattr(cls, 'g' + 'et')\n"
    "        held.append(SimpleNamespace(**{'g' + 'et': method}))\nKeeping.keep()",
    "kept in the body": "from types import SimpleNamespace\nclass Keeping:\n    @staticmethod\n    def get(key):\n"
    "        return Order.query.get(key)\n    held = [SimpleNamespace(**{'g' + 'et': get})]\nheld = Keeping.held",
    "kept by a decorator": "from types import SimpleNamespace\nheld = []\ndef kept(function):\n"
    "    held.append(SimpleNamespace(**{function.__name__: function}))\n    return function\n"
    "class Keeping:\n    @staticmethod\n    @kept\n    def get(key):\n        return Order.query.get(key)",
    "inside of another": "class Shop:\n    class Sold:\n        @staticmethod\n        def get(key):\n"
    "            return Order.query.get(key)\nheld = [getattr(Shop, 'So' + 'ld')]",
    "by the module that has it": "from PKG import handed\nheld = [getattr(handed, 'So' + 'ld')]",
    "by a module that imports it": "from PKG import handing\nheld = [getattr(handing, 'So' + 'ld')]",
    "by a package": "import PKG.handed\nimport PKG as package\nheld = [getattr(getattr(package, 'han' + 'ded'), 'So' + 'ld')]",
    "subclasses": "class Base:\n    pass\nclass One(Base):\n    get = None\n    @staticmethod\n"
    "    def get(key):\n        return Order.query.get(key)\nheld = Base.__subclasses__()",
}
#: Another module's class, and a module that has it from there.
SOLD = {
    "handed": "from PKG.models import Order\nclass Sold:\n    @staticmethod\n    def get(key):\n"
    "        return Order.query.get(key)\n",
    "handing": "from PKG.handed import Sold\n",
}
HELD = """
class Orders:
    @staticmethod
    def get(key):
        return Order.query.filter_by(id=key).one_or_none()

{having}

@bp.get("/held")
def of_held():
    return jsonify([each.get(1).number for each in held])
"""


@pytest.mark.usefixtures("uncaught")
@pytest.mark.parametrize("having", HAVING)
def test_whoever_has_the_class_may_be_asked(having: str, alike: Alike) -> None:
    alike(HEAD + HELD.format(having=HAVING[having]), ["/held"], **SOLD)
