"""`python -m migrator` and the console script: the command line, or one line on what is missing."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit code (docs/errors.md)."""
    try:
        import click  # noqa: F401
        import rich  # noqa: F401
    except ImportError as error:
        sys.stderr.write(
            f"error[MIG020]: the command line needs {error.name}, which is not installed. "
            "The base install carries only what production needs. "
            "Run: pip install 'migrator[cli]'\n"
        )
        return 2
    from migrator.cli import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
