"""Coroutines that nobody awaits: what they should have done is not done, and the request says so.

CPython tells of each when it is dropped, which is at once for a statement such as `x.execute(...)` on an
object that nobody knew to be a session. By itself it warns on standard error, once a line of code.
https://github.com/python/cpython/blob/3.11/Lib/warnings.py (`_warn_unawaited_coroutine`)
"""

from __future__ import annotations

import gc
import sys
import sysconfig
import warnings
from collections.abc import Callable
from contextvars import ContextVar, Token
from pathlib import Path
from types import CodeType, CoroutineType, FrameType
from typing import Any

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.orm import Session

import migrator.runtime
from migrator.runtime.db.errors import NeverAwaited
from migrator.runtime.told import get_logger

logger = get_logger("migrator.runtime.db.forgotten")

_OURS = tuple(
    str(Path(module.__file__).parent)
    for module in (sqlalchemy, migrator.runtime)
    if module.__file__ is not None
)
_PYTHONS = (sysconfig.get_paths()["stdlib"], "<")
_INSTALLED = ("site-packages", "dist-packages")

_watch: ContextVar[Watch | None] = ContextVar("migrator.runtime.db.forgotten", default=None)
#: The top-level packages of the applications that are served here.
_roots: set[str] = set()
#: How many collections of garbage are under way: they meet what any request has left.
_collecting = 0


class Watch:
    """The forgotten coroutines of one request: `with watch: ...`."""

    __slots__ = ("_answered", "_forgotten", "_token")

    def __init__(self) -> None:
        self._forgotten: NeverAwaited | None = None
        self._answered = False
        self._token: Token[Watch | None] | None = None

    def __enter__(self) -> Watch:
        self._token = _watch.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        if self._token is not None:
            _watch.reset(self._token)

    def note(self, error: NeverAwaited) -> None:
        """Remember the first: what else goes wrong may be its doing."""
        self._forgotten = self._forgotten or error

    def refuse(self) -> None:
        """Raise NeverAwaited where something was forgotten that the answer doesn't know of."""
        if self._forgotten is not None and not self._answered:
            raise self._forgotten.with_traceback(None)

    def answer(self, status: int = 200) -> None:
        """`refuse` an answer of this status, once: an error is one already, or becomes one."""
        try:
            if status < 500:
                self.refuse()
        finally:
            self._answered = self._forgotten is not None


def answering(status: int) -> None:
    """The request at hand is answered: raises NeverAwaited where that hides what was forgotten."""
    watch = _watch.get()
    if watch is not None:
        watch.answer(status)


def watch_for_forgotten(import_name: str) -> None:
    """From now on no coroutine that the application `import_name` makes is forgotten in silence."""
    _roots.add(import_name.partition(".")[0])
    told: Callable[[Any], None] = warnings._warn_unawaited_coroutine  # type: ignore[attr-defined]
    if getattr(told, "_migrator", False):
        return

    def tell(coroutine: CoroutineType[Any, Any, Any]) -> None:
        _tell(coroutine)
        told(coroutine)

    tell._migrator = True  # type: ignore[attr-defined]
    warnings._warn_unawaited_coroutine = tell  # type: ignore[attr-defined]
    gc.callbacks.append(_collection)
    event.listen(Session, "before_commit", _before_commit)


def _before_commit(session: Session) -> None:
    """What follows a lost statement is not made permanent without it."""
    watch = _watch.get()
    if watch is not None:
        watch.refuse()


def _collection(phase: str, info: dict[str, int]) -> None:
    global _collecting
    _collecting += 1 if phase == "start" else -1


def _tell(coroutine: CoroutineType[Any, Any, Any]) -> None:
    if not _counts(coroutine):
        return
    error = NeverAwaited(
        f"The coroutine of {coroutine.__qualname__}() was dropped at {_place(coroutine)}.",
        "Nobody awaited it, so nothing of what it does was done.",
        "Write `await` there, or `await call(function, ...)` where it may be sync or async;"
        " an annotation of the object lets the codemod do it.",
    )
    logger.error("%s", error, exc_info=error)
    watch = _watch.get()
    if watch is not None and not _collecting:
        watch.note(error)


def _counts(coroutine: CoroutineType[Any, Any, Any]) -> bool:
    """Whether the conversion may have made it: not where Python or a library is asynchronous anyway."""
    frame = coroutine.cr_frame
    names = frame.f_globals if frame is not None else {}
    if _is_converted(coroutine.cr_code, str(names.get("__name__"))):
        return True
    # A library's wrapper around a function of the application's.
    given = frame.f_locals.values() if frame is not None else ()
    return any(
        isinstance(code := getattr(value, "__code__", None), CodeType)
        and _is_converted(code, str(getattr(value, "__module__", "")))
        for value in given
    )


def _is_converted(code: CodeType, module: str) -> bool:
    file = code.co_filename
    if file.startswith(_OURS):
        return True
    if any(folder in file for folder in _INSTALLED):
        return module.partition(".")[0] in _roots
    return not file.startswith(_PYTHONS)


def _place(coroutine: CoroutineType[Any, Any, Any]) -> str:
    if coroutine.cr_origin:
        path, line, function = coroutine.cr_origin[0]
        return f"{path}:{line} ({function})"
    if _collecting:
        return "an unknown place (PYTHONASYNCIODEBUG=1 finds it)"
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((*_OURS, *_PYTHONS)):
        frame = frame.f_back
    if frame is None:
        return "an unknown place (PYTHONASYNCIODEBUG=1 finds it)"
    return f"{frame.f_code.co_filename}:{frame.f_lineno} ({frame.f_code.co_qualname})"
