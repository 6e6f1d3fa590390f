"""The group of the commands that readers of evidence need."""

from __future__ import annotations

import click

from study.cli.errors import Group
from study.cli.info import info
from study.cli.judge import judge
from study.cli.measures import measures
from study.cli.replay import replay
from study.cli.report import report
from study.cli.verdicts import verdicts


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vae-claims")
def main() -> None:
    """Read what a VAE study found, judge it again, and see what can be run here."""


for _command in (verdicts, report, judge, replay, measures, info):
    main.add_command(_command)
