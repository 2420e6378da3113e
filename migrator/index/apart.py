"""Modules beside the application: its tests, and the migrations that Alembic runs."""

from __future__ import annotations

import re

from migrator.index.definitions import Import, Module, dotted
from migrator.index.project import Project

_TEST_FOLDERS = frozenset({"tests", "test", "testing"})
_FRAMEWORKS = frozenset({"unittest", "unittest2", "flask_testing", "testtools", "twisted"})
_WORD = re.compile(r"\w+")


def modules_apart(project: Project) -> frozenset[str]:
    """The names of the modules that test or migrate the legacy application.

    They call it as it is: pytest, unittest and Alembic run plain functions, and would drop the
    coroutine of an `async def` without a word.
    """
    folders = {_folder(m) for m in project.modules.values() if _is_environment(m)}
    apart = {
        module.name
        for module in project.modules.values()
        if is_test(module)
        or _is_revision(module)
        or any(f"{module.path}".startswith(f"{f}/") for f in folders if f)
    }
    return frozenset(apart | _bases_of_tests(project, apart))


def _folder(module: Module) -> str:
    return module.path.rpartition("/")[0]


def _is_environment(module: Module) -> bool:
    """Whether a module is Alembic's `env.py`."""
    return module.path.rpartition("/")[2] == "env.py" and any(
        isinstance(b, Import) and b.module.partition(".")[0] == "alembic"
        for b in module.bindings.values()
    )


def _is_revision(module: Module) -> bool:
    """Whether Alembic runs it, wherever its `env.py` lies: Flask-Alembic's is its own."""
    return {"revision", "down_revision"} <= module.bindings.keys() and any(
        function.name in {"upgrade", "downgrade"} for function in module.functions
    )


def is_test(module: Module) -> bool:
    """Whether a module tests the application, by its path; `ab_test.py` may be what one is about."""
    if module.path.endswith("_test.py") and not lies_with_tests(module.path):
        return any(function.name.startswith("test_") for function in module.functions)
    return lies_with_tests(module.path)


def lies_with_tests(path: str) -> bool:
    """Whether a path says of a module that it tests something."""
    *folders, name = path.removesuffix(".py").split("/")
    named = name in {"conftest", "tests"} or (
        name.startswith("test_") and not name.endswith("_test")
    )
    return named or not _TEST_FOLDERS.isdisjoint(folders)


def _bases_of_tests(project: Project, apart: set[str]) -> set[str]:
    """Modules with classes that tests derive from, and that nothing but tests speaks of."""
    maybe = {
        module.name
        for module in project.modules.values()
        if module.name not in apart and _derives_from_a_framework(module)
    }
    if not maybe:
        return maybe
    words = {name: set(_WORD.findall(m.source.text)) for name, m in project.modules.items()}
    while True:
        tests = apart | maybe
        others = {word for name, said in words.items() if name not in tests for word in said}
        kept = {
            name
            for name in maybe
            if (word := name.rpartition(".")[2]) not in others
            and any(word in words[test] for test in tests if test != name)
        }
        if kept == maybe:
            return kept
        maybe = kept


def _derives_from_a_framework(module: Module) -> bool:
    for owner in module.classes:
        for base in owner.node.bases:
            binding = module.bindings.get(dotted(base).partition(".")[0])
            if isinstance(binding, Import) and binding.module.partition(".")[0] in _FRAMEWORKS:
                return True
    return False
