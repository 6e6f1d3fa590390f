"""``study benchmarks``: how fast the study is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from study.cli.output import json_option, print_json, print_table, results_option


@click.command()
@json_option
@results_option
def benchmarks(as_json: bool, results: Path) -> None:
    """List what was timed: ours, the peer, their ratio, the share of the floor."""
    from study.report.speed import HEADINGS, cells, load, recorded

    rows = load(results)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        print_table(HEADINGS, [cells(row) for row in rows])
        click.echo("\n".join(["", *recorded(rows)]))
