"""What `from flask import *` gives, by the source of the package that is installed.

It is looked up in packages whose names have another home in converted code; no other is read.
"""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from migrator.index.binder import Binder
from migrator.index.definitions import Module
from migrator.index.exported import exports
from migrator.index.source import read_source

#: A cached result depends on them.
READ = ("flask", "flask_login", "flask_sqlalchemy", "sqlalchemy")


@cache
def public(name: str) -> frozenset[str]:
    """The names that a star takes from the module called `name`; none where it isn't installed."""
    top, *rest = name.split(".")
    if top not in READ:
        return frozenset()
    spec = PathFinder.find_spec(top)
    for part in rest:
        folders = spec.submodule_search_locations if spec is not None else None
        spec = PathFinder.find_spec(f"{spec.name}.{part}", folders) if spec and folders else None
    if spec is None or spec.origin is None:
        return frozenset()
    path = Path(spec.origin)
    module = Module(name, path.stem == "__init__", read_source(path.parent, path))
    if module.source.tree is None:
        return frozenset()
    Binder(module).bind()
    return frozenset(bound for bound in module.bindings if exports(module, bound))
