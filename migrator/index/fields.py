"""What the positions of a class stand for: where it is called, and in a pattern, `case Err(error)`."""

from __future__ import annotations

import ast

from migrator.index.definitions import ClassInfo, dotted
from migrator.index.project import Project

_TUPLES = ("typing.NamedTuple", "NamedTuple")


def match_args(project: Project, cls: ClassInfo) -> tuple[str, ...] | None:
    """The attributes that positions of a pattern stand for; None where that is not known.

    `__match_args__`, or the fields of a dataclass or of a NamedTuple
    (https://docs.python.org/3/reference/datamodel.html#object.__match_args__).
    """
    for each in project.mro(cls):
        if "__match_args__" in each.attributes:
            _, value = each.attributes["__match_args__"]
            items = value.elts if isinstance(value, ast.Tuple) else []
            names = [i.value for i in items if isinstance(i, ast.Constant)]
            strings = [name for name in names if isinstance(name, str)]
            return tuple(strings) if items and len(strings) == len(items) else None
        if _has_fields(project, each):
            break
    return fields(project, cls)


def fields(project: Project, cls: ClassInfo) -> tuple[str, ...] | None:
    """The fields of a dataclass or of a NamedTuple in their order; None where that is not known."""
    order = project.mro(cls)
    nearest = next((each for each in order if _has_fields(project, each)), None)
    if nearest is None:
        return None
    if not _is_dataclass(project, nearest):
        return _annotated([nearest])
    return _annotated([each for each in reversed(order) if _is_dataclass(project, each)])


def _has_fields(project: Project, cls: ClassInfo) -> bool:
    named = any(getattr(base, "dotted", "") in _TUPLES for base in project.bases(cls))
    return named or _is_dataclass(project, cls)


def _is_dataclass(project: Project, cls: ClassInfo) -> bool:
    decorators = [d.func if isinstance(d, ast.Call) else d for d in cls.node.decorator_list]
    return any(project.external(cls.module, d) == "dataclasses.dataclass" for d in decorators)


def _annotated(classes: list[ClassInfo]) -> tuple[str, ...] | None:
    """The annotated names, the bases' first; None where some of them may be no positions."""
    found: dict[str, None] = {}
    for cls in classes:
        words = [ast.unparse(d) for d in cls.node.decorator_list]
        for name, (annotation, value) in cls.attributes.items():
            if annotation is None or "ClassVar" in ast.unparse(annotation):
                continue
            words += [dotted(annotation), ast.unparse(value) if value is not None else ""]
            found[name] = None
        if any("kw_only" in word or "KW_ONLY" in word or "init=" in word for word in words):
            return None
        if any("match_args" in word for word in words):
            return None
    return tuple(found)
