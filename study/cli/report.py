"""``study report``: the page of results."""

from __future__ import annotations

from pathlib import Path

import click

from study.cli.output import results_option


@click.command()
@results_option
def report(results: Path) -> None:
    """Write README.md and the figures beside the evidence, which is judged again first."""
    from study.evidence.judging import check_again
    from study.evidence.store import Store
    from study.report.page import write

    check_again(Store(results))
    for path in write(results):
        click.echo(path)
