"""Markdown pages, their code blocks, and how a block is run.

A block's language decides. `console`: each line that begins with `$ ` is run by a shell, and what
follows must be its output, where `...` stands for anything. `python`: run; `python part`: compiled,
and what it imports of the toolkit is there. `yaml`, `toml` and `json` are parsed. `text` is for reading.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
#: Pages whose blocks are run elsewhere: the examples of the rules by the rules' own tests.
ELSEWHERE = ("docs/rules/",)
LANGUAGES = {"console", "python", "python part", "yaml", "toml", "json", "text"}

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^ *```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is the fence's."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Every page of ours, relative to the root."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    names = sorted(str(path.relative_to(ROOT)) for path in found)
    return [name for name in names if not name.startswith(ELSEWHERE)]


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, m.start()) + 1, m["language"].strip(), m["text"])
        for m in _FENCE.finditer(text)
    ]


class Session:
    """The blocks of one page, run in order in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, object] = {"__name__": "__example__"}
        self._last_code = 0

    def run(self, block: Block) -> None:
        """Run a block; raises AssertionError, or what its code raises."""
        if block.language == "console":
            self._console(block)
        elif block.language == "python":
            # As many lines before it as in the page: a traceback then names the page's line.
            source = "\n" * block.line + block.text
            exec(compile(source, str(ROOT / block.page), "exec", dont_inherit=True), self._names)
        elif block.language == "python part":
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
            tree = compile(block.text, block.place, "exec", flags, dont_inherit=True)
            _import_ours(tree)
        elif block.language == "yaml":
            yaml.safe_load(block.text)
        elif block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "json":
            json.loads(block.text)

    def _console(self, block: Block) -> None:
        for command, expected in _commands(block.text):
            said = self._shell(command)
            where = f"{block.place}: $ {command}"
            assert _matches(expected, said), f"{where}\nexpected:\n{expected}\nsaid:\n{said}"

    def _shell(self, command: str) -> str:
        script = f'migrator() {{ {sys.executable} -m migrator "$@"; }}\n(exit {self._last_code})\n'
        done = subprocess.run(
            ["bash", "-c", script + command],
            cwd=self._folder,
            env=_environment(self._folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        self._last_code = done.returncode
        return done.stdout


def _import_ours(tree: ast.Module) -> None:
    """Import what a part takes from the toolkit; raises ImportError where it isn't there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("migrator."):
            exec(compile(ast.Module([node], []), "<part>", "exec"), {})


def _environment(folder: Path) -> dict[str, str]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "SECRET_KEY")}
    database = f"sqlite:///{folder / 'shop.sqlite3'}"
    return {
        **kept,
        "PATH": programs,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database,
        "COLUMNS": "110",
    }


def _commands(text: str) -> list[tuple[str, str]]:
    """`$ command` lines, continued by a backslash, each with the output shown below it."""
    found: list[tuple[str, list[str]]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command = f"{command}\n{next(lines)}"
            found.append((command, []))
        elif found:
            found[-1][1].append(line)
        else:
            raise AssertionError(f"output before the first command: {line!r}")
    return [(command, "\n".join(output)) for command, output in found]


def _matches(expected: str, said: str) -> bool:
    """`...` stands for anything, line ends included; how wide a column is doesn't matter."""

    def tidy(text: str) -> str:
        lines = (re.sub(r"(?<=\S) {2,}", " ", line.rstrip()) for line in text.strip().splitlines())
        return "\n".join(lines)

    pattern = ".*?".join(map(re.escape, tidy(expected).split("...")))
    return re.fullmatch(pattern, tidy(said), re.DOTALL) is not None
