"""The group of all commands; turns errors into one line."""

from __future__ import annotations

import click

from study.cli.benchmarks import benchmarks
from study.cli.calibrate import calibrate
from study.cli.history import history
from study.cli.info import info
from study.cli.judge import judge
from study.cli.length import length
from study.cli.measures import measures
from study.cli.report import report
from study.cli.verdicts import verdicts
from study.errors import InvalidValue, StudyError


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Turn the study's errors into one clear line: exit 2 for a wrong argument, 1 for anything else."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # Whoever reads has seen enough, e.g. `head`: click ends in silence.
        except (StudyError, OSError) as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2 if isinstance(error, InvalidValue) else 1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vae-claims")
def main() -> None:
    """What a VAE study found: verdicts, report, and what can be run here."""


for _command in (verdicts, report, judge, history, calibrate, length, measures, benchmarks, info):
    main.add_command(_command)
