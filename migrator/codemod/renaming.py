"""Absolute imports of the legacy package follow the new package's name.

The target is always one package, called as the output folder. When the legacy folder is a package
(`legacy_app`), its name becomes the new one. When it only holds modules (`app.py`, `models.py`, or
a repository with packages in it), they become modules of the new package.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from migrator.codemod.own_folders import own_folders
from migrator.frozen import frozen
from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.queries.step import Action
from migrator.surface.documents import names_function
from migrator.surface.scopes import Scopes

#: Calls that take a module's dotted name, or that of something in a module, as a string.
NAMING_CALLS = frozenset(
    [
        *("from_object", "import_string", "import_module", "find_modules", "Flask"),
        # Connexion's application, and what finds the functions of its documents.
        *("App", "FlaskApp", "RelativeResolver", "RestyResolver", "MethodResolver"),
        "MethodViewResolver",
    ]
)
#: Calls that take the name of an installed distribution: the new package is none.
_OF_DISTRIBUTIONS = frozenset(
    f"{module}.{name}"
    for module, names in {
        "importlib.metadata": ("version", "metadata", "distribution", "files", "requires"),
        "importlib_metadata": ("version", "metadata", "distribution", "files", "requires"),
        "pkg_resources": ("get_distribution", "require"),
    }.items()
    for name in names
)
#: Arguments of these that are such a name.
_NAMING = frozenset({"import_name", "default_module_name", "package", "root_path"})
#: Calls whose texts SQLAlchemy reads as Python, where a class may stand behind its module.
_READ_AS_PYTHON = frozenset({"relationship", "backref", "dynamic_loader"})
#: How many of the first arguments are, where it is not one: `import_module(".tasks", "shop.plugins")`.
_POSITIONS = {"import_module": 2}


@frozen
class Renaming:
    """Old names to new ones; with no package, modules that lie side by side keep their names."""

    project: Project
    package: str

    def name(self, module: str, names: Iterable[str] = ()) -> str | None:
        """The new name of a module of the project; None for a module of somebody else.

        `names` are what is imported from it. A folder without an `__init__.py` gives way to a distribution of
        its name: `from alembic import op` beside `alembic/env.py`.
        """
        old = self.project.package
        if old:
            if module != old and not module.startswith(f"{old}."):
                return None
            return self.package + module[len(old) :]
        top = module.partition(".")[0]
        if not module or top not in self.project.tops:
            return None
        if top in self.project.folders:
            known = self.project.modules.keys() | self.project.folders
            parts = (
                [f"{module}.{name}" for name in names]
                if module in self.project.folders
                else [module]
            )
            if not known.intersection(parts):
                return None
        return f"{self.package}.{module}" if self.package else module

    def dotted(self, text: str) -> str | None:
        """The new form of `package.module.Name` or `package.module:Name`; None for others."""
        module = text
        while module:
            if module in self.project.modules:
                new = self.name(module)
                return new + text[len(module) :] if new else None
            cut = max(module.rfind("."), module.rfind(":"))
            module = module[:cut] if cut > 0 else ""
        return None


def plan_renaming(project: Project, package: str) -> Mapping[str, list[tuple[ast.AST, Action]]]:
    """The actions by module name that make imports follow the new package name."""
    if project.package == package:
        return {}
    renaming = Renaming(project, package)
    result = {}
    for module in project.modules.values():
        actions = [*_module(renaming, module), *own_folders(project, module)]
        if actions:
            result[module.name] = actions
    return result


def _module(renaming: Renaming, module: Module) -> list[tuple[ast.AST, Action]]:
    nodes = module.nodes
    actions: list[tuple[ast.AST, Action]] = []
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            new = renaming.name(node.module, [alias.name for alias in node.names])
            if new is not None:
                actions.append((node, Action("rename_import", {"module": new})))
        elif isinstance(node, ast.Import):
            changes = _imports(renaming, nodes, node)
            if changes:
                actions.append((node, Action("rename_modules", {"names": changes})))
        elif isinstance(node, ast.Call):
            actions.extend(_strings(renaming, node))
            actions.extend(_expressions(renaming, node))
            actions.extend(_distribution(renaming, module, node))
        elif isinstance(node, ast.Dict):
            actions.extend(_document(renaming, node))
    actions.extend(_uses(renaming, nodes))
    return actions


def _imports(
    renaming: Renaming, nodes: Sequence[ast.AST], node: ast.Import
) -> dict[str, list[str]]:
    """For each dotted name of an `import`: what is imported instead."""
    changes: dict[str, list[str]] = {}
    for alias in node.names:
        new = renaming.name(alias.name)
        if new is None:
            continue
        if alias.asname:
            changes[alias.name] = [f"{new} as {alias.asname}"]
            continue
        root = alias.name.partition(".")[0]
        if _renamable(renaming, nodes, root):
            changes[alias.name] = [new]
        else:
            # The old top name stays bound, so that `root.sub.name` still works. It may be a folder's.
            top = new.removesuffix(alias.name[len(root) :])
            changes[alias.name] = (
                [f"{new} as {root}"] if alias.name == root else [new, f"{top} as {root}"]
            )
    return changes


def _renamable(renaming: Renaming, nodes: Sequence[ast.AST], root: str) -> bool:
    """Whether every use of the top name can be renamed: nothing else has either name."""
    if root != renaming.project.package:
        return False
    for node in nodes:
        if isinstance(node, ast.Name) and (
            node.id == renaming.package or (node.id == root and not isinstance(node.ctx, ast.Load))
        ):
            return False
        if isinstance(node, ast.arg) and node.arg in {root, renaming.package}:
            return False
        if isinstance(node, ast.ImportFrom) and any(
            (a.asname or a.name) in {root, renaming.package} for a in node.names
        ):
            return False
    return True


def _uses(renaming: Renaming, nodes: Sequence[ast.AST]) -> list[tuple[ast.AST, Action]]:
    root = renaming.project.package
    plain = any(
        isinstance(n, ast.Import)
        and any(not a.asname and a.name.partition(".")[0] == root for a in n.names)
        for n in nodes
    )
    if not root or not plain or not _renamable(renaming, nodes, root):
        return []
    return [
        (n, Action("rename", {"name": renaming.package}))
        for n in nodes
        if isinstance(n, ast.Name) and n.id == root
    ]


def _document(renaming: Renaming, node: ast.Dict) -> list[tuple[ast.AST, Action]]:
    """The functions that an OpenAPI document names, where it is a dictionary."""
    found: list[tuple[ast.AST, Action]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        match key, value:
            case ast.Constant(value=str(name)), ast.Constant(value=str(text)) if names_function(
                name
            ):
                new = renaming.dotted(text) if "." in text else None
                if new is not None:
                    found.append((value, Action("rename_string", {"text": new})))
    return found


def _distribution(
    renaming: Renaming, module: Module, node: ast.Call
) -> list[tuple[ast.AST, Action]]:
    """`version(__package__)`: what is installed is called as the legacy package."""
    if not any(module.source.says(word) for word in ("metadata", "pkg_resources")):
        return []
    match node.args[:1]:
        case [ast.expr() as given] if name := _own_name(module, given):
            called = renaming.project.derived(Scopes, module).external(node.func)
            if renaming.name(name) and called in _OF_DISTRIBUTIONS:
                return [(given, Action("rename_string", {"text": name}))]
    return []


def _own_name(module: Module, node: ast.expr) -> str:
    """What `__name__`, `__package__` or the first part of either is; "" for another expression."""
    match node:
        case ast.Name("__name__"):
            return module.name
        case ast.Name("__package__"):
            return module.name if module.is_package else module.name.rpartition(".")[0]
        case ast.BoolOp(ast.Or(), [first, *_]):
            return _own_name(module, first)
        case ast.Subscript(
            ast.Call(ast.Attribute(whole, "split" | "partition"), [ast.Constant("."), *_]),
            ast.Constant(0),
        ):
            return _own_name(module, whole).partition(".")[0]
    return ""


def _expressions(renaming: Renaming, node: ast.Call) -> Iterator[tuple[ast.AST, Action]]:
    """`relationship(order_by="shop.models.Order.id")`: SQLAlchemy knows the class by its new module."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if (node.func.id if isinstance(node.func, ast.Name) else name) not in _READ_AS_PYTHON:
        return
    for given in (*node.args, *(keyword.value for keyword in node.keywords)):
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            new = _read_anew(renaming, given.value)
            if new != given.value:
                yield given, Action("rename_string", {"text": new})


