"""``study report``: the page of results."""

from __future__ import annotations

from pathlib import Path

import click

from study.cli.output import results_option


@click.command()
@results_option
def report(results: Path) -> None:
    """Write README.md and the figures beside the evidence."""
    from study.report.page import write

    for path in write(results):
        click.echo(path)
