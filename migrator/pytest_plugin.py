"""`pytest -p migrator.pytest_plugin`: a legacy application's tests, unchanged, on its conversion.

The whole run takes place in the bridge, on one event loop: sync tests and fixtures and the
application under test share the async engine and, in an application context, the session, as they
shared the sync ones. What a call in a test module returns is awaited when it is a coroutine: a
function that became `async def` is called as before. What a test lets stand in for a part of the
application may give at once what native code awaits, and the sessions that it makes can be awaited. What
a test module imports of Flask-SQLAlchemy, and `Flask` itself, is what the converted application has in its place. A failed assert tells what it compared. What a test
runs on an event loop of its own (pytest-asyncio) runs on that of the run, and so does what Starlette's TestClient asks.

https://docs.pytest.org/en/stable/how-to/writing_plugins.html
"""

from __future__ import annotations

import ast
import asyncio
import sys
from collections.abc import Generator, Sequence
from fnmatch import fnmatch
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from migrator.runtime.db import bridge
from migrator.surface.names import BESIDE_FLASK, target
from migrator.testing.assertion_details import Details
from migrator.testing.called import converted, settled
from migrator.testing.drivers import quiet_drivers
from migrator.testing.loops import shared_loop
from migrator.testing.portals import shared_portals
from migrator.testing.replaced import awaitable_replacements
from migrator.testing.stand_ins import NAMES, OF_TESTS, awaiting

#: The distributions of which the conversion has classes of its own.
_CONVERTED = {"flask", "flask_sqlalchemy", "flask_sqlalchemy_lite", *BESIDE_FLASK}
_FOLDERS = {"test", "tests", "testing"}
_INSTALLED = {"site-packages", "dist-packages"}
_APART = (Path(ast.__file__).resolve().parent, Path(__file__).resolve().parent)
# No name of Python's own can clash with these.
_SETTLED, _CALLED = "@settled", "@converted"
_DETAILS = pytest.StashKey[Details]()


def _takes_coroutines(function: ast.expr) -> bool:
    """Whether it is asyncio's (`asyncio.run`), or the method of a loop or a runner."""
    if not isinstance(function, ast.Attribute):
        return False
    of_asyncio = isinstance(function.value, ast.Name) and function.value.id == "asyncio"
    return of_asyncio or function.attr in ("run_until_complete", "create_task")


def _unsettled(argument: ast.expr) -> ast.expr:
    match argument:
        case ast.Call(func=ast.Name(id=name), args=[ast.Call() as call]) if name == _SETTLED:
            return call
    return argument


def _call(name: str, argument: ast.expr) -> ast.Call:
    function = ast.Name(id=name, ctx=ast.Load())
    return ast.copy_location(ast.Call(func=function, args=[argument], keywords=[]), argument)


