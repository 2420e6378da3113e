"""`pytest --migrator-trace FILE`: record the lazy loads of a test run, xdist workers included.

Loaded in every test run of an environment that has migrator: it imports nothing of weight unless
the option is given.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .recorder import Recorder

_KEY = "migrator_trace"  # in what xdist's controller and workers hand each other


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("migrator", "lazy loads of the legacy application")
    group.addoption(
        "--migrator-trace",
        metavar="FILE",
        help="record which relationships are loaded lazily, for `migrator codemod --trace FILE`",
    )
    group.addoption(
        "--migrator-trace-root",
        metavar="DIR",
        help="the application's root, which paths are relative to (default: pytest's rootdir)",
    )
    group.addoption(
        "--migrator-trace-append",
        action="store_true",
        help="keep what FILE holds already",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--migrator-trace"):
        config.pluginmanager.register(_Tracing(config), "migrator-tracing")


class _Tracing:
    """Records in this process; the workers of xdist hand theirs to the controller."""

    def __init__(self, config: pytest.Config) -> None:
        from .recorder import Recorder

        start = Path(config.invocation_params.dir)
        root = config.getoption("--migrator-trace-root")
        self.config = config
        self.file = start / config.getoption("--migrator-trace")
        self.append = bool(config.getoption("--migrator-trace-append"))
        self.root = start / root if root else config.rootpath
        self.of_workers: list[dict[str, Any]] = []
        if self._is_worker:
            self.root = Path(config.workerinput[_KEY])  # type: ignore[attr-defined]  # xdist's
        else:
            self._check()
        self.recorder: Recorder = Recorder(self.root)
        self.recorder.start()

    @property
    def _is_worker(self) -> bool:
        return hasattr(self.config, "workerinput")

    def _check(self) -> None:
        """A run of minutes must not end with evidence that can't be written."""
        from . import tracefile

        if self.file.is_dir() or not self.file.parent.is_dir():
            raise pytest.UsageError(f"--migrator-trace: {self.file} can't be written")
        if self.append and self.file.exists():
            try:
                tracefile.read(self.file)
            except ValueError as error:
                raise pytest.UsageError(f"--migrator-trace-append: {error}") from None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """xdist: what a worker needs to know, before it starts."""
        node.workerinput[_KEY] = str(self.root)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """xdist: a worker is done; one that crashed has left nothing."""
        evidence = getattr(node, "workeroutput", {}).get(_KEY)
        if evidence is not None:
            self.of_workers.append(evidence)

    def pytest_sessionfinish(self) -> None:
        """In a worker this is the last moment at which its controller listens."""
        if self._is_worker:
            evidence = self.recorder.evidence()
            self.config.workeroutput[_KEY] = evidence  # type: ignore[attr-defined]  # xdist's

    def pytest_unconfigure(self) -> None:
        from . import tracefile

        self.recorder.stop()
        if not self._is_worker:
            total = self.recorder.evidence()
            for evidence in self.of_workers:
                total = tracefile.merged(total, evidence)
            tracefile.write(self.file, total, append=self.append)
