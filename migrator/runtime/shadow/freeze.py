"""One clock and one source of chance for both sides.

The clock stands still during a request (time-machine patches it in C, so every reference to
`datetime` and `time` sees it, while the event loop's monotonic clock runs on). What `os.urandom`
gives, and so uuid4, `secrets` and salts, follows from the step's seed, the length asked for and
who asked, the application or which library: one that draws once more (a driver that connects, a
cache that has to begin anew) does not shift what the others draw.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import string
import sys
import sysconfig
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from migrator.errors import MissingExtra

_HERE = str(Path(__file__).resolve().parent)
_INSTALLED = tuple(
    {f"{Path(sysconfig.get_path(name)).resolve()}{os.sep}" for name in ("purelib", "platlib")}
)
#: Who asks through these asks himself.
_TRANSPARENT = tuple(
    {f"{Path(sysconfig.get_path(name)).resolve()}{os.sep}" for name in ("stdlib", "platstdlib")}
    | {f"{Path(__file__).resolve().parents[2]}{os.sep}"}
)
_APPLICATION = ""
_LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits
_BCRYPT = bytes.maketrans(f"{_LETTERS}+/".encode(), f"./{_LETTERS}".encode())


class _Chance:
    """What os.urandom gives during one request."""

    def __init__(self, name: str, number: int) -> None:
        self.seed = hashlib.sha256(f"{name}\0{number}".encode()).digest()
        self.drawn: Counter[tuple[str, int]] = Counter()


#: The chance of a request that runs at once with others.
_own: ContextVar[_Chance | None] = ContextVar("_own", default=None)


class Determinism:
    """While `running`, both sides get the same time and the same random bytes at the same step."""

    def __init__(self, start: datetime, own: Collection[str] = ()) -> None:
        """`own` are packages of the two applications, which may be installed ones."""
        self.start = start
        self._own = frozenset(own)
        self._chance = _Chance("", 0)
        self._lock = threading.Lock()
        self._urandom = os.urandom
        self._traveller: Any = None
        self.now = start

    @contextmanager
    def running(self) -> Iterator[Determinism]:
        """Freeze; everything is as before when the block ends."""
        try:
            import time_machine
        except ModuleNotFoundError as error:
            raise MissingExtra(
                "Freezing the clock needs the package 'time_machine', which is not installed.",
                "It belongs to the extra 'shadow'.",
                "Run: pip install 'migrator[shadow]'",
            ) from error
        state = random.getstate()
        original = random._urandom  # type: ignore[attr-defined]
        bcrypt = sys.modules.get("bcrypt")
        gensalt = getattr(bcrypt, "gensalt", None)
        with time_machine.travel(self.start, tick=False) as self._traveller:
            os.urandom = self._bytes
            random._urandom = self._bytes  # type: ignore[attr-defined]
            if gensalt is not None:
                vars(bcrypt)["gensalt"] = partial(self._salt, gensalt)
            try:
                yield self
            finally:
                os.urandom = self._urandom
                random._urandom = original  # type: ignore[attr-defined]
                if gensalt is not None:
                    vars(bcrypt)["gensalt"] = gensalt
                random.setstate(state)
                self._traveller = None

    def step(self, name: str, number: int, begins: int = 0) -> None:
        """Begin a step of a flow that begins so many seconds after the start: a second for each step, chance anew."""
        self._chance = _Chance(name, number)
        self.now = self.start + timedelta(seconds=begins + number)
        if self._traveller is not None:
            self._traveller.move_to(self.now)
        random.seed(self._chance.seed)

    @staticmethod
    def among_others(name: str, number: int) -> None:
        """Give this context, a task's or a thread's, the chance that the step has alone."""
        _own.set(_Chance(name, number))

    @property
    def fraction(self) -> float:
        """A number in [0, 1) that follows from the step, for a database's own generator."""
        return int.from_bytes(self._chance.seed[:6], "big") / 2**48

    def _salt(self, gensalt: Callable[..., bytes], *args: Any, **options: Any) -> bytes:
        """What bcrypt makes, with a salt of ours: it has its chance from the system, past `os.urandom`."""
        salt = base64.b64encode(self._bytes(16)).rstrip(b"=").translate(_BCRYPT)
        return gensalt(*args, **options)[: -len(salt)] + salt

    def _bytes(self, size: int, /) -> bytes:
        """What os.urandom gives: the n-th draw of this length by this caller."""
        kind = (_who_asks(sys._getframe(1), self._own), size)
        chance = _own.get() or self._chance
        with self._lock:
            count = chance.drawn[kind]
            chance.drawn[kind] += 1
        return hashlib.shake_128(chance.seed + repr((kind, count)).encode()).digest(size)


def _who_asks(frame: FrameType | None, own: Collection[str]) -> str:
    """The name of the installed package whose code asks, or the application.

    It asks as well where nobody is seen: a thread that the bridge has given a function of the
    standard library has no caller, and the legacy side's view has called that function itself.
    """
    for caller in _callers(frame):
        file = caller.f_code.co_filename
        if file.startswith(_HERE) and not file.endswith("freeze.py"):
            return "migrator"
        for folder in _INSTALLED:
            if file.startswith(folder):
                package = file[len(folder) :].partition(os.sep)[0].removesuffix(".py")
                return _APPLICATION if package in own else package
        if not file.startswith(("<", *_TRANSPARENT)):
            return _APPLICATION
    return _APPLICATION


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    """The frame and those below it: where a greenlet begins (the bridge's code has one), its parent's."""
    greenlet = sys.modules.get("greenlet")
    at = greenlet.getcurrent() if greenlet is not None else None
    while frame is not None:
        yield frame
        frame = frame.f_back
        if frame is None and at is not None:
            at = at.parent
            frame = at.gr_frame if at is not None else None
