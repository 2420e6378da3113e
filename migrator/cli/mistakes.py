"""What click says of a wrong command line, as an error of ours: a code and three parts."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import click

from migrator.errors import EXIT_USAGE, UsageError


class Commands(click.Group):
    """A group that answers an unknown command with the ones that are spelled alike, and none with its help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # To click 8.1 no command is no mistake.
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(EXIT_USAGE)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, known = args[0], self.list_commands(ctx)
        if name in known or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise UsageError(
            f"`{ctx.command_path}` has no command {name!r}.",
            f"Its commands are {', '.join(known)}.",
            _advice(ctx, difflib.get_close_matches(name, known, 2, 0.5)),
        )


def explained(error: click.UsageError) -> UsageError:
    """The same mistake in our form."""
    what, ctx = _sentence(error.format_message()), error.ctx
    if ctx is None:
        # click gives no place where an option lacks its value, or a flag has one.
        why = "A flag takes no value, every other option takes one."
        return UsageError(what, why, "The same command with --help says which is which.")
    command = f"`{ctx.command_path}`"
    if isinstance(error, click.NoSuchOption):
        what = f"{command} has no option {error.option_name!r}."
        why = "Its help lists all that it has."
        return UsageError(what, why, _advice(ctx, error.possibilities or ()))
    if isinstance(error, click.MissingParameter):
        return UsageError(what, f"{command} can't do without it.", _advice(ctx))
    if isinstance(error, click.BadParameter) and error.param is not None:
        what = f"{error.param.get_error_hint(ctx)} has a value that it can't take."
        return UsageError(what, _sentence(error.message), _advice(ctx))
    usage = " ".join(ctx.get_usage().split()).removeprefix("Usage: ")
    return UsageError(what, f"It is called so: `{usage}`.", _advice(ctx))


def _advice(ctx: click.Context, near: Sequence[str] = ()) -> str:
    meant = f"Did you mean {' or '.join(near[:2])}? " if near else ""
    return f"{meant}`{ctx.command_path} --help` says what it takes."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
