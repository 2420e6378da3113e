"""`migrator trace`: record the lazy loads of the legacy application, and see where they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

import migrator.runtime.trace
from migrator.cli import options
from migrator.cli.mistakes import Commands
from migrator.errors import TraceError, UsageError

_FILE = "migrator-trace.json"


@click.group("trace", cls=Commands)
def command() -> None:
    """Record which relationships the legacy application loads lazily, and for which query."""


@command.command(
    short_help="Run a command and record the lazy loads of every Python in it.",
    context_settings={"ignore_unknown_options": True},
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=_FILE, show_default=True, metavar="FILE",
    help="Where the evidence goes.",
)  # fmt: skip
@click.option(
    "--root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".",
    show_default=True, metavar="DIR", help="The application's root; code elsewhere is never named.",
)  # fmt: skip
@click.option("--append", is_flag=True, help="Keep what FILE holds already.")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
def run(out: Path, root: Path, append: bool, words: tuple[str, ...]) -> int:
    """Run COMMAND, mostly the test suite, and record the lazy loads of every Python in it.

    COMMAND may run in an environment of its own, where migrator is not installed: the recorder
    needs SQLAlchemy 1.4 or later and nothing else.

    Exit code: the COMMAND's own; 2 when it can't be run or nothing was recorded.
    """
    from migrator.runtime.trace import tracefile
    from migrator.trace.read import read_trace

    _check_writable(out)
    if append and out.exists():
        read_trace(out)
    with tempfile.TemporaryDirectory(prefix="migrator-trace-") as folder:
        parts = Path(folder, "parts")
        parts.mkdir()
        code = _run(words, _environment(Path(folder), parts, root))
        if not any(parts.glob("*.json")):
            raise TraceError(
                f"{words[0]!r} ended with exit code {code} and recorded nothing.",
                "No Python in it had SQLAlchemy, or it ended without running its exit handlers.",
                "Try the command alone first, then give it the Python that the tests run on.",
            )
        evidence = tracefile.collect(parts)
        tracefile.write(out, evidence, append=append)
    click.echo(f"Recorded {len(evidence['queries'])} queries with lazy loads: {out}", err=True)
    return code


@command.command()
@click.argument("file", type=click.Path(path_type=Path), default=_FILE, metavar="[FILE]")
@click.option(
    "--top", type=click.IntRange(1), default=20, show_default=True, help="How many places to show."
)
@options.output(("text", "json"))
def show(file: Path, top: int, format_: str) -> None:
    """Show where the lazy loads of FILE are: N+1 hot spots first."""
    from migrator.report.trace_text import print_trace
    from migrator.trace.read import read_trace

    trace = read_trace(file)
    if format_ == "json":
        click.echo(file.read_text(encoding="utf-8"), nl=False)
        return
    console = Console() if sys.stdout.isatty() else Console(width=140)
    print_trace(trace, console, top=top)


@command.command(short_help="Add up several traces.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FILE",
    help="Where their sum goes.",
)  # fmt: skip
def merge(files: tuple[Path, ...], out: Path) -> None:
    """Add up several traces; where a source file has changed in between, the last one counts."""
    from migrator.runtime.trace import tracefile
    from migrator.trace.read import read_trace

    _check_writable(out)
    for file in files:
        read_trace(file)
    total = tracefile.read(files[0])
    for file in files[1:]:
        total = tracefile.merged(total, tracefile.read(file))
    tracefile.write(out, total)


def _check_writable(out: Path) -> None:
    """A test run of minutes must not end with evidence that can't be written."""
    if out.is_dir() or not out.resolve().parent.is_dir():
        raise UsageError(
            f"The trace can't be written to {str(out)!r}.",
            "It is a folder, or its folder doesn't exist.",
            "Give the path of a file in a folder that exists.",
        )


def _environment(folder: Path, parts: Path, root: Path) -> dict[str, str]:
    """The environment in which every Python starts the recorder: a copy under its own name."""
    from migrator.runtime.trace import startup

    source = Path(str(migrator.runtime.trace.__file__)).parent
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, folder / startup.COPY, ignore=ignore)
    (folder / "sitecustomize.py").write_text(startup.SITECUSTOMIZE, encoding="utf-8")
    known = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": f"{folder}{os.pathsep}{known}" if known else str(folder),
        startup.PARTS: str(parts),
        startup.ROOT: str(root.resolve()),
    }


def _run(words: tuple[str, ...], environment: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(words, env=environment)
    except OSError as error:
        raise UsageError(
            f"{words[0]!r} can't be run.",
            f"{error.strerror}.",
            "Write the command as on the command line: migrator trace run -- pytest tests.",
        ) from None
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Ctrl-C has reached the command as well: it ends in its own way.
            continue
