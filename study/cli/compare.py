"""``study compare``: two folders of results against each other."""

from __future__ import annotations

from pathlib import Path

import click

from study.cli.output import print_verdicts


@click.command()
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
def compare(one: Path, other: Path) -> None:
    """List the rows on whose verdicts two results folders differ, e.g. those of float32 and of TF32."""
    from study.evidence.store import Store
    from study.report.page import load
    from study.report.summary import differences

    compared, differing = differences(load(Store(one)), load(Store(other)))
    print_verdicts([row for pair in differing for row in pair])
    click.echo(f"{len(differing)} of {compared} rows that both judged differ.")
