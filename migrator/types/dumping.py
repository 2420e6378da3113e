"""What a schema of marshmallow's does with a query that it dumps: it takes all rows, one by one.

Facts: marshmallow's `Schema.dump` and `_serialize`, Flask-Marshmallow's `jsonify`. `many` says so, in
the call or where the schema was made. Only a `@pre_dump` that asks for all at once gets the query itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import ClassInfo, FunctionInfo, Module, Variable
from migrator.index.project import Project

_DUMPS = frozenset({"dump", "dumps", "jsonify"})
_OF_MARSHMALLOW = ("marshmallow.", "marshmallow_sqlalchemy.", "flask_marshmallow.")
#: Arguments of `@pre_dump` by which it gets what is dumped as it is.
_WHOLE = frozenset({"pass_many", "pass_collection"})


def is_dump_of_many(
    project: Project,
    module: Module,
    function: FunctionInfo | None,
    cls: ClassInfo,
    call: ast.Call,
) -> bool:
    """Whether a method that a class inherits dumps each of the items of its first argument."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _DUMPS or not call.args:
        return False
    bases = project.external_bases(cls)
    if not bases or not all(
        base.startswith((*_OF_MARSHMALLOW, "abc.", "typing.")) for base in bases
    ):
        return False
    if any(map(_takes_the_whole, _methods(project, cls))):
        return False
    if len(call.args) > 1:
        return _is_true(call.args[1])
    many = _many(call)
    if many is not None:
        return _is_true(many)
    made = _made_by(project, module, function, func.value)
    return made is not None and _is_true(_many(made))


def _methods(project: Project, cls: ClassInfo) -> Iterator[FunctionInfo]:
    for owner in {c.key: c for c in (*project.mro(cls), *project.subclasses(cls))}.values():
        yield from owner.methods.values()


def _takes_the_whole(method: FunctionInfo) -> bool:
    return any(
        isinstance(decorator, ast.Call)
        and getattr(decorator.func, "id", getattr(decorator.func, "attr", "")) == "pre_dump"
        and any(k.arg is None or k.arg in _WHOLE for k in decorator.keywords)
        for decorator in method.node.decorator_list
    )


def _made_by(
    project: Project, module: Module, function: FunctionInfo | None, node: ast.expr
) -> ast.Call | None:
    """The call that made an object: written here, or the only one that a variable is given."""
    if isinstance(node, ast.Call):
        return node
    if not isinstance(node, ast.Name):
        return None
    made: ast.expr | None = None
    if function is None or not _bound_inside(function, node.id):
        found = project.lookup(module, node.id)
        made = found.value if isinstance(found, Variable) else None
    elif node.id in function.bound_names():
        given = [n for n in function.nodes if isinstance(n, ast.Name) and n.id == node.id]
        targets = [n for n in given if isinstance(n.ctx, ast.Store)]
        for statement in function.nodes:
            if isinstance(statement, ast.Assign) and statement.targets == targets:
                made = statement.value
    return made if isinstance(made, ast.Call) else None


def _bound_inside(function: FunctionInfo | None, name: str) -> bool:
    """Whether a function, or one around it, has a variable of that name."""
    while function is not None:
        if name in function.bound_names():
            return True
        function = function.parent
    return False


def _many(call: ast.Call) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == "many"), None)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
