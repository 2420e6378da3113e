"""Finding the application: `--app module:attribute`, or the one place that makes a Flask object."""

from __future__ import annotations

import ast

from migrator.errors import UnclearApplication
from migrator.frozen import frozen
from migrator.index.apart import is_test as tests_it
from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo, Module, Variable
from migrator.index.project import Project
from migrator.index.scripts import is_for_scripts
from migrator.index.signature import positional
from migrator.index.walk import children, walk
from migrator.runtime.loading import literal_call
from migrator.surface.decorators import own_nodes
from migrator.surface.machine import APPLICATIONS, FLASK, FLASK_OF_OTHERS
from migrator.surface.registrations import HOOKS, REGISTERING, ROUTES
from migrator.surface.routed import held_by_object, holder_of_routes, routed_names
from migrator.surface.scopes import Scopes

#: The names that the `flask` command looks for, in its order.
OBJECT_NAMES = ("app", "application")
FACTORY_NAMES = ("create_app", "make_app")
#: Modules that servers are usually pointed at, the most usual first.
MODULE_NAMES = ("wsgi", "app", "application", "main", "autoapp", "server", "run", "manage")
#: What only an application is asked for.
_OF_APPLICATIONS = frozenset({*HOOKS, *REGISTERING, *ROUTES}) - {"get", "post", "put", "delete"}


@frozen
class Candidate:
    """A module-level name or a factory that gives a Flask application.

    `fills` is the class of the application that a factory takes as its argument: `module:Class` or
    "flask.Flask"; "" for one that makes the application itself. `arguments` are those that `--app`
    gives a factory, as they are written in a call.
    """

    module: Module
    attribute: str
    function: FunctionInfo | None = None
    fills: str = ""
    arguments: str = ""

    @property
    def spec(self) -> str:
        """As `--app` takes it."""
        return f"{self.module.name}:{self.attribute}"


def find_applications(project: Project, app: str) -> tuple[Candidate | None, list[Candidate]]:
    """The application of a project, None when it has none; and what else may give one.

    Raises UnclearApplication when `app` names nothing, or when there are several and no `app` was given.
    """
    found = _promoted(project, _candidates(project))
    first = _named(project, app) if app else _usual(project, found or _fillers(project))
    # One function may make applications for several: `make_app(setup)`.
    also = [*found, *(caller for c in found if c.function for caller in _callers(project, c))]
    others = {c.spec: c for c in also if first is not None and c.spec != first.spec}
    return first, list(others.values())


def _usual(project: Project, found: list[Candidate]) -> Candidate | None:
    """The candidate that a server would be pointed at."""
    if len(found) <= 1:
        return found[0] if found else None
    for names in (FACTORY_NAMES, OBJECT_NAMES):
        usual = [c for c in found if c.attribute in names]
        if len(usual) == 1:
            return usual[0]
    shallow = min(c.module.name.count(".") for c in found)
    top = [c for c in found if c.module.name.count(".") == shallow]
    if len(top) == 1:
        return top[0]
    for name in MODULE_NAMES:
        usual = [c for c in top if c.module.name.rpartition(".")[2] == name]
        if len(usual) == 1:
            return usual[0]
    listed = ", ".join(sorted(c.spec for c in found))
    raise UnclearApplication(
        f"{project.root} holds {len(found)} Flask applications.",
        "asgi.py serves one; the others are converted with it, and get modules of their own.",
        f"Name it with --app; the candidates are {listed}.",
    )


def _named(project: Project, app: str) -> Candidate:
    module_name, _, attribute = app.partition(":")
    attribute, arguments = attribute.partition("(")[0].strip(), _arguments(app)
    module = project.modules.get(module_name)
    if module is None and project.package:
        module = project.modules.get(f"{project.package}.{module_name}")
    if module is None:
        raise UnclearApplication(
            f"{app!r} names no application.",
            f"There is no module {module_name!r} below {project.root}.",
            "Give it as module:attribute, with a module of the scanned folder.",
        )
    names = [attribute] if attribute else [*OBJECT_NAMES, *FACTORY_NAMES]
    for name in names:
        target = project.lookup(module, name)
        if isinstance(target, FunctionInfo):
            fills = "" if arguments else _filled(project, target)
            return Candidate(target.module, target.name, target, fills, arguments)
        if isinstance(target, Variable):
            return Candidate(project.modules[target.module], target.name)
    raise UnclearApplication(
        f"{app!r} names no application.",
        f"The module has no {' or '.join(names)}.",
        "Name a function that makes the application, or the application object itself.",
    )


