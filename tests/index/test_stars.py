"""What a name means where `import *` may bring it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migrator.index.definitions import FunctionInfo, Module
from tests.index.written import project

#: The texts of its modules, and what `shop.run` is.
FORMS: dict[str, tuple[dict[str, str], str]] = {
    "a submodule of that name": ({"__init__": "from .run import *\n"}, "run:run"),
    "a submodule that keeps it": (
        {
            "__init__": "from .run import *\n",
            "run": "__all__ = ['other']\nother = 1\ndef run(): pass\n",
        },
        "shop.run",
    ),
    "listed": (
        {"__init__": "from .run import *\n", "run": "__all__ = ('run',)\ndef run(): pass\n"},
        "run:run",
    ),
    "listed later": (
        {
            "__init__": "from .run import *\n",
            "run": "__all__ = []\ndef run(): pass\n__all__ += ['run']\n",
        },
        "run:run",
    ),
    "the last star": ({"__init__": "from .one import *\nfrom .two import *\n"}, "two:run"),
    "the last star, the first has it": (
        {"__init__": "from .two import *\nfrom .none import *\n"},
        "two:run",
    ),
    "a fallback": (
        {"__init__": "try:\n    from .one import *\nexcept ImportError:\n    from .two import *\n"},
        "one:run",
    ),
    "above a star": ({"__init__": "def run(): pass\nfrom .one import *\n"}, "one:run"),
    "imported above a star": (
        {"__init__": "from .two import run\nfrom .one import *\n"},
        "one:run",
    ),
    "above a star without it": (
        {"__init__": "def run(): pass\nfrom .none import *\n"},
        "__init__:run",
    ),
    "below a star": ({"__init__": "from .one import *\ndef run(): pass\n"}, "__init__:run"),
    "above and below": (
        {"__init__": "def run(): pass\nfrom .one import *\nfrom .two import run\n"},
        "two:run",
    ),
    "a star that imports it from here": (
        {
            "__init__": "def run(): pass\nfrom .circle import *\n",
            "circle": "from shop import run\n",
        },
        "__init__:run",
    ),
    "a submodule's, imported from here": (
        {
            "__init__": "from .run import run\nfrom .circle import *\n",
            "circle": "from shop import run\n",
        },
        "run:run",
    ),
}
TEXTS = {
    "run": "def run(): pass\n",
    "one": "def run(): pass\n",
    "two": "def run(): pass\n",
    "none": "def other(): pass\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_the_name_is(form: str, tmp_path: Path) -> None:
    texts, meant = FORMS[form]
    files = {f"{name}.py": text for name, text in {**TEXTS, **texts}.items()}
    found = project(tmp_path, files, "shop")
    what = found.lookup(found.modules["shop"], "run")
    if isinstance(what, FunctionInfo):
        assert _short(what.key) == meant
    else:
        assert isinstance(what, Module)
        assert what.name == meant
    assert _run(tmp_path) == meant


def _run(folder: Path) -> str:
    """What Python says that it is."""
    asked = (
        "import shop, types\nrun = shop.run\n"
        "print(run.__name__ if isinstance(run, types.ModuleType) else f'{run.__module__}:run')"
    )
    said = subprocess.run(
        [sys.executable, "-c", asked], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()
    return _short(said)


def _short(name: str) -> str:
    return name if ":" not in name else name.removeprefix("shop.").replace("shop:", "__init__:")
