"""The whole repository at a glance: modules, their names, and what each name stands for."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from migrator.index.binder import Binder
from migrator.index.bodies import Bodies
from migrator.index.declared import declared_by, on_given_extension
from migrator.index.definitions import (
    ClassInfo,
    Earlier,
    ExternalName,
    FunctionInfo,
    Import,
    Module,
    Resolved,
    Variable,
    dotted,
)
from migrator.index.exported import exports
from migrator.index.files import list_files
from migrator.index.installed import public
from migrator.index.mro import merged
from migrator.index.roots import is_package
from migrator.index.source import Source, read_source
from migrator.index.template_files import named_folders, template_files

T = TypeVar("T")
_Use = ast.ImportFrom | ast.Attribute


class Project:
    """Every module below `root`.

    `package` is the dotted name of the scanned folder itself when it is a package ("legacy_app"),
    or empty when the folder only holds modules and packages (see `roots`). What is in the files
    `unread`, by their relative paths, is not looked at.
    """

    def __init__(
        self, root: Path, exclude: Sequence[str] = (), unread: Mapping[str, str] | None = None
    ) -> None:
        self.root = root
        #: Globs of what is not read.
        self.exclude = exclude
        #: With what there is to say of each.
        self.unread = unread or {}
        self.modules: dict[str, Module] = {}
        self.broken: list[Source] = []
        self.files = list_files(root, exclude)
        sources = [read_source(root, root / path) for path in self.files.python]
        sources = [replace(s, tree=None) if s.path in self.unread else s for s in sources]
        self.package = root.name if is_package(root, sources) else ""
        self.bodies = Bodies()
        #: Files that are not Python source, relative paths.
        self.data: list[str] = self.files.data
        named = (named_folders(root, source.path, source.text) for source in sources)
        #: The paths of templates by the names that they are rendered by.
        self.templates = template_files(root, self.data, named)
        for source in sources:
            if source.tree is None:
                self.broken.append(source)
                continue
            module = self._module(source)
            self.modules[module.name] = module
            Binder(module).bind()
        self.functions: dict[str, FunctionInfo] = {
            f.key: f for m in self.modules.values() for f in m.functions
        }
        self.classes: dict[str, ClassInfo] = {
            c.key: c for m in self.modules.values() for c in m.classes
        }
        self._bases: dict[str, list[ClassInfo | ExternalName]] = {}
        self._mro: dict[str, list[ClassInfo]] = {}
        #: How many classes' bases are being resolved: what depends on them is not final.
        self._resolving = 0
        self._below: dict[str, list[ClassInfo]] | None = None
        self._uses: defaultdict[str, list[tuple[Module, _Use]]] | None = None
        self._found: dict[tuple[str, str], Resolved] = {}
        self._derived: dict[tuple[Callable[..., Any], str], Any] = {}

    def _module(self, source: Source) -> Module:
        parts = source.path.removesuffix(".py").split("/")
        is_package = parts[-1] == "__init__"
        if is_package:
            parts.pop()
        return Module(
            ".".join(([self.package] if self.package else []) + parts), is_package, source
        )

    @cached_property
    def tops(self) -> frozenset[str]:
        """The first parts of the modules' names."""
        return frozenset(name.partition(".")[0] for name in self.modules)

    @cached_property
    def folders(self) -> frozenset[str]:
        """The names of folders with modules that have no `__init__.py`: nothing but modules is imported from them."""
        above: set[str] = set()
        for name in self.modules:
            while name := name.rpartition(".")[0]:
                above.add(name)
        return frozenset(above - self.modules.keys())

    @cached_property
    def starring(self) -> dict[str, list[Module]]:
        """By the name of a module: the modules that import whatever it has, `import *`."""
        found: dict[str, list[Module]] = {}
        for module in self.modules.values():
            for star in dict.fromkeys(module.stars):
                found.setdefault(star, []).append(module)
        return found

    def binds(self, module: Module, name: str) -> bool:
        """Whether a module has a name of its own."""
        if self.bodies.watching:
            self.bodies.seen.add(("bound", (module.name, name)))
        return name in module.bindings

    def find_module(self, name: str) -> Module | None:
        """The module called `name`."""
        return self.modules.get(name)

    def lookup(self, module: Module, name: str, seen: frozenset[str] = frozenset()) -> Resolved:
        """What `name` means at the top level of `module`, imports and re-exports followed."""
        if isinstance(name, Earlier):
            name = name.key
        if seen:
            return self._lookup(module, name, seen)
        key = (module.name, name)
        if self.bodies.watching:
            self.bodies.seen.add(("names", key))
        if key not in self._found:
            self._found[key] = self._lookup(module, name, seen)
        return self._found[key]

    def _lookup(self, module: Module, name: str, seen: frozenset[str]) -> Resolved:
        mark = f"{module.name}:{name}"
        submodule = self.modules.get(f"{module.name}.{name}" if module.name else name)
        if mark in seen:
            # `from shop import models` in shop/__init__.py asks the package for what it imports.
            return submodule if module.is_package else None
        seen |= {mark}
        binding = module.bindings.get(name) or module.earlier.get(name)
        # A star takes whatever there is, a submodule's name too: `from .initialize import *`.
        for star in module.stars if binding is None else module.covering.get(name, ()):
            target = self.find_module(star)
            if target is None and name in public(star):
                return ExternalName(f"{star}.{name}")
            if target is None or not exports(target, name):
                continue
            found = self.lookup(target, name, seen)
            # What is found by way of this module is what the name means without the star.
            if found is not None and found is not submodule:
                return found
        if isinstance(binding, Import):
            return self.imported(binding, seen)
        if binding is not None:
            return binding
        if module.is_package and submodule is not None:
            return submodule
        folder = f"{module.name}.{name}"
        return ExternalName(folder) if module.is_package and folder in self.folders else None

    def others(
        self, module: Module, name: str, seen: frozenset[str] = frozenset()
    ) -> list[Resolved]:
        """What else of the repository `name` may mean, where a condition decides which import is made."""
        mark = f"{module.name}:{name}"
        if mark in seen or not self._is_any_chosen:
            return []
        found = [self.imported(binding) for binding in module.otherwise.get(name, ())]
        binding = module.bindings.get(name)
        if isinstance(binding, Import):
            target = self.find_module(binding.module)
            if target is not None and binding.name:
                found.extend(self.others(target, binding.name, seen | {mark}))
        first = self.lookup(module, name)
        ours = (FunctionInfo, ClassInfo, Module)
        return [other for other in found if isinstance(other, ours) and other is not first]

    @cached_property
    def _is_any_chosen(self) -> bool:
        """Whether a condition anywhere decides where a name is imported from."""
        return any(module.otherwise for module in self.modules.values())

    def imported(self, binding: Import, seen: frozenset[str] = frozenset()) -> Resolved:
        """What an import brings, re-exports followed."""
        target = self.find_module(binding.module)
        if target is None:
            if binding.module in self.folders and binding.name:
                return self.member(ExternalName(binding.module), binding.name)
            known_prefix = self.package and (
                binding.module == self.package or binding.module.startswith(self.package + ".")
            )
            if known_prefix:
                return None
            return ExternalName(
                f"{binding.module}.{binding.name}" if binding.name else binding.module
            )
        if not binding.name:
            return target
        return self.lookup(target, binding.name, seen)

    def resolve(self, module: Module, node: ast.expr) -> Resolved:
        """What a name or dotted chain at the top level of `module` stands for, or None."""
        if isinstance(node, ast.Name):
            return self.lookup(module, node.id)
        if isinstance(node, ast.Attribute):
            value = self.resolve(module, node.value)
            return self.member(value, node.attr)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self.resolve(module, ast.parse(node.value, mode="eval").body)
            except SyntaxError:
                return None
        return None

    def member(self, owner: Resolved, name: str) -> Resolved:
        """What `owner.name` stands for, where that is static."""
        if isinstance(owner, ExternalName):
            whole = f"{owner.dotted}.{name}"
            return self.modules.get(whole) or ExternalName(whole)
        if isinstance(owner, Module):
            return self.lookup(owner, name)
        if isinstance(owner, ClassInfo):
            inner = (self.classes.get(f"{cls.key}.{name}") for cls in self.mro(owner))
            return self.method(owner, name) or next(filter(None, inner), None)
        return None

    def bases(self, cls: ClassInfo) -> list[ClassInfo | ExternalName]:
        """The direct bases that can be resolved; a call such as `declarative_base()` gives its name.

        What a decorator or a metaclass makes of it is one of them: see `declared_by`.
        """
        known = self._bases.get(cls.key)
        if known is not None:
            return known
        self._bases[cls.key] = found = []
        self._resolving += 1
        for base in cls.node.bases:
            found.extend(
                self._base(cls.module, base.value if isinstance(base, ast.Subscript) else base, 0)
            )
        found.extend(map(ExternalName, declared_by(cls.node)))
        name = on_given_extension(cls)
        if name and self._has_extension and self.lookup(cls.module, name) is None:
            found.append(ExternalName("flask_sqlalchemy.SQLAlchemy().Model"))
        self._resolving -= 1
        return found

    @cached_property
    def _has_extension(self) -> bool:
        """Whether anything is imported of Flask-SQLAlchemy."""
        found = (b for module in self.modules.values() for b in module.bindings.values())
        return any(isinstance(b, Import) and b.module.startswith("flask_sqlalchemy") for b in found)

    def _base(self, module: Module, base: ast.expr, depth: int) -> list[ClassInfo | ExternalName]:
        """What a base class expression denotes; aliases such as `Model = db.Model` are followed."""
        target = self.resolve(module, base)
        if isinstance(target, Variable) and target.imported is not None:
            target = self.imported(target.imported)
        if isinstance(target, ClassInfo | ExternalName):
            return [target]
        if isinstance(target, Variable) and target.value is not None and depth < 4:
            # A file beside the project has variables of its own.
            owner = self.modules.get(target.module, module)
            if not isinstance(target.value, ast.Call):
                return self._base(owner, target.value, depth + 1)
            if made := self._made(owner, target.value, depth):
                return made
        if isinstance(base, ast.Call) and (made := self._made(module, base, depth)):
            return made
        if isinstance(base, ast.Attribute):
            return self._on_extension(module, base)
        return [ExternalName(dotted(base))]

    def _made(self, module: Module, call: ast.Call, depth: int) -> list[ClassInfo | ExternalName]:
        """`declarative_base(cls=Base)`: what makes the class, and what that derives from by `cls`."""
        maker = self.resolve(module, call.func)
        if not isinstance(maker, ClassInfo | ExternalName):
            return []
        given = [k.value for k in call.keywords if k.arg == "cls"]
        parents = given[0].elts if given and isinstance(given[0], ast.Tuple) else given
        found = (b for parent in parents for b in self._base(module, parent, depth + 1))
        return [maker, *found] if depth < 4 else [maker]

    def _on_extension(self, module: Module, base: ast.Attribute) -> list[ClassInfo | ExternalName]:
        """`db.Model`: db is a variable; Model is found on what it was made by."""
        owner = self.resolve(module, base.value)
        call = owner.value if isinstance(owner, Variable) else None
        if not isinstance(owner, Variable) or not isinstance(call, ast.Call):
            return [ExternalName(dotted(base))]
        home = self.modules.get(owner.module, module)
        made = self.resolve(home, call.func)
        names = [made.dotted] if isinstance(made, ExternalName) else []
        if isinstance(made, ClassInfo):
            names = self.external_bases(made)
        found: list[ClassInfo | ExternalName] = [ExternalName(f"{n}().{base.attr}") for n in names]
        for keyword in call.keywords:
            # Flask-SQLAlchemy: the class given is the parent of `db.Model`.
            if keyword.arg == "model_class":
                parents = self._base(home, keyword.value, 1)
                found.extend(parent for parent in parents if isinstance(parent, ClassInfo))
        return found or [ExternalName(dotted(base))]

    def mro(self, cls: ClassInfo) -> list[ClassInfo]:
        """The class and its ancestors inside the repository, in the order in which Python asks them.

        What `super()` comes to depends on it (https://docs.python.org/3/howto/mro.html).
        """
        return self._order(cls, ())

    def _order(self, cls: ClassInfo, below: tuple[ClassInfo, ...]) -> list[ClassInfo]:
        known = self._mro.get(cls.key)
        if known is not None:
            return known
        here = (*below, cls)
        bases = [b for b in self.bases(cls) if isinstance(b, ClassInfo) and b not in here]
        order = [cls, *merged([*(self._order(base, here) for base in bases), bases])]
        if not self._resolving and not below:
            self._mro[cls.key] = order
        return order

    def external(self, module: Module, node: ast.expr) -> str:
        """The dotted name of another distribution's that an expression stands for; "" for none."""
        found = self.resolve(module, node)
        return found.dotted if isinstance(found, ExternalName) else ""

    def external_bases(self, cls: ClassInfo) -> list[str]:
        """Dotted names of every base outside the repository, the whole ancestry."""
        return [
            b.dotted for c in self.mro(cls) for b in self.bases(c) if isinstance(b, ExternalName)
        ]

    def method(self, cls: ClassInfo, name: str) -> FunctionInfo | None:
        """The method `name` of a class or its nearest ancestor that has it.

        None where an attribute hides it. Python finds a special method under a second name too:
        `__getattr__ = __getitem__`.
        """
        for owner in self.mro(cls):
            if name in owner.methods:
                return owner.methods[name]
            _, value = owner.attributes.get(name, (None, None))
            if isinstance(value, ast.Name) and name.startswith("__"):
                return owner.methods.get(value.id)
            if value is not None:
                return None
        return None

    def metaclass(self, cls: ClassInfo) -> ClassInfo | None:
        """The class of the repository whose objects a class and those below it are."""
        for owner in self.mro(cls):
            given = next((k.value for k in owner.node.keywords if k.arg == "metaclass"), None)
            found = self.resolve(owner.module, given) if given is not None else None
            if isinstance(found, ClassInfo):
                return found
        return None

    def variants(self, method: FunctionInfo) -> list[FunctionInfo]:
        """A function, and what a condition in the body of its class may have put in its place."""
        owner = method.owner
        return [method, *(owner.variants.get(method.name, ()) if owner is not None else ())]

    def uses_of(self, name: str) -> Sequence[tuple[Module, ast.ImportFrom | ast.Attribute]]:
        """Where a name is imported from a module, or read as an attribute, in the repository."""
        if self._uses is None:
            uses = self._uses = defaultdict(list)
            for module in self.modules.values():
                for statement in module.of(ast.ImportFrom):
                    for imported in {a.name for a in statement.names}:
                        uses[imported].append((module, statement))
                for node in module.of(ast.Attribute):
                    uses[node.attr].append((module, node))
        return self._uses.get(name, ())

    def derived(self, make: Callable[[Project, Module], T], module: Module) -> T:
        """What `make` makes of a module, which is made once."""
        key = (make, module.name)
        if key not in self._derived:
            self._derived[key] = make(self, module)
        found: T = self._derived[key]
        return found

    def subclasses(self, cls: ClassInfo) -> list[ClassInfo]:
        """Every class of the repository below `cls`."""
        if self._below is None:
            self._below = {}
            for candidate in self.classes.values():
                for ancestor in self.mro(candidate)[1:]:
                    self._below.setdefault(ancestor.key, []).append(candidate)
        return self._below.get(cls.key, [])