def _read_anew(renaming: Renaming, text: str) -> str:
    """The expression with the new names of modules before their classes; other texts as they are."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return text
    written = text.encode()
    lines = written.splitlines(keepends=True)
    places: dict[int, tuple[int, bytes]] = {}
    for node in ast.walk(tree):
        module, _, cls = ast.unparse(node).rpartition(".") if _is_dotted(node) else ("", "", "")
        new = renaming.name(module) if f"{module}:{cls}" in renaming.project.classes else None
        if new is not None and isinstance(node, ast.Attribute):
            begin = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
            places[begin] = (begin + len(module.encode()), new.encode())
    for begin, (end, name) in sorted(places.items(), reverse=True):
        written = written[:begin] + name + written[end:]
    return written.decode()


def _is_dotted(node: ast.AST) -> bool:
    """Whether it is names with dots between them."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def naming_texts(node: ast.Call) -> Iterator[ast.Constant]:
    """The texts of a call that takes a module's name, where they follow the new package's."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if isinstance(node.func, ast.Name):
        name = node.func.id
    if name not in NAMING_CALLS:
        return
    named = [k.value for k in node.keywords if k.arg in _NAMING]
    for part in (
        part for given in (*node.args[: _POSITIONS.get(name, 1)], *named) for part in walk(given)
    ):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part


def _strings(renaming: Renaming, node: ast.Call) -> Iterator[tuple[ast.AST, Action]]:
    parts = list(naming_texts(node))
    if not parts:
        return
    # Until Python 3.12, a part of an f-string stands where the whole of it does.
    formatted = {id(p): n for n in walk(node) if isinstance(n, ast.JoinedStr) for p in n.values}
    for part in parts:
        text = str(part.value)
        new = renaming.dotted(text)
        if new is None:
            continue
        whole = formatted.get(id(part))
        if whole is None:
            yield part, Action("rename_string", {"text": new})
        elif whole.values[0] is part:
            top = text.partition(".")[0].partition(":")[0]
            begins = {"begins": top, "text": new.removesuffix(text.removeprefix(top))}
            yield whole, Action("rename_string", begins)
