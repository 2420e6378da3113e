"""What Flask-SQLAlchemy 2 did, and the extension of converted code does not: told, with its place.

Settings are read by nobody, and methods that a class of the repository's own overrides are called by
nobody: neither of these raises.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import ClassInfo, ExternalName, Module
from migrator.index.project import Project
from migrator.queries.earlier_extension import EARLIER
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes
from migrator.types.names import DB_CLASSES

_CODE = "MIG428"
_OPTIONS = "SQLALCHEMY_ENGINE_OPTIONS"
#: Settings, and what to do in their place.
_SETTINGS = {
    "SQLALCHEMY_COMMIT_ON_TEARDOWN": "Call db.session.commit() where something was written.",
    "SQLALCHEMY_MAX_OVERFLOW": f"Set max_overflow in {_OPTIONS}.",
    "SQLALCHEMY_POOL_RECYCLE": f"Set pool_recycle in {_OPTIONS}.",
    "SQLALCHEMY_POOL_SIZE": f"Set pool_size in {_OPTIONS}.",
    "SQLALCHEMY_POOL_TIMEOUT": f"Set pool_timeout in {_OPTIONS}.",
}
#: What the extension, of whichever version, calls of its own; the converted one has not.
_HOOKS = {
    **{name: hint for name, hint in EARLIER.items() if name != "use_native_unicode"},
    "create_engine": "engine_options, which SQLAlchemy() takes",
    "create_session": "session_options, which SQLAlchemy() takes",
    "_apply_driver_defaults": "engine_options, which SQLAlchemy() takes",
    "_make_declarative_base": "model_class, which SQLAlchemy() takes",
    "_make_engine": "engine_options, which SQLAlchemy() takes",
    "_make_scoped_session": "session_options, which SQLAlchemy() takes",
    "_make_session_factory": "session_options, which SQLAlchemy() takes",
    "_teardown_session": "a function for teardown_appcontext",
}


def earlier_extension(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each method, argument, hook and setting."""
    project = conversion.project
    for key, facts in conversion.state.facts.items():
        module = project.modules[key.partition(":")[0]]
        for fact in () if is_test(module) else facts:
            if fact.kind == "earlier" and isinstance(fact.node, ast.expr):
                yield _used(module, fact.node, fact.name)
    for cls in project.classes.values():
        if not is_test(cls.module) and _is_db(project, cls):
            yield from _overridden(cls)
    for module in project.modules.values():
        if not is_test(module):
            yield from _made(project, module)
            yield from _state(module)
    yield from _settings(project)


def _used(module: Module, node: ast.expr, name: str) -> Finding:
    return finding_at(
        module,
        node,
        _CODE,
        f"Flask-SQLAlchemy 2 had db.{name}, which the converted extension has not: it raises here.",
        hint=f"Use {EARLIER.get(name, 'bind_key, or an application context')}.",
    )


def _overridden(cls: ClassInfo) -> Iterator[Finding]:
    for name, method in cls.methods.items():
        if name in _HOOKS:
            yield finding_at(
                cls.module,
                method.node,
                _CODE,
                f"Flask-SQLAlchemy called {name}(), which the converted extension doesn't: what it does "
                "is not done.",
                hint=f"Use {_HOOKS[name]}.",
            )


def _made(project: Project, module: Module) -> Iterator[Finding]:
    """`SQLAlchemy(use_native_unicode=...)`, and a page that is put together by hand."""
    if not any(module.source.says(word) for word in ("use_native_unicode", "Pagination")):
        return
    scopes = project.derived(Scopes, module)
    for node in module.of(ast.Call):
        made = scopes.resolve(node.func)
        name = made.dotted if isinstance(made, ExternalName) else ""
        named = any(k.arg == "use_native_unicode" for k in node.keywords)
        if named and (
            name in DB_CLASSES or (isinstance(made, ClassInfo) and _is_db(project, made))
        ):
            yield _used(module, node, "use_native_unicode")
        elif name == "flask_sqlalchemy.Pagination":
            yield finding_at(
                module,
                node,
                _CODE,
                "Flask-SQLAlchemy 2 made a page of what it was given; since version 3 it is made of a "
                "query: it raises here.",
                hint="Use paginate(), or a class of your own with the same attributes.",
            )


def _is_db(project: Project, cls: ClassInfo) -> bool:
    return any(base in DB_CLASSES for base in project.external_bases(cls))


def _state(module: Module) -> Iterator[Finding]:
    """`app.extensions["sqlalchemy"].db`: what lies there is the extension itself."""
    for node in module.of(ast.Attribute) if module.source.says("extensions") else ():
        match node:
            case ast.Attribute(
                value=ast.Subscript(
                    value=ast.Attribute(attr="extensions"), slice=ast.Constant(value="sqlalchemy")
                ),
                attr="db" | "connectors" as name,
            ):
                yield finding_at(
                    module,
                    node,
                    _CODE,
                    f'app.extensions["sqlalchemy"] is the extension itself, and has no {name}: it '
                    "raises here.",
                    hint='Write app.extensions["sqlalchemy"].',
                )


def _settings(project: Project) -> Iterator[Finding]:
    found = [
        (module, node, name)
        for module in project.modules.values()
        if not is_test(module) and any(module.source.says(name) for name in _SETTINGS)
        for node, name in _set(module)
    ]
    if not found:
        return
    read = {name for module in project.modules.values() for name in _read(module)}
    for module, node, name in found:
        if name not in read:
            yield finding_at(
                module,
                node,
                _CODE,
                f"Flask-SQLAlchemy 2 read {name}, which nobody reads since: it has no effect.",
                hint=_SETTINGS[name],
            )


def _set(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """Where a setting gets a value, other than None and False."""
    for node in module.nodes:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.AnnAssign(target=annotated, value=ast.expr() as value):
                pairs = [(annotated, value)]
            case ast.Dict(keys=keys, values=values):
                pairs = [(k, v) for k, v in zip(keys, values, strict=True) if k is not None]
            case ast.Call(keywords=keywords):
                pairs = [(ast.Constant(k.arg), k.value) for k in keywords]
        for target, value in pairs:
            name = _name(target)
            if name in _SETTINGS and not (isinstance(value, ast.Constant) and not value.value):
                yield (target if hasattr(target, "lineno") else value), name


def _read(module: Module) -> Iterator[str]:
    """The settings that the repository reads itself, but to set one of the same name."""
    if not any(module.source.says(name) for name in _SETTINGS):
        return
    passed = {
        id(node.value): {_name(target) for target in node.targets} for node in module.of(ast.Assign)
    }
    for node in module.nodes:
        match node:
            case ast.Name() | ast.Attribute() | ast.Subscript() if isinstance(node.ctx, ast.Load):
                name = _name(node)
            case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[given, *_]):
                # Of the environment it is taken for the setting.
                name = "" if _name_of(owner) in ("environ", "env") else _name(given)
            case _:
                continue
        if name in _SETTINGS and name not in passed.get(id(node), ()):
            yield name


def _name(node: ast.expr) -> str:
    """The setting's name in `NAME`, `config.NAME`, `config["NAME"]` and `"NAME"`."""
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return _name_of(node)


def _name_of(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


__all__ = ["earlier_extension"]
