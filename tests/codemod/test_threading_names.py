"""Names of `threading` and its like: taken for Python's where they are, in each scope by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from migrator.codemod.convert import convert
from migrator.runtime import threads

#: What is assigned to `made`, and whether it is one of ours afterwards.
FORMS = {
    "import": ("import threading\nmade = threading.Lock()", True),
    "import as": ("import threading as th\nmade = th.Lock()", True),
    "from": ("from threading import Lock, Thread\nmade = Lock(), Thread", True),
    "from as": ("from threading import RLock as L\nmade = L()", True),
    "star": ("from threading import *\nmade = Lock()", True),
    "own name beside a star": (
        "from threading import *\nclass Lock: pass\nmade = Lock()", False,
    ),
    "dotted": ("import concurrent.futures\nmade = concurrent.futures.ThreadPoolExecutor(1)", True),
    "from a package": ("from concurrent import futures\nmade = futures.ThreadPoolExecutor(1)", True),
    "as a value": ("import threading\nmade = (lambda f: f())(threading.Event)", True),
    "parameter of that name": (
        "import queue\ndef put(queue):\n    queue.put(1)\n    return queue\nmade = put(queue.Queue())", True,
    ),
    "variable of that name": (
        "import queue\ndef f():\n    queue = [1]\n    return queue\nf()\nmade = queue.Queue()", True,
    ),
    "inner function's parameter": (
        "import queue\ndef f():\n    def g(queue):\n        return queue\n    return g(queue.Queue())\nmade = f()",
        True,
    ),
    "the module's own name for it": ("import queue\nqueue = queue.Queue()\nmade = queue", True),
    "attribute of a class": (
        "import queue\nclass A:\n    queue = queue.Queue()\nmade = A.queue", True,
    ),
    "import in a function": (
        "def f():\n    import threading\n    return threading.Lock()\nmade = f()", True,
    ),
    "something else of that name": (
        "import threading\nclass Fake:\n    Lock = dict\n"
        "def f(threading):\n    return threading.Lock()\nmade = f(Fake)", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form: str, tmp_path: Path) -> None:
    text, ours = FORMS[form]
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text(text + "\n")
    space: dict[str, Any] = {"__name__": "shop"}
    exec(convert(tmp_path / "shop").texts["__init__.py"], space)
    made = space["made"]
    first = made[0] if isinstance(made, tuple) else made
    assert (type(first).__module__.startswith(threads.__name__)) is ours
