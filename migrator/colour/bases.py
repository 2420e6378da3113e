"""Bases from other distributions, and whether their code calls what a class defines."""

from __future__ import annotations

from migrator.index.declared import DECLARATIVE
from migrator.index.definitions import ClassInfo
from migrator.index.project import Project

#: Bases that never call a method which they don't define themselves.
_HARMLESS = (
    *DECLARATIVE, "AsyncAttrs", "UserMixin", "AnonymousUserMixin", "Model",
    "SyncRepository",
    # The target's own classes of these names await what they dispatch to.
    "flask.views.MethodView", "flask.views.View",
)  # fmt: skip
_HARMLESS_PREFIXES = (
    "object", "builtins.", "abc.", "typing.", "enum.", "collections.", "dataclasses.", "Exception",
    "ValueError", "typing_extensions.",
)  # fmt: skip


def calling_base(project: Project, cls: ClassInfo | None) -> str:
    """The base of a class from elsewhere that may call its methods by their names, or ""."""
    if cls is None:
        return ""
    for base in project.external_bases(cls):
        if not base.endswith(_HARMLESS) and not base.startswith(_HARMLESS_PREFIXES):
            return base
    return ""