def _arguments(app: str) -> str:
    """`"test", debug=True` of `shop:create_app("test", debug=True)`."""
    opening = app.find("(")
    if opening < 0:
        return ""
    try:
        call = literal_call(app[opening:].strip())
    except ValueError as error:
        raise UnclearApplication(
            f"{app!r} names no application.",
            str(error),
            "Write it as it is called: shop:create_app('testing').",
        ) from error
    return ast.unparse(call)[len("_(") : -len(")")]


def _candidates(project: Project) -> list[Candidate]:
    found: list[Candidate] = []
    makers = {dotted.rpartition(".")[2] for dotted in FLASK}
    names = {*makers, "connexion", *(c.name for c in _subclasses(project))}
    for module in project.modules.values():
        if module.source.tree is None or is_test(module):
            continue
        if not any(module.source.says(name) for name in names):
            continue
        _scan(project.derived(Scopes, module), module.source.tree, None, found)
    unique: dict[str, Candidate] = {}
    for candidate in found:
        unique.setdefault(candidate.spec, candidate)
    return list(unique.values())


def _fillers(project: Project) -> list[Candidate]:
    """The factories that are given the application: `def create_app(application):`."""
    found = []
    for module in project.modules.values():
        for name in FACTORY_NAMES if not is_test(module) else ():
            function = module.bindings.get(name)
            if isinstance(function, FunctionInfo):
                fills = _filled(project, function)
                if fills:
                    found.append(Candidate(module, name, function, fills))
    return found


def _filled(project: Project, function: FunctionInfo) -> str:
    """The class of the application that a function takes and sets up; "" where it takes none."""
    arguments = function.node.args
    parameters = positional(arguments)
    required = len(parameters) - len(arguments.defaults)
    if required != 1 or function.owner is not None or None in arguments.kw_defaults:
        return ""
    parameter = parameters[0]
    annotation = parameter.annotation
    target = project.resolve(function.module, annotation) if annotation is not None else None
    if isinstance(target, ClassInfo) and target in _subclasses(project):
        return target.key
    if isinstance(target, ExternalName) and target.dotted in FLASK:
        # What takes an application of another class is given none of Flask's.
        return "" if target.dotted in FLASK_OF_OTHERS else "flask.Flask"
    if not any(_sets_up(node, parameter.arg) for node in walk(function.node)):
        return ""
    own = [c for c in _subclasses(project) if not is_test(c.module)]
    return own[0].key if len(own) == 1 else "flask.Flask"


def _sets_up(node: ast.AST, name: str) -> bool:
    """Whether it is `db.init_app(name)`, `name.register_blueprint(...)` or Flask-OpenAPI3's `register_api`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr == "init_app":
        return any(isinstance(a, ast.Name) and a.id == name for a in node.args)
    owner = node.func.value
    return node.func.attr in REGISTERING and isinstance(owner, ast.Name) and owner.id == name


def _subclasses(project: Project) -> list[ClassInfo]:
    return [
        c
        for c in project.classes.values()
        if any(base in APPLICATIONS for base in project.external_bases(c))
    ]


def _scan(
    scopes: Scopes, node: ast.AST, function: FunctionInfo | None, found: list[Candidate]
) -> None:
    module = scopes.module
    for child in children(node):
        inner = function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            if function is None:
                bound = module.bindings.get(child.name)
                inner = bound if isinstance(bound, FunctionInfo) else None
                if inner is None or inner.node is not child:
                    continue
        elif isinstance(child, ast.ClassDef | ast.expr):
            continue
        elif isinstance(child, ast.Assign | ast.AnnAssign) and _makes_flask(
            scopes, child.value, function
        ):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            names = [t.id for t in targets if isinstance(t, ast.Name)]
            if function is not None and function.owner is None:
                found.append(Candidate(module, function.name, function))
            elif names:
                found.append(Candidate(module, names[0]))
        elif (
            isinstance(child, ast.Return)
            and function is not None
            and _makes_flask(scopes, child.value, function)
        ):
            found.append(Candidate(module, function.name, function))
        _scan(scopes, child, inner, found)


def _makes_flask(scopes: Scopes, node: ast.expr | None, function: FunctionInfo | None) -> bool:
    """Whether an expression is a call of Flask, of connexion's application or of a subclass; one of two may be."""
    if isinstance(node, ast.IfExp):
        return any(_makes_flask(scopes, part, function) for part in (node.body, node.orelse))
    if not isinstance(node, ast.Call):
        return False
    target = scopes.resolve(node.func)
    if function is not None and isinstance(node.func, ast.Name):
        # A class that the factory itself defines.
        inner = f"{function.key}.<locals>.{node.func.id}"
        target = scopes.project.classes.get(inner, target)
    if isinstance(target, ExternalName):
        return target.dotted in APPLICATIONS
    if isinstance(target, ClassInfo):
        return any(base in APPLICATIONS for base in scopes.project.external_bases(target))
    return False


