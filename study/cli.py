"""The ``study`` command: what was found, the page that says so, and what this machine can run.

Works where no deep-learning framework is installed; imports what is heavy only when it is asked for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from study.cli_train import train
from study.errors import InvalidValue, StudyError

if TYPE_CHECKING:
    from rich.text import Text

    from study.evidence.records import VerdictRow

FIELDS = (
    *("claim", "parameters", "data", "scale", "backend", "device", "predicted", "verdict", "reason"),
    *("estimate", "low", "high", "threshold", "unit", "contexts", "replicas"),
)
"""Fields of a row of ``study verdicts --json``."""
STYLES = {"SUPPORTED": "green", "REFUTED": "red", "INCONCLUSIVE": "yellow"}
WIDE = 200
"""Columns of a table that goes to a file or a pipe."""


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Turn the study's errors into one clear line: exit 2 for a wrong argument, 1 for anything else."""
        try:
            return super().invoke(ctx)
        except (StudyError, OSError) as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2 if isinstance(error, InvalidValue) else 1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vae-claims")
def main() -> None:
    """What a VAE study found: verdicts, report, and what can be run here."""


def _results(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--results",
        type=click.Path(path_type=Path),
        default=Path("results"),
        show_default=True,
        help="Folder of the evidence.",
    )(command)


main.add_command(train)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@main.command()
@_json
@_results
def verdicts(as_json: bool, results: Path) -> None:
    """List every verdict that the evidence gives."""
    from study.evidence.store import Store
    from study.report.page import load

    rows = load(Store(results))
    if as_json:
        _print_json([{field: getattr(row, field) for field in FIELDS} for row in rows])
    else:
        _print_verdicts(rows)


@main.command()
@_results
def report(results: Path) -> None:
    """Write README.md and the figures beside the evidence."""
    from study.report.page import write

    for path in write(results):
        click.echo(path)


@main.command()
@_json
@_results
def benchmarks(as_json: bool, results: Path) -> None:
    """List what was timed: ours, the peer, their ratio, and the goal."""
    from study.report.benchmarks import load
    from study.report.speed import recorded, table

    rows = load(results)
    if as_json:
        _print_json([row.as_dict() for row in rows])
    else:
        _print_table(*table(rows))
        click.echo("\n".join(["", *recorded(rows)]))


@main.command()
@_json
def info(as_json: bool) -> None:
    """Say what this machine can run: versions, backends, device, data sets."""
    from study.data.loading import availability
    from study.errors import InvalidValue
    from study.evidence.manifest import run_info
    from study.runtime import backends

    backend = device = None
    refused = ""
    try:
        backend = backends.selected()
        device = backends.device(backend)
    except InvalidValue as error:
        refused = str(error)
    facts = run_info() | {
        "backend": backend,
        "device": device,
        "data": [{"name": name, "reachable": there, "where": where} for name, there, where in availability()],
    }
    if as_json:
        _print_json(facts)
        return
    lines = [
        ("study", facts["study"] or "not installed, run from source"),
        (
            "commit",
            (facts["commit"] or "none") + (", with local changes" if facts["commit"] and facts["dirty"] else ""),
        ),
        ("Python", f"{facts['python']} on {facts['platform']}, {facts['cpus']} CPUs"),
        *((name, version or "not installed") for name, version in facts["versions"].items()),
        *((f"backend {name}", version or "not installed") for name, version in facts["backends"].items()),
        ("KERAS_BACKEND", facts["keras_backend"] or "not set"),
        ("a run would use", f"{backend} on {device}" if backend else f"nothing: {refused}"),
        *((f"data {one['name']}", f"{'yes' if one['reachable'] else 'no'}: {one['where']}") for one in facts["data"]),
    ]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        click.echo(f"{name:<{width}}  {value}")


@main.command("run")
@click.option("--scale", type=click.Choice(["quick", "standard", "full"]), default="quick", show_default=True)
@click.option("--benchmarks", is_flag=True, help="Measure speed as well.")
@click.option("--minutes", type=float, required=True, help="Time limit; the same command later goes on.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Folder that everything goes under.")
@click.option("--backend", "names", multiple=True, help="A backend; may be repeated (default: all installed).")
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    type=click.Choice(["float32", "tf32"]),
    default=["float32"],
    show_default=True,
    help="Matrix products on a GPU; may be repeated.",
)
def run_(
    scale: str, benchmarks: bool, minutes: float, output: Path, names: tuple[str, ...], precisions: tuple[str, ...]
) -> None:
    """Run the whole study inside a time limit, resumably, into one folder; exit 3 if something is left to do."""
    from study.run import run

    left = run(
        scale,
        output,
        minutes=minutes,
        names=names,
        precisions=precisions,
        benchmarks=benchmarks,
        say=lambda line: click.echo(line, err=True),
    )
    if left:
        click.echo(f"Not done: {', '.join(left)}. The same command goes on.", err=True)
        sys.exit(3)


@main.command()
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
def compare(one: Path, other: Path) -> None:
    """List the rows on whose verdicts two results folders differ, e.g. those of float32 and of TF32."""
    from study.evidence.store import Store
    from study.report.page import load
    from study.report.summary import differences

    compared, differing = differences(load(Store(one)), load(Store(other)))
    _print_verdicts([row for pair in differing for row in pair])
    click.echo(f"{len(differing)} of {compared} rows that both judged differ.")


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def _print_table(headings: Sequence[str], lines: Sequence[Sequence[str | Text]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    for cells in lines:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)


def _print_verdicts(rows: list[VerdictRow]) -> None:
    from rich.text import Text

    from study.report import text

    headings = ["Claim", "Row", "Run", "Predicted", "Verdict", "Estimate [interval]", "Threshold", "C × R"]
    lines: list[list[str | Text]] = []
    last = None
    for row in rows:
        cells: list[str | Text] = [
            "" if row.claim == last else row.claim,
            text.name(row),
            f"{row.scale}, {row.backend}",
            row.predicted or "exploratory",
            Text(text.verdict(row), style=STYLES.get(row.verdict, "")),
            text.interval(row.estimate, row.low, row.high),
            text.threshold(row),
            text.replicas(row),
        ]
        lines.append(cells)
        last = row.claim
    _print_table(headings, lines)
