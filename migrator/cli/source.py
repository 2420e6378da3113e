"""What `codemod` and `scan` read: the folder, the settings, and the conversion of both."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from migrator.cli.cache_home import cache_home
from migrator.cli.config import Config
from migrator.cli.progress import converting
from migrator.errors import ConfigError, SourceError, UsageError

if TYPE_CHECKING:
    from migrator.codemod.cache import Texts
    from migrator.codemod.convert import Conversion
    from migrator.eager.place import Eager
    from migrator.surface import FrameChoice

_CODE = re.compile(r"MIG\d{0,3}")
#: How deep an expression may be nested, times the frames that each level takes.
_DEPTH = 20_000
T = TypeVar("T")


def source_root(path: Path) -> Path:
    """The folder to convert; raises SourceError where there is none.

    Raises ModuleNotFoundError where libcst is missing: it is loaded when a file is to be rewritten,
    and a run of minutes must not end with that.
    """
    if find_spec("libcst") is None:
        raise ModuleNotFoundError("No module named 'libcst'", name="libcst")
    root = Path(os.path.abspath(path))
    if not root.exists():
        raise SourceError(
            f"There is no {str(path)!r}.",
            "PATH is the folder to convert.",
            "Check the spelling, and the folder that you are in.",
        )
    if not root.is_dir():
        raise SourceError(
            f"{str(path)!r} is a file.",
            "PATH is the folder to convert: names and models are followed through all of it.",
            f"Give its folder: {str(path.parent)!r}.",
        )
    return root


def place_within(root: Path) -> str:
    """The folder below `root` that its modules are imported from, if that is what to convert (`src`); it is told."""
    from migrator.index.files import list_files
    from migrator.index.place import place_of

    place = place_of(root, list_files(root, ()).python)
    if place:
        click.echo(
            f"{place}/ is what is converted: its modules import each other from there", err=True
        )
    return place


def merged(
    config: Config,
    app: str | None,
    exclude: Sequence[str],
    select: Sequence[str],
    ignore: Sequence[str],
    frame: FrameChoice | None = None,
    trace: Path | None = None,
    eager: Eager | None = None,
    *,
    keep_db_names: bool = False,
    cache: bool = True,
    place: str = "",
) -> Config:
    """The settings of the file, with those of the command line instead where there are some.

    `place` is what `place_within` has found below PATH; what is excluded may be said from PATH on.
    """
    return Config(
        app=_application("--app", app) if app is not None else _configured_application(config.app),
        frame=frame or config.frame,
        exclude=tuple(glob.removeprefix(f"{place}/") for glob in (*config.exclude, *exclude)),
        select=_codes("--select", select or config.select, configured=not select),
        ignore=_codes("--ignore", ignore or config.ignore, configured=not ignore),
        trace=config.trace if trace is None else str(trace),
        eager=eager or config.eager,
        keep_db_names=keep_db_names or config.keep_db_names,
        keep_parts=config.keep_parts,
        waiting=config.waiting,
        cache=config.cache and cache,
        file=config.file,
    )


def _configured_application(text: str) -> str:
    return _application("app", text, configured=True) if text else ""


def _application(option: str, text: str, *, configured: bool = False) -> str:
    module, colon, attribute = text.partition(":")
    attribute = attribute.removesuffix("()")
    name = attribute.partition("(")[0].strip()
    if not colon or not name.isidentifier() or not all(p.isidentifier() for p in module.split(".")):
        raise _mistake(configured)(
            f"{_shown(option, configured)} {text!r} is no module:attribute.",
            "A module's dotted name and a name in it are needed.",
            "Write it like shop.app:create_app.",
            code="MIG004" if configured else "MIG002",
        )
    return f"{module}:{attribute}"


def _codes(option: str, given: Sequence[str], *, configured: bool) -> tuple[str, ...]:
    codes = tuple(c.strip() for text in given for c in text.split(",") if c.strip())
    for code in codes:
        if not _CODE.fullmatch(code):
            raise _mistake(configured)(
                f"{_shown(option, configured)} {code!r} is no code.",
                "Codes are MIG and three digits; the beginning of one names all that begin so.",
                "Write it like MIG402 or MIG4.",
            )
    return codes


def _mistake(configured: bool) -> type[UsageError]:
    return ConfigError if configured else UsageError


def _shown(option: str, configured: bool) -> str:
    """An option as it was given: on the command line, or in the settings."""
    return f"[tool.migrator] {option.removeprefix('--')}" if configured else option


def convert_source(
    root: Path,
    config: Config,
    make: Callable[[Conversion], T],
    package: str = "",
    jobs: int = 0,
) -> T:
    """What `make` makes of the conversion of `root`, or made of it before, with a progress bar.

    `jobs` is how many processes rewrite files, 0 for as many as there are cores. `make` depends on
    the settings and on nothing else. Raises SourceError where the folder holds no Python.
    """
    from migrator.codemod.cache import remembered
    from migrator.codemod.faults import despite_faults, in_a_room
    from migrator.trace.read import read_trace

    # A chain of some hundred calls is a tree of that depth; Python's calls need none of C's stack.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))

    trace = read_trace(Path(config.trace)) if config.trace else None
    evidence = _digest(Path(config.trace)) if config.trace else ""

    def converted(texts: Texts | None, unread: Mapping[str, str]) -> tuple[T, bool]:
        from migrator.codemod.convert import convert
        from migrator.codemod.findings.unused_settings import unused_settings

        with converting() as advance:
            conversion = convert(
                root,
                application=config.app,
                frame=config.frame,
                package=package,
                exclude=config.exclude,
                trace=trace,
                eager=config.eager,
                keep_db_names=config.keep_db_names,
                keep_parts=config.keep_parts,
                waiting=config.waiting,
                progress=advance,
                jobs=jobs,
                # What a run that failed has kept is half of it.
                kept=texts if not unread else None,
                unread=unread,
            )
        if not conversion.project.modules and not conversion.project.broken:
            raise SourceError(
                f"{str(root)!r} holds no Python file.",
                "There is nothing to convert.",
                "Give the folder of the package, and look at `exclude` in [tool.migrator].",
            )
        conversion.findings.extend(
            in_a_room(
                conversion, unused_settings, Path(config.file), config.waiting, config.keep_parts
            )
        )
        made = make(conversion)
        return made, not (conversion.failed or conversion.unchecked or unread)

    settings = (make.__module__, make.__qualname__, package, evidence, *astuple(config))
    home = cache_home() if config.cache else None
    return remembered(
        home,
        root,
        settings,
        config.exclude,
        lambda texts: despite_faults(partial(converted, texts)),
    )


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
