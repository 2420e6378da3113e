"""The command line's frame: exit codes, one message a mistake, never a traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import click
import pytest

from migrator import __version__
from migrator.cli import COMMANDS, run
from migrator.errors import DatabaseUnreachable, InternalError

ROOT = Path(__file__).parents[1]
Outcome = tuple[int, str, str]


@pytest.fixture
def migrator(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`migrator("shadow", "run", …)` → exit code, standard output, standard error."""

    def call(*arguments: str) -> Outcome:
        code = run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """`trial(function)` makes the command `trial` run `function`."""

    def install(function: Callable[[], object]) -> None:
        module = ModuleType("migrator.cli.trial")
        module.command = click.command("trial")(function)  # type: ignore[attr-defined]  # what a command's module is
        monkeypatch.setitem(sys.modules, "migrator.cli.trial", module)
        monkeypatch.setitem(COMMANDS, "trial", "For this test.")

    return install


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_version(migrator: Callable[..., Outcome]) -> None:
    assert migrator("--version") == (0, f"migrator, version {__version__}\n", "")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_every_command(migrator: Callable[..., Outcome], option: str) -> None:
    code, out, err = migrator(option)
    assert (code, err) == (0, "")
    for name, text in COMMANDS.items():
        assert name in out
        assert text.split()[0] in out


def test_no_arguments_show_the_help_and_are_a_mistake(migrator: Callable[..., Outcome]) -> None:
    code, out, err = migrator()
    assert code == 2
    assert "Commands:" in out + err


@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-option"]])
def test_an_unknown_word_is_a_usage_error(
    migrator: Callable[..., Outcome], arguments: list[str]
) -> None:
    code, out, err = migrator(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error[MIG001]: `migrator` has no ")
    assert f"{arguments[0]!r}" in err


@pytest.mark.parametrize("name", [name for name in COMMANDS if find_spec(f"migrator.cli.{name}")])
def test_each_command_has_its_help(migrator: Callable[..., Outcome], name: str) -> None:
    code, out, err = migrator(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: migrator {name}")


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (2, 2), ("text", 0)])
def test_what_a_command_returns_is_the_exit_code(
    migrator: Callable[..., Outcome],
    trial: Callable[..., None],
    returned: object,
    code: int,
) -> None:
    trial(lambda: returned)
    assert migrator("trial") == (code, "", "")


def raising(error: BaseException) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


def test_a_users_mistake_is_one_message_with_three_parts(
    migrator: Callable[..., Outcome], trial: Callable[..., None]
) -> None:
    trial(raising(DatabaseUnreachable("No server at h:1.", "Refused.", "Start it.")))
    assert migrator("trial") == (
        2,
        "",
        "error[MIG011]: No server at h:1.\n  why:  Refused.\n  do:   Start it.\n",
    )


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (InternalError("We broke.", "It is us.", "Report it."), 3, "error[MIG900]: We broke."),
        (ZeroDivisionError("by zero"), 3, "error[MIG900]: ZeroDivisionError: by zero"),
        (ModuleNotFoundError("No module named 'q'", name="q"), 3, "error[MIG900]"),
        (ModuleNotFoundError("x", name="libcst.matchers"), 2, "pip install 'migrator[codemod]'"),
        (ModuleNotFoundError("x", name="flask"), 2, "pip install 'migrator[mount]'"),
        (ModuleNotFoundError("x", name="asyncpg"), 2, "pip install 'migrator[postgres]'"),
        (ModuleNotFoundError("x", name="aiosqlite"), 2, "pip install 'migrator[sqlite]'"),
        (ModuleNotFoundError("x", name="uvicorn"), 2, "pip install 'migrator[demo]'"),
        (click.UsageError("not so"), 2, "error[MIG001]: not so."),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_every_failure_has_its_exit_code_and_no_traceback(
    migrator: Callable[..., Outcome],
    trial: Callable[..., None],
    error: BaseException,
    code: int,
    text: str,
) -> None:
    trial(raising(error))
    got, out, err = migrator("trial")
    assert (got, out) == (code, "")
    assert text in err
    assert "Traceback" not in err


