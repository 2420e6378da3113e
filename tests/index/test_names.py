"""What a name means at the top of a module."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.index.definitions import ExternalName, FunctionInfo, Module
from migrator.index.project import Project


def project(tmp_path: Path, **texts: str) -> Project:
    root = tmp_path / "shop"
    root.mkdir()
    for name, text in texts.items():
        (root / f"{name}.py").write_text(text)
    return Project(root)


@pytest.mark.parametrize(
    "line", ["from shop import tools", "from . import tools", "import shop.tools as tools"]
)
def test_a_package_imports_its_own_submodule(line: str, tmp_path: Path) -> None:
    found = project(tmp_path, __init__=f"{line}\n", tools="def go():\n    pass\n")
    module = found.lookup(found.modules["shop"], "tools")
    assert isinstance(module, Module)
    assert module.name == "shop.tools"


def test_a_name_that_imports_itself_in_a_circle_is_nothing(tmp_path: Path) -> None:
    found = project(
        tmp_path, __init__="", a="from shop.b import name\n", b="from shop.a import name\n"
    )
    assert found.lookup(found.modules["shop.a"], "name") is None


def test_a_function_is_found_through_a_package(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        __init__="from .tools import go\n",
        tools="def go():\n    pass\n",
        views="from shop import go\n",
    )
    function = found.lookup(found.modules["shop.views"], "go")
    assert isinstance(function, FunctionInfo)
    assert function.key == "shop.tools:go"


@pytest.mark.parametrize(
    "line",
    ["from bare import tools", "from bare.sub import tools", "import bare.sub.tools as tools"],
)
def test_a_folder_without_init_has_modules_alone(line: str, tmp_path: Path) -> None:
    for place in ("bare/tools.py", "bare/sub/tools.py", "alembic/env.py", "main.py"):
        (tmp_path / "shop" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / place).write_text(f"{line}\nimport alembic\nfrom alembic import op\n")
    found = Project(tmp_path / "shop")
    assert isinstance(found.lookup(found.modules["main"], "tools"), Module)
    for name, expected in (("alembic", "alembic"), ("op", "alembic.op")):
        assert found.lookup(found.modules["main"], name) == ExternalName(expected)
