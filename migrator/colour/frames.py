"""Functions that look at the frames of their callers: one more in between is seen there."""

from __future__ import annotations

import ast

from migrator.index.definitions import ExternalName, FunctionInfo
from migrator.types.state import State

#: What gives the frame of whoever called.
_FRAMES = frozenset({"inspect.currentframe", "inspect.stack", "sys._getframe"})


class Frames:
    """Tells them, each looked at once."""

    def __init__(self, state: State) -> None:
        self._resolve = state.project.resolve
        self._known: dict[str, bool] = {}
        #: Whether the repository says the name of anything that gives a frame.
        self._said = any(d.rpartition(".")[2] in state.names.said for d in _FRAMES)

    def looked_at_by(self, info: FunctionInfo) -> bool:
        """Whether the function sees what stands between it and its caller."""
        if not self._said:
            return False
        if info.key not in self._known:
            calls = (node for node in info.nodes if isinstance(node, ast.Call))
            found = (self._resolve(info.module, call.func) for call in calls)
            self._known[info.key] = any(
                isinstance(f, ExternalName) and f.dotted in _FRAMES for f in found
            )
        return self._known[info.key]