def test_the_traceback_is_there_on_request(
    migrator: Callable[..., Outcome],
    trial: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIGRATOR_DEBUG", "1")
    trial(raising(ZeroDivisionError("by zero")))
    code, _, err = migrator("trial")
    assert code == 3
    assert "Traceback (most recent call last)" in err


def test_python_m_migrator() -> None:
    done = python("-m", "migrator", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"migrator, version {__version__}\n",
        "",
    )
    assert python("-m", "migrator", "no-such-command").returncode == 2


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_the_command_line_without_its_extra_says_what_to_install(missing: str) -> None:
    code = f"import runpy, sys; sys.modules[{missing!r}] = None; runpy.run_module('migrator', run_name='__main__')"
    done = python("-c", code)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error[MIG020]: The command line needs {missing}")
    assert "pip install 'migrator[cli]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_without_its_extra_says_what_to_install(tmp_path: Path) -> None:
    arguments = ["codemod", str(tmp_path), "--out", str(tmp_path / "converted")]
    code = f"import runpy, sys; sys.modules['libcst'] = None; sys.argv[1:] = {arguments!r}; runpy.run_module('migrator', run_name='__main__')"
    done = python("-c", code)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[MIG020]: This needs the package 'libcst'")
    assert "pip install 'migrator[codemod]'" in done.stderr
    assert not (tmp_path / "converted").exists()


@pytest.mark.parametrize(
    ("asked", "near"),
    [("codmod", "codemod"), ("explian", "explain"), ("chek", "check"), ("zzzz", "")],
)
def test_an_unknown_command_gets_a_near_one(
    asked: str, near: str, migrator: Callable[..., Outcome]
) -> None:
    code, out, err = migrator(asked)
    assert (code, out) == (2, "")
    assert f"has no command '{asked}'" in err
    assert (f"Did you mean {near}" in err) is bool(near)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("zzz", "`migrator` has no command 'zzz'. / scan, codemod, check, explain, / --help"),
        ("--zzz", "`migrator` has no option '--zzz'. / help / `migrator --help`"),
        ("shadow rn", "`migrator shadow` has no command 'rn'. / run / Did you mean run?"),
        ("codemod", "Missing argument 'PATH'. / `migrator codemod` can't / `migrator codemod --help`"),
        ("codemod shop --chek", "has no option '--chek'. / help / Did you mean --check"),
        ("codemod shop --out", "Option '--out' requires an argument. / value / --help"),
        ("codemod shop --write=1", "'--write' does not take a value. / value / --help"),
        ("codemod shop --format xml", "'--format' / 'xml' is not one of 'text', 'json', / --help"),
        ("codemod shop --jobs 0", "'--jobs' / 0 is not in the range x>=1. / --help"),
        ("codemod shop more", "argument (more). / `migrator codemod [OPTIONS] PATH`. / --help"),
        ("shadow run", "Missing option '--legacy'. / `migrator shadow run` can't / --help"),
        ("trace run --root nowhere -- ls", "'--root' / 'nowhere' does not exist. / --help"),
    ],
)  # fmt: skip
def test_what_click_finds_wrong_is_said_like_everything_else(
    migrator: Callable[..., Outcome], line: str, words: str
) -> None:
    code, out, err = migrator(*line.split())
    assert (code, out) == (2, "")
    said = err.splitlines()
    starts = ("error[MIG001]: ", "  why:  ", "  do:   ")
    for text, start, expected in zip(said, starts, words.split(" / "), strict=True):
        assert text.startswith(start)
        assert expected in text


def test_ctrl_c_while_the_command_line_is_loaded_is_no_traceback() -> None:
    code = (
        "import builtins, runpy\n"
        "known = builtins.__import__\n"
        "def load(name, *rest, **more):\n"
        "    if name == 'click': raise KeyboardInterrupt\n"
        "    return known(name, *rest, **more)\n"
        "builtins.__import__ = load\n"
        "runpy.run_module('migrator', run_name='__main__')\n"
    )
    done = python("-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_a_full_disk_behind_standard_output_is_no_fault_of_ours(
    migrator: Callable[..., Outcome], trial: Callable[..., None]
) -> None:
    trial(raising(OSError(errno.ENOSPC, "No space left on device")))
    code, out, err = migrator("trial")
    assert (code, out) == (2, "")
    assert err.startswith("error[MIG005]: Output is cut off.\n  why:  The system says: No space")
    trial(raising(OSError(errno.EROFS, "Read-only file system", "/a/b.json")))
    assert migrator("trial")[2].startswith("error[MIG005]: /a/b.json can't be written.")
    trial(raising(OSError(errno.EBADF, "Bad file descriptor")))
    assert migrator("trial")[0] == 3


def test_a_locale_that_lacks_our_characters_is_no_failure() -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "migrator", "scan", "docs/example/shop", "--frame", "fastapi"],
        cwd=ROOT, env={**os.environ, **plain}, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"MIG408 \\xd72" in done.stdout
