"""Bases from other distributions, and whether their code calls what a class defines."""

from __future__ import annotations

import ast

from migrator.index.declared import DECLARATIVE
from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo
from migrator.index.project import Project
from migrator.queries.types import UNKNOWN, ClassType, Function, Type

#: Bases that never call a method which they don't define themselves.
_HARMLESS = (
    *DECLARATIVE, "AsyncAttrs", "UserMixin", "AnonymousUserMixin", "Model",
    "SyncRepository",
    # The target's own classes of these names await what they dispatch to.
    "flask.views.MethodView", "flask.views.View",
    "apiflask.views.MethodView", "apiflask.views.View",
)  # fmt: skip
_HARMLESS_PREFIXES = (
    "object", "builtins.", "abc.", "typing.", "enum.", "collections.", "dataclasses.", "Exception",
    "ValueError", "typing_extensions.",
)  # fmt: skip
#: What the containers of `collections.abc` call by its name, in the methods that they add:
#: `names |= others` calls `add`. https://docs.python.org/3/library/collections.abc.html
_OF_CONTAINERS = {
    "MutableSet": frozenset({"add", "clear", "discard", "pop"}),
    "MutableSequence": frozenset({"append", "extend", "index", "insert", "pop"}),
    "Mapping": frozenset({"items"}),
    "MutableMapping": frozenset({"items", "popitem"}),
}
_PYDANTIC = "pydantic."
#: Where the fields of forms come from.
_OF_FORMS = ("wtforms.", "wtforms_sqlalchemy.", "flask_wtf.")


def calling_base(project: Project, cls: ClassInfo | None, method: str = "") -> str:
    """The base of a class from elsewhere that may call its methods by their names, or "".

    Of Python's containers the one that calls this `method` of it.
    """
    for base in project.external_bases(cls) if cls is not None else ():
        if not base.endswith(_HARMLESS) and not base.startswith(_HARMLESS_PREFIXES):
            return base
        plain = base.partition("[")[0]
        of_python = plain.startswith(("collections.abc.", "typing."))
        if of_python and method in _OF_CONTAINERS.get(plain.rpartition(".")[2], ()):
            return plain
    return ""


def is_unbound(project: Project, cls: ClassInfo, call: ast.Call) -> bool:
    """Whether a call makes no field of a form yet, but notes how to: its form calls `__init__`.

    Facts: `Field.__new__` of WTForms, which gives an UnboundField where it gets no `_form`.
    """
    return (
        any(
            base.startswith(_OF_FORMS) and base.endswith(("Field", "FieldList"))
            for base in project.external_bases(cls)
        )
        and project.method(cls, "__new__") is None
        and all(keyword.arg not in (None, "_form") for keyword in call.keywords)
    )


def validators(project: Project, cls: ClassInfo) -> tuple[str, ...]:
    """What a class of Pydantic's calls of the methods of one that derives from it, to make an object."""
    if not any(base.startswith(_PYDANTIC) for base in project.external_bases(cls)):
        return ()
    return tuple(
        method.key
        for owner in project.mro(cls)
        for method in owner.methods.values()
        if method.name == "model_post_init" or _is_of_pydantic(project, method)
    )


def _is_of_pydantic(project: Project, method: FunctionInfo) -> bool:
    for decorator in method.node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = project.resolve(method.module, target)
        if isinstance(found, ExternalName) and found.dotted.startswith(_PYDANTIC):
            return not found.dotted.endswith("computed_field")
    return False


def is_described(project: Project, method: FunctionInfo) -> bool:
    """Whether reading it gives what the `__get__` of a decorator's class makes: `@classproperty`."""
    for decorator in method.node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = project.resolve(method.module, target)
        if isinstance(found, ClassInfo) and project.method(found, "__get__") is not None:
            return True
    return False


def on_class(project: Project, method: FunctionInfo, key: str) -> Type:
    """What a class, of which `key` is the name, has as its method."""
    if is_described(project, method):
        return UNKNOWN
    bound = any(d.endswith("classmethod") for d in method.decorators())
    return Function(method.key, bound, ClassType(key) if bound else None)


def constructors_of_fields(project: Project, cls: ClassInfo) -> tuple[str, ...]:
    """The constructors of a form's fields, which run when a form is made."""
    found: list[str] = []
    for owner in project.mro(cls):
        for _, value in owner.attributes.values():
            if not isinstance(value, ast.Call):
                continue
            field = project.resolve(owner.module, value.func)
            if isinstance(field, ClassInfo) and is_unbound(project, field, value):
                init = project.method(field, "__init__")
                found += [init.key] if init is not None else []
    return tuple(dict.fromkeys(found))
