"""Where Python looks for the modules below a folder: in the folder itself, or in one below it (`src/`, `backend/`).

A repository's top is what one gives first. Where its modules import each other as they lie in `src/`, that folder is on
`sys.path` when they run, by an installation, `PYTHONPATH`, or the working directory of a server.

https://packaging.python.org/en/latest/discussions/src-layout-vs-flat-layout/
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

from migrator.index.apart import lies_with_tests

_IMPORTED = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
#: What an application is made of: a folder of scripts that import each other is no place.
_MADE_OF = frozenset({"flask", "flask_sqlalchemy", "sqlalchemy"})


def place_of(root: Path, paths: Sequence[str]) -> str:
    """The folder below `root` that an application's modules are imported from; "" where that is `root`, or in doubt.

    `paths` are those of the Python files below `root`, relative and with forward slashes. In doubt: a module of an
    application is imported from `root`, or no such folder holds most of what the applications are made of.
    """
    files = frozenset(paths)
    if "__init__.py" in files:
        return ""
    # Where copies of distributions lie, nothing is the application's own.
    copied = {
        p.removesuffix(f"{n}/__init__.py")
        for n in _MADE_OF
        for p in paths
        if p.endswith(f"/{n}/__init__.py")
    }
    vendored = tuple(folder for folder in copied if f"{folder}__init__.py" not in files)
    found: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for path in paths:
        if lies_with_tests(path) or path.startswith(vendored):
            continue
        names = set(_imported(root / path))
        tops = {name.partition(".")[0] for name in names}
        if _MADE_OF.isdisjoint(tops) or "alembic" in tops:
            continue
        if any(_is_module(files, "", name) for name in names):
            return ""
        above = [str(folder) for folder in PurePosixPath(path).parents][::-1]
        made.update(above)
        outside = [f for f in above[1:] if f"{f}/__init__.py" not in files]
        for name in names:
            if name.partition(".")[0] not in sys.stdlib_module_names:
                found.update([f for f in outside if _is_module(files, f"{f}/", name)][:1])
    return next((f for f, _ in found.most_common() if 2 * made[f] > made["."]), "")


def _imported(path: Path) -> Iterator[str]:
    try:
        data = path.read_bytes()
    except OSError:
        return
    for name in _IMPORTED.findall(data):
        yield name.decode()


def _is_module(files: Collection[str], folder: str, name: str) -> bool:
    path = folder + name.replace(".", "/")
    return f"{path}.py" in files or f"{path}/__init__.py" in files
