"""Modules beside the application: its tests, and the migrations that Alembic runs."""

from __future__ import annotations

from migrator.index.definitions import Import, Module
from migrator.index.project import Project

_TEST_FOLDERS = frozenset({"tests", "test", "testing"})


def modules_apart(project: Project) -> frozenset[str]:
    """The names of the modules that test or migrate the legacy application.

    They call it as it is: pytest, unittest and Alembic run plain functions, and would drop the
    coroutine of an `async def` without a word.
    """
    folders = {_folder(m) for m in project.modules.values() if _is_environment(m)}
    return frozenset(
        module.name
        for module in project.modules.values()
        if is_test(module) or any(f"{module.path}".startswith(f"{f}/") for f in folders if f)
    )


def _folder(module: Module) -> str:
    return module.path.rpartition("/")[0]


def _is_environment(module: Module) -> bool:
    """Whether a module is Alembic's `env.py`."""
    return module.path.rpartition("/")[2] == "env.py" and any(
        isinstance(b, Import) and b.module.partition(".")[0] == "alembic"
        for b in module.bindings.values()
    )


def is_test(module: Module) -> bool:
    """Whether a module tests the application, by its path; `ab_test.py` may be what one is about."""
    *folders, name = module.path.removesuffix(".py").split("/")
    if _TEST_FOLDERS.intersection(folders):
        return True
    if name.endswith("_test"):
        return any(function.name.startswith("test_") for function in module.functions)
    return name.startswith("test_") or name in {"conftest", "tests"}
