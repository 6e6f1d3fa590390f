"""Errors of a command, as one line: exit 2 for a wrong argument, 1 for anything else."""

from __future__ import annotations

import click

from study.errors import InvalidValue, StudyError, printable


class _InOneLine(click.Command):
    def invoke(self, ctx: click.Context) -> object:
        """Turn the study's errors into one clear line."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # Whoever reads has seen enough, e.g. `head`: click ends in silence.
        except (StudyError, OSError) as error:
            click.echo(f"Error: {printable(str(error))}", err=True)
            ctx.exit(2 if isinstance(error, InvalidValue) else 1)


class Group(_InOneLine, click.Group):
    """A group of commands whose errors are one line."""


class Alone(_InOneLine):
    """A command outside the group, ``python -m study.cli.NAME``, whose errors are one line, too."""
