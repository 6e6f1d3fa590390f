"""Errors of a command, as one line: exit 2 for a wrong argument, 1 for anything else."""

from __future__ import annotations

import click

from study.errors import InvalidValue, StudyError, printable


class _InOneLine(click.Command):
    def invoke(self, ctx: click.Context) -> object:
        """Turn the study's errors into one clear line."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            raise _printable(error)  # noqa: B904 (it is the same one)
        except BrokenPipeError:
            raise  # Whoever reads has seen enough, e.g. `head`: click ends in silence.
        except (StudyError, OSError) as error:
            click.echo(f"Error: {printable(str(error))}", err=True)
            ctx.exit(2 if isinstance(error, InvalidValue) else 1)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Say in printable words what is wrong with the arguments."""
        try:
            return super().parse_args(ctx, args)
        except click.ClickException as error:
            raise _printable(error)  # noqa: B904 (it is the same one)


def _printable(error: click.ClickException) -> click.ClickException:
    """Return an error of which no terminal obeys a word."""
    said = error.format_message()
    return error if printable(said) == said else click.UsageError(printable(said), getattr(error, "ctx", None))


class Group(_InOneLine, click.Group):
    """A group of commands whose errors are one line."""


class Alone(_InOneLine):
    """A command outside the group, ``python -m study.cli.NAME``, whose errors are one line, too."""
