"""`[tool.migrator]` in the nearest pyproject.toml of the folder to convert."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.errors import ConfigError
from migrator.frozen import frozen

if TYPE_CHECKING:
    from migrator.eager.place import Eager
    from migrator.surface import FrameChoice

FRAMES = ("auto", "fastapi", "flask")
EAGER = ("never", "trace", "static")
KEYS = (
    "app", "frame", "exclude", "select", "ignore", "trace", "eager", "keep-db-names", "keep-parts",
    "waiting", "cache",
)  # fmt: skip
#: `company.sdk.Client.fetch`, `company.sdk.connect().fetch`, `company.sdk.Client.*`.
_WAITING = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*(\(\))?)*\.([^\W\d]\w*|\*)")
#: Settings that are one of several words.
_CHOICES = {"frame": FRAMES, "eager": EAGER}
#: Settings that are one text, and how they are written.
_TEXTS = {"app": "module:attribute", "trace": "migrator-trace.json"}


@frozen
class Config:
    """What the file says; empty where it says nothing."""

    app: str = ""
    frame: FrameChoice = "auto"
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    #: The path of a trace of lazy loads; in the file it is relative to the file's folder.
    trace: str = ""
    #: Who says where loader options are placed.
    eager: Eager = "static"
    #: Whether `db.Column` and the like stay as they are.
    keep_db_names: bool = False
    #: Parts of other distributions that read no more of an application than its settings.
    keep_parts: tuple[str, ...] = ()
    #: Calls of other distributions that wait for something else than the database.
    waiting: tuple[str, ...] = ()
    #: Whether results are kept in the user's cache folder for the next run.
    cache: bool = True
    #: The file that says so.
    file: str = ""


def load_config(root: Path) -> Config:
    """The settings for `root`; raises ConfigError where they can't be followed."""
    for folder in (root, *root.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            return _read(file)
    return Config()


def _read(file: Path) -> Config:
    try:
        table: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} can't be read.", f"{error}.", "Correct it.") from None
    for name in ("tool", "migrator"):
        table = table.get(name, {})
        if not isinstance(table, dict):
            raise ConfigError(
                f"{file}: {name} is no table.",
                "Settings have names.",
                "Write them below [tool.migrator].",
            )
    for key, value in table.items():
        _check(file, key, value)
    lists = {k: tuple(table[k]) for k in ("exclude", "select", "ignore") if k in table}
    return Config(
        app=table.get("app", ""),
        frame=table.get("frame", "auto"),
        eager=table.get("eager", "static"),
        trace=str(file.parent / table["trace"]) if table.get("trace") else "",
        keep_db_names=table.get("keep-db-names", False),
        keep_parts=tuple(table.get("keep-parts", ())),
        waiting=tuple(table.get("waiting", ())),
        cache=table.get("cache", True),
        file=str(file),
        **lists,
    )


def _check(file: Path, key: str, value: object) -> None:
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, 1, 0.5)
        raise ConfigError(
            f"{file}: [tool.migrator] has {key!r}.",
            "There is no such setting.",
            f"Did you mean {near[0]!r}?" if near else f"The settings are {', '.join(KEYS)}.",
        )
    if key in _TEXTS:
        if not isinstance(value, str):
            raise ConfigError(
                f"{file}: {key} is {value!r}.",
                "A text is needed.",
                f'Write {key} = "{_TEXTS[key]}".',
            )
    elif key == "cache":
        if not isinstance(value, bool):
            raise ConfigError(
                f"{file}: cache is {value!r}.",
                "It is true or false; where results are kept is the user's own choice.",
                "Write cache = false, and set MIGRATOR_CACHE_DIR for another folder.",
            )
    elif key in _CHOICES:
        if value not in _CHOICES[key]:
            raise ConfigError(
                f"{file}: {key} is {value!r}.",
                f"It is one of {', '.join(_CHOICES[key])}.",
                f'Write {key} = "{getattr(Config(), key)}".',
            )
    elif key == "keep-db-names":
        if not isinstance(value, bool):
            raise ConfigError(
                f"{file}: {key} is {value!r}.", "It is true or false.", f"Write {key} = true."
            )
    elif not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ConfigError(
            f"{file}: {key} is {value!r}.", "A list of texts is needed.", f'Write {key} = ["..."].'
        )
    elif key == "waiting":
        for name in value:
            if not _WAITING.fullmatch(name):
                raise ConfigError(
                    f"{file}: waiting has {name!r}.",
                    "The dotted name of a function or of a method is needed.",
                    'Write waiting = ["company.sdk.call", "company.sdk.Client.fetch"].',
                )