def _promoted(project: Project, found: list[Candidate]) -> list[Candidate]:
    """Factories replaced by the one function that calls them and returns what they gave.

    So is an application of a module by the one function that sets it up and returns it.
    """
    result: dict[str, Candidate] = {}
    registered = routed_names(project) if found else []
    for candidate in found:
        current = candidate if candidate.function else _finished(candidate)
        holder = None
        for _ in range(5):
            if current.function is None:
                break
            holder = holder_of_routes(project, current.function, registered)
            callers = _callers(project, current)
            if len(callers) != 1 or narrower(callers[0], current):
                break
            if holder is not None and callers[0].attribute not in FACTORY_NAMES:
                break  # A helper returns one of these, too.
            current = callers[0]
        if holder is None and current.function is not None:
            holder = held_by_object(project, current.function)
        current = Candidate(*holder) if holder is not None else current
        result.setdefault(current.spec, current)
    return list(result.values())


def _finished(candidate: Candidate) -> Candidate:
    """The function that sets up an application of its module and returns it, or the candidate itself.

    One that the module calls by itself has done so when the module is imported.
    """
    module = candidate.module
    functions = [
        f
        for f in module.bindings.values()
        if isinstance(f, FunctionInfo)
        and f.module is module
        and not needs_arguments(f)
        and _finishes(f.node, candidate.attribute)
    ]
    if len(functions) != 1 or _at_import(module, functions[0].name):
        return candidate
    return Candidate(module, functions[0].name, functions[0])


def _finishes(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    """Whether a function sets up the application of that name, a global one, and returns it."""
    sets_up = returns = False
    for node in walk(function):
        sets_up = sets_up or _sets_up(node, name)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
            returns = returns or node.value.id == name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name:
            return False
    return sets_up and returns


def _at_import(module: Module, name: str) -> bool:
    """Whether a module calls its own function where it is imported."""
    statements = module.source.tree.body if module.source.tree is not None else []
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for statement in statements
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not is_for_scripts(statement)
        for node in walk(statement)
    )


def needs_arguments(function: FunctionInfo | None) -> bool:
    """Whether a factory can't be called without arguments."""
    if function is None:
        return False
    arguments = function.node.args
    return len(positional(arguments)) > len(arguments.defaults) or None in arguments.kw_defaults


def narrower(caller: Candidate, factory: Candidate) -> bool:
    """Whether a caller asks for what its factory can do without: a command's own helper does."""
    return needs_arguments(caller.function) and not needs_arguments(factory.function)


def _callers(project: Project, candidate: Candidate) -> list[Candidate]:
    callers = []
    for module in project.modules.values():
        if not module.source.says(candidate.attribute) or is_test(module):
            continue
        for function in module.functions:
            if function.owner or function.parent or function is candidate.function:
                continue
            if _returns_call(project, function, candidate):
                callers.append(Candidate(module, function.name, function))
    return callers


def _returns_call(project: Project, function: FunctionInfo, candidate: Candidate) -> bool:
    """Whether a function returns what the candidate has made for it, by a name or as it is.

    Or what hangs on that, where the function treats it as an application: `app.app` of connexion's.
    """
    own = list(own_nodes(function.node))
    holders: set[str] = set()
    hanging: set[str] = set()
    for made in (n for n in own if isinstance(n, ast.Assign)):
        names = {t.id for t in made.targets if isinstance(t, ast.Name)}
        root = made.value
        while isinstance(root, ast.Attribute):
            root = root.value
        known = isinstance(root, ast.Name) and root.id in holders | hanging
        if _calls(project, function, made.value, candidate):
            holders |= names
        elif root is not made.value and (known or _calls(project, function, root, candidate)):
            hanging |= names
    treated = {
        node.value.id
        for node in walk(function.node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.attr in _OF_APPLICATIONS
    }
    for node in own:
        if isinstance(node, ast.Return) and node.value is not None:
            if _calls(project, function, node.value, candidate):
                return True
            if isinstance(node.value, ast.Name) and node.value.id in holders | (hanging & treated):
                return True
    return False


def _calls(project: Project, function: FunctionInfo, node: ast.expr, candidate: Candidate) -> bool:
    scopes = project.derived(Scopes, function.module)
    return isinstance(node, ast.Call) and scopes.resolve(node.func) is candidate.function


def is_test(module: Module) -> bool:
    """Whether a module belongs to a test suite, to examples or to a documentation."""
    return tests_it(module) or bool({"examples", "docs"} & {*module.path.split("/")[:-1]})
