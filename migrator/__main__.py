"""`python -m migrator` and the console script: the command line, or one line on what is missing."""

from __future__ import annotations

import gc
import io
import sys


def main() -> int:
    """Run the command line; returns the exit code (docs/errors.md)."""
    try:
        return _run()
    except KeyboardInterrupt:
        # Before click, or after it.
        sys.stderr.write("Interrupted.\n")
        return 130


def _run() -> int:
    try:
        import click  # noqa: F401
        import rich  # noqa: F401
    except ImportError as error:
        sys.stderr.write(
            f"error[MIG020]: The command line needs {error.name}, which is not installed.\n"
            "  why:  The base install carries only what production needs.\n"
            "  do:   Run: pip install 'migrator[cli]'\n"
        )
        return 2
    from migrator.cli import run

    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names and reasons hold any character, whatever the locale has.
        sys.stdout.reconfigure(errors="backslashreplace")
    if sys.argv[1:2] in (["codemod"], ["scan"]):
        # What they make they keep to the end: looking through it for garbage is in vain, here and
        # where the interpreter ends.
        gc.disable()
        code = run()
        gc.freeze()
        return code
    return run()


if __name__ == "__main__":
    sys.exit(main())
