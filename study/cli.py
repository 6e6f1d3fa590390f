"""The ``study`` command: what was found, the page that says so, and what this machine can run.

Works where no deep-learning framework is installed; imports what is heavy only when it is asked for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from study.cli_train import train
from study.errors import InvalidValue, StudyError

if TYPE_CHECKING:
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
def info(as_json: bool) -> None:
    """Say what this machine can run: versions, backends, device, data sets."""
    from study import backends
    from study.data import availability
    from study.errors import InvalidValue
    from study.evidence.manifest import run_info

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


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def _print_verdicts(rows: list[VerdictRow]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from study.report import text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Claim", "Row", "Run", "Predicted", "Verdict", "Estimate [interval]", "Threshold", "C × R"):
        table.add_column(Text(heading), overflow="fold")
    last = None
    for row in rows:
        table.add_row(
            "" if row.claim == last else row.claim,
            Text(text.name(row)),
            f"{row.scale}, {row.backend}",
            row.predicted or "exploratory",
            Text(text.verdict(row), style=STYLES.get(row.verdict, "")),
            Text(text.interval(row.estimate, row.low, row.high)),
            text.threshold(row),
            text.replicas(row),
        )
        last = row.claim
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)
