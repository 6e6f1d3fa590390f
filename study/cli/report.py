"""``study report``: the pages of results."""

from __future__ import annotations

from pathlib import Path

import click

from study.cli.output import echo, results_option


@click.command()
@results_option
@click.option(
    "--claims",
    type=click.Path(path_type=Path),
    default=Path("claims"),
    show_default=True,
    help="Folder of the claims, whose overturned predictions are shown.",
)
@click.option(
    "--controls",
    type=click.Path(path_type=Path),
    default=Path("tests/controls"),
    show_default=True,
    help="Folder of the controls that the judges of the claims passed.",
)
def report(results: Path, claims: Path, controls: Path) -> None:
    """Write the pages and figures beside the evidence, which is judged again first."""
    from study.evidence.judging import check_again
    from study.evidence.store import Store
    from study.report.page import write

    check_again(Store(results))
    for path in write(results, claims, controls):
        echo(path)
