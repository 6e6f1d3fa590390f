"""``study verdicts``: what the evidence says, and how two folders of it compare."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from study.cli.output import echo, json_option, on_terminal, print_json, print_verdicts, results_option
from study.errors import InvalidValue

if TYPE_CHECKING:
    from study.evidence.records import VerdictRow

FIELDS = (
    *("claim", "parameters", "data", "scale", "backend", "device", "kind", "predicted", "verdict", "reason"),
    *("reach", "short", "count", "allowed", "share_low", "share_high", "holds_in"),
    *("median", "low", "high", "level", "threshold", "zero", "unit", "contexts", "diverged"),
)
"""Fields of a row of ``study verdicts --json``."""


@click.command()
@click.argument("claims", metavar="[CLAIM]...", nargs=-1)
@json_option
@click.option("--history", is_flag=True, help="List what is kept of earlier rules and registrations instead.")
@click.option("--against", type=click.Path(path_type=Path), help="Compare with this folder instead, row by row.")
@results_option
@click.pass_context
def verdicts(
    ctx: click.Context, claims: tuple[str, ...], as_json: bool, history: bool, against: Path | None, results: Path
) -> None:
    """List the verdicts of the evidence, on all claims or on those that are named.

    A verdict that does not follow from its observations is refused. A local run, in results/local, is compared with
    what is recorded in results.
    """
    if history:
        if claims:
            raise click.UsageError("--history lists what is kept of every claim: name none")
        from study.cli.history import show

        show(ctx, results)
        return
    from study.evidence import serialise
    from study.evidence.judging import check_again
    from study.evidence.measured import measured
    from study.evidence.store import Store
    from study.report import terminal
    from study.report.page import load

    known = load(Store(results))
    for name in claims:
        if name not in (names := {row.claim: None for row in known}):
            raise InvalidValue("CLAIM", name, f"a claim with rows in {results}: {', '.join(names) or 'there is none'}")
    rows = _of(claims, known)
    check_again(Store(results))
    if as_json:
        # A field that a file leaves out has its default, which the content of a record lacks.
        contents = [(row, serialise.content(row)) for row in rows]
        print_json([{field: said.get(field, getattr(row, field)) for field in FIELDS} for row, said in contents])
        return
    if against is not None:
        echo(_compared(rows, results, against))
        return
    if not rows:
        echo(f"nothing is recorded in {results}")
    elif on_terminal():
        width = get_terminal_size().columns
        words = Store(results).claims()
        click.echo(terminal.verdicts(rows, words, width, color=True, measured=measured, folder=results), nl=False)
    else:
        print_verdicts(rows)
    if rows:
        click.echo(terminal.tally(rows))
    local = results if results.name == "local" else results / "local"
    run = rows if local == results else _of(claims, load(Store(local))) if local.is_dir() else []
    if run and (said := _compared(run, local, local.parent)):
        echo(f"\n{local}, beside {local.parent}:\n{said}")


def _of(claims: Sequence[str], rows: list[VerdictRow]) -> list[VerdictRow]:
    """Return the rows of some claims, or all of them."""
    return [row for row in rows if not claims or row.claim in claims]


def _compared(rows: Sequence[VerdictRow], folder: Path, other: Path) -> str:
    """Compare the rows of one folder with those of another."""
    from study.evidence.store import Store
    from study.report.comparison import beside
    from study.report.page import load

    load(Store(other))
    return "\n".join(beside(rows, Store(other), folder, other))