class _Settle(ast.NodeTransformer):
    def __init__(self, details: Details) -> None:
        self._details = details

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        self.generic_visit(node)
        return self._details.rewritten(node)

    def visit_Await(self, node: ast.Await) -> ast.Await:
        """What a coroutine function of the tests awaits is left to it."""
        self.generic_visit(node)
        node.value = _unsettled(node.value)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AsyncFor:
        self.generic_visit(node)
        node.iter = _unsettled(node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.generic_visit(node)
        if node.is_async:
            node.iter = _unsettled(node.iter)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        takes = _takes_coroutines(node.func)
        self.generic_visit(node)
        if takes:
            node.args = [_unsettled(argument) for argument in node.args]
        node.func = _call(_CALLED, node.func)
        return _call(_SETTLED, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.ImportFrom]:
        """`isinstance(page, Pagination)` asks for the class that pages have now.

        A `Flask` that a fixture makes for `db.init_app` is one on the event loop, too.
        """
        if node.level or (node.module or "").partition(".")[0] not in _CONVERTED:
            return [node]
        imports = []
        for alias in node.names:
            module, name = target(f"{node.module}.{alias.name}", "flask") or (
                node.module,
                alias.name,
            )
            names = [ast.alias(name, alias.asname or alias.name)]
            imports.append(ast.copy_location(ast.ImportFrom(module, names, 0), node))
        return imports


class _Loader(SourceFileLoader):
    """Loads a module in another form than it is written in; nothing of it is cached."""

    def tree(self, source: bytes, path: str) -> ast.Module:
        raise NotImplementedError

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = ast.fix_missing_locations(self.tree(self.get_data(path), path))
        code: CodeType = compile(tree, path, "exec", dont_inherit=True)
        return code


class _Tests(_Loader):
    """Loads a test module; pytest's own bytecode of it is of no use."""

    def __init__(self, fullname: str, path: str, details: Details) -> None:
        super().__init__(fullname, path)
        self._details = details

    def tree(self, source: bytes, path: str) -> ast.Module:
        tree: ast.Module = _Settle(self._details).visit(ast.parse(source, path))
        return tree

    def exec_module(self, module: ModuleType) -> None:
        names = {_SETTLED: settled, _CALLED: converted, OF_TESTS: True}
        module.__dict__.update(self._details.names, **names)
        super().exec_module(module)


class _Application(_Loader):
    """Loads a module of the application, where what a test lets stand in for something is awaited."""

    def tree(self, source: bytes, path: str) -> ast.Module:
        return awaiting(ast.parse(source, path))

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__.update(NAMES)
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds the modules of the run before pytest's own hook does: tests, and what awaits something.

    Tests are, below its root: what `python_files` names, what its command line names, all in the
    folders of tests, which help them, and conftest.py.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.details = Details()
        self._root = root = config.rootpath.resolve()
        # A pytest.ini among the tests makes their folder the root.
        self._only_tests = root.name in _FOLDERS and not any((root / f).is_dir() for f in _FOLDERS)
        self._patterns = ["conftest.py", *config.getini("python_files")]
        named = (
            argument.partition("::")[0] for argument in config.known_args_namespace.file_or_dir
        )
        self._named = {(config.invocation_params.dir / name).resolve() for name in named}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.origin is None:
            return None
        file = Path(spec.origin).resolve()
        if self._is_test(file):
            spec.loader = _Tests(fullname, spec.origin, self.details)
        elif not _is_installed(file) and b"await" in file.read_bytes():
            spec.loader = _Application(fullname, spec.origin)
        else:
            return None
        return spec

    def _is_test(self, path: Path) -> bool:
        if not path.is_relative_to(self._root):
            return False
        return (
            self._only_tests
            or path in self._named
            or any(fnmatch(path.name, pattern) for pattern in self._patterns)
            or not _FOLDERS.isdisjoint(path.relative_to(self._root).parts[:-1])
        )


def _is_installed(path: Path) -> bool:
    return not _INSTALLED.isdisjoint(path.parts) or any(map(path.is_relative_to, _APART))


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """From here on test modules are loaded by this plugin."""
    finder = _Finder(early_config)
    sys.meta_path.insert(0, finder)
    early_config.stash[_DETAILS] = finder.details


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run where it is too late; raises pytest.UsageError."""
    if _DETAILS not in config.stash:
        raise pytest.UsageError(
            "migrator.pytest_plugin was loaded by a conftest.py. Test modules may be imported by then,"
            " as they are, and their coroutines would not be awaited. Name it on the command line or in"
            " addopts: -p migrator.pytest_plugin"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """A failed assert of this test asks the hooks that this test has."""
    with item.config.stash[_DETAILS].of(item):
        return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The end of the run, which may not be the end of the process."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Any:
    """Everything from collection on, inside the bridge."""
    this = sys.modules[__name__]
    inner = config.pluginmanager.subset_hook_caller("pytest_cmdline_main", [this])
    loop = asyncio.new_event_loop()
    try:
        # Not asyncio.run: a Ctrl-C is pytest's to handle, and it arrives as KeyboardInterrupt.
        with shared_loop(loop), shared_portals(loop), awaitable_replacements(), quiet_drivers():
            return loop.run_until_complete(bridge(inner, config=config))
    finally:
        loop.close()
