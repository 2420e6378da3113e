"""The models of all programs, and how a module names them and what else it needs."""

from __future__ import annotations

from tests.codemod.programs import lab, library, shop
from tests.codemod.programs.text import Scope

#: Columns: numbers, texts.
COLUMNS = {**shop.COLUMNS, **library.COLUMNS, **lab.COLUMNS}
MANY = {**shop.MANY, **library.MANY, **lab.MANY}
TO_ONE = {**shop.TO_ONE, **library.TO_ONE, **lab.TO_ONE}
#: What shows an object and loads something for it.
SHOWS = {**shop.SHOWS, **library.SHOWS, **lab.SHOWS}
#: What sorts and chooses objects.
KEYS = {**shop.KEYS, **library.KEYS, **lab.KEYS}
CONDITIONS = {**shop.CONDITIONS, **library.CONDITIONS, **lab.CONDITIONS}
#: How a template shows an object, which loads something for it.
IN_TEMPLATES = {**shop.IN_TEMPLATES, **library.IN_TEMPLATES, **lab.IN_TEMPLATES}
IN_CONDITIONS = {**shop.IN_CONDITIONS, **library.IN_CONDITIONS, **lab.IN_CONDITIONS}
MODELS = tuple(COLUMNS)
#: Those that have `query` where models have it.
QUERIED = (*shop.COLUMNS, *library.COLUMNS)


def absent(scope: Scope) -> str:
    """An expression that is nothing, which nobody knows who reads the code."""
    words, line = scope.program.absent
    needs(scope, line)
    return words


def model(scope: Scope, name: str) -> str:
    """How the module names a model."""
    module = scope.module
    for words in (
        f"from PKG.models import {name}",
        f"from .models import {name} as {name}Model",
        "from PKG import models",
    ):
        if words in module.imports:
            break
    else:
        words = scope.rng.choice(
            [f"from PKG.models import {name}"] * 3
            + [f"from .models import {name} as {name}Model", "from PKG import models"]
        )
        module.imports[words] = None
    if words == "from PKG import models":
        return f"models.{name}"
    return f"{name}Model" if words.endswith("Model") else name


def needs(scope: Scope, line: str) -> None:
    scope.module.imports[line] = None
