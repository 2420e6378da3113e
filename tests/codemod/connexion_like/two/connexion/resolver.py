"""How connexion finds the function of an operation."""

from __future__ import annotations

import importlib
from typing import Any


def by_name(name: str) -> Any:
    parts = name.split(".")
    for size in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:size]))
        except ModuleNotFoundError:
            continue
        for part in parts[size:]:
            found = getattr(found, part)
        return found
    raise ImportError(name)


class Resolution:
    def __init__(self, function: Any) -> None:
        self.function = function


class Resolver:
    def __init__(self, function_resolver: Any = by_name) -> None:
        self.function_resolver = function_resolver

    def resolve(self, operation: Any) -> Resolution:
        return Resolution(self.function_resolver(operation.operation_id))
