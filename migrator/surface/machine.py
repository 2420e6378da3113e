"""The state of a static run of the set-up code, and the names of what it records.

The set-up code of a Flask application (module bodies and the factory) is run on abstract values:
imports are followed, loops over known lists are unrolled, a branch whose condition is not known is
taken both ways. Nothing of it is imported or executed.
"""

from __future__ import annotations

import ast

from migrator.frozen import frozen
from migrator.index.definitions import ClassInfo, FunctionInfo, Module
from migrator.index.project import Project
from migrator.surface import extensions
from migrator.surface.names import CONNEXION
from migrator.surface.namespaces import Namespaces
from migrator.surface.smorest import SMOREST_BLUEPRINT
from migrator.surface.values import (
    UNKNOWN,
    Call,
    ClassValue,
    Frame,
    Hook,
    Instance,
    ModuleValue,
    Scaffold,
    Value,
)

#: Statements run at most: set-up code is small, and a run must end.
STATEMENT_BUDGET = 200_000
#: Calls nested at most.
DEPTH = 24

#: Applications of a class of another distribution, which keep Flask as their frame.
FLASK_OF_OTHERS = frozenset(
    {
        "apiflask.APIFlask", "apiflask.app.APIFlask",
        "flask_openapi3.OpenAPI", "flask_openapi3.openapi.OpenAPI",
    }
)  # fmt: skip
FLASK = frozenset({"flask.Flask", "flask.app.Flask"}) | FLASK_OF_OTHERS
#: What makes an application of Flask when it is called.
APPLICATIONS = FLASK | CONNEXION
BLUEPRINT = frozenset(
    {
        "flask.Blueprint", "flask.blueprints.Blueprint", "flask.sansio.blueprints.Blueprint",
        "apiflask.APIBlueprint", "apiflask.blueprint.APIBlueprint", *SMOREST_BLUEPRINT,
        "flask_openapi3.APIBlueprint", "flask_openapi3.blueprint.APIBlueprint",
    }
)  # fmt: skip


@frozen
class ExtensionUse:
    """An extension given the application: `X(app)`, `x.init_app(app, ...)`, `x.setup(app)`."""

    instance: Instance | None
    dotted: str
    node: ast.Call
    module: Module
    app: Scaffold
    #: Whether the reader says that it works with the converted application as it is.
    kept: bool = False
    #: Whether the code that gets the application is the repository's.
    own: bool = False
    #: A class was told to put itself on the application, `View.register(app)`.
    by_class: bool = False

    @property
    def effect(self) -> str:
        """What it does to an application; "" for what is not known."""
        return extensions.effect(self.dotted) or ("keep" if self.kept else "")

    @property
    def is_own(self) -> bool:
        """Whether it is code of the repository, which is converted with it."""
        return self.own and not self.effect


@frozen
class Setting:
    """An assignment on the application: `app.session_interface = ...`, `app.wsgi_app = ...`."""

    name: str
    value: Value
    node: ast.stmt
    module: Module
    app: Scaffold


@frozen
class Api:
    """A call of connexion's `app.add_api(document, ...)`."""

    app: Scaffold
    call: Call


class Machine:
    """State shared by the parts of the interpreter; `runner.py` puts them together."""

    def __init__(self, project: Project, keep: tuple[str, ...] = ()) -> None:
        self.project = project
        self.keep = keep
        self.frames: dict[str, Frame] = {}
        self.functions: dict[int, FunctionInfo] = {
            id(f.node): f for f in project.functions.values()
        }
        self.classes: dict[int, ClassInfo] = {id(c.node): c for c in project.classes.values()}
        self.scaffolds: list[Scaffold] = []
        self.extension_uses: list[ExtensionUse] = []
        self.instances: list[Instance] = []
        #: Method calls on extension objects that the set-up code makes.
        self.extension_calls: list[tuple[Instance, ast.Call, Module]] = []
        self.settings: list[Setting] = []
        self.apis: list[Api] = []
        #: Hooks on what is neither application nor blueprint: loaders, signals, tasks.
        self.hooks: list[Hook] = []
        #: Classes and functions handed to an API framework (flask-restx, flask-restful...).
        self.resources: list[tuple[str, ast.AST, Module]] = []
        self.namespaces = Namespaces()
        #: Calls of registration methods on objects that could not be followed.
        self.lost: list[tuple[ast.Call, Module, str]] = []
        #: What each decorator expression (by id) was, the call of it taken away.
        self.decorations: dict[int, Value] = {}
        self.budget = STATEMENT_BUDGET
        self.stack: list[str] = []

    def is_flask(self, cls: ClassInfo) -> bool:
        """Whether a class of the repository is a Flask application."""
        return any(base in APPLICATIONS for base in self.project.external_bases(cls))

    def is_blueprint(self, cls: ClassInfo) -> bool:
        """Whether a class of the repository is a Blueprint."""
        return any(base in BLUEPRINT for base in self.project.external_bases(cls))

    def only_application(self) -> Scaffold | None:
        """What `current_app` stands for while it is set up: the one application that was made so far."""
        made = [s for s in self.scaffolds if s.kind == "app"]
        return made[0] if len(made) == 1 else None

    def run_module(self, module: Module) -> Frame:
        """The frame of a module, its body run at the first call; packages above it run first."""
        known = self.frames.get(module.name)
        if known is not None:
            return known
        parent = module.name.rpartition(".")[0]
        if parent and parent in self.project.modules:
            self.run_module(self.project.modules[parent])
            known = self.frames.get(module.name)
            if known is not None:
                return known
        frame = self.frames[module.name] = Frame(module)
        if module.source.tree is not None:
            self.execute(frame, module.source.tree.body)
        return frame

    def module_member(self, module: Module, name: str) -> Value:
        """`module.name` as an import finds it: a name of its body, else a submodule."""
        frame = self.run_module(module)
        if name in frame.names:
            return frame.names[name]
        child = self.project.modules.get(f"{module.name}.{name}" if module.name else name)
        if child is not None:
            self.run_module(child)
            return ModuleValue(child)
        found = self.project.lookup(module, name)
        if isinstance(found, ClassInfo):
            return ClassValue(found)
        return UNKNOWN

    def execute(self, frame: Frame, body: list[ast.stmt]) -> bool:
        """Run statements; True when they certainly end in `return` or `raise`."""
        raise NotImplementedError

    def evaluate(self, frame: Frame, node: ast.expr) -> Value:
        """The value of an expression."""
        raise NotImplementedError

    def call(self, target: Value, call: Call) -> Value:
        """The value of a call of `target`."""
        raise NotImplementedError
