"""``study verdicts``: what the evidence says."""

from __future__ import annotations

from pathlib import Path

import click

from study.cli.output import json_option, print_json, print_verdicts, results_option

FIELDS = (
    *("claim", "parameters", "data", "scale", "backend", "device", "kind", "predicted", "verdict", "reason"),
    *("reach", "short", "count", "allowed", "share_low", "share_high", "holds_in"),
    *("median", "low", "high", "level", "threshold", "zero", "unit", "contexts", "diverged"),
)
"""Fields of a row of ``study verdicts --json``."""


@click.command()
@json_option
@click.option("--history", is_flag=True, help="List what is kept of earlier rules and registrations instead.")
@results_option
@click.pass_context
def verdicts(ctx: click.Context, as_json: bool, history: bool, results: Path) -> None:
    """List every verdict that the evidence gives; refuse one that does not follow from its observations."""
    if history:
        from study.cli.history import show

        show(ctx, results)
        return
    from study.evidence import serialise
    from study.evidence.judging import check_again
    from study.evidence.store import Store
    from study.report.page import load

    rows = load(Store(results))
    check_again(Store(results))
    if as_json:
        print_json([{field: content[field] for field in FIELDS} for content in map(serialise.content, rows)])
    elif rows:
        print_verdicts(rows)
    else:
        click.echo(f"nothing is recorded in {results}")
