"""Options and output that commands share: JSON, tables, rows of verdicts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, TypeVar

import click

from study.errors import printable

if TYPE_CHECKING:
    from rich.text import Text

    from study.evidence.records import VerdictRow

WIDE = 10_000
"""Columns that a table may take in a file or a pipe: there a row is one line, for ``grep`` and its like."""
Command = TypeVar("Command", bound=Callable[..., object])


def results_option(command: Command) -> Command:
    """Give a command the folder of the evidence, ``results``."""
    help_ = "Folder of the evidence."
    kind = click.Path(path_type=Path)
    return click.option("--results", type=kind, default=Path("results"), show_default=True, help=help_)(command)


def json_option(command: Command) -> Command:
    """Give a command the choice of JSON, ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


def echo(said: object) -> None:
    """Print what was read somewhere, so that no terminal obeys it."""
    click.echo(printable(str(said)))


def print_json(value: object) -> None:
    """Print a value as JSON."""
    echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def on_terminal() -> bool:
    """Say whether somebody reads; a pipe gets one line a row."""
    return sys.stdout.isatty()


def columns() -> int:
    """Return the columns of the terminal; where there is none, more than a line takes."""
    return get_terminal_size().columns if on_terminal() else WIDE


def print_table(headings: Sequence[str], lines: Iterable[Sequence[str | Text]]) -> None:
    """Print a table, as wide as the terminal; where there is none, as wide as it must be.

    Args:
        headings: Of the columns; none for a list without.
        lines: Cells, one a column.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD if headings else None, show_header=bool(headings), pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    for cells in lines:
        table.add_row(*(Text(printable(cell)) if isinstance(cell, str) else cell for cell in cells))
    Console(width=columns(), highlight=False).print(table)


def print_verdicts(rows: Iterable[VerdictRow]) -> None:
    """Print verdict rows; a claim is named once."""
    from rich.text import Text

    from study.report import text
    from study.report.words import VERDICTS

    lines: list[list[str | Text]] = []
    last = ""
    for row in rows:
        lines.append(
            [
                "" if row.claim == last else row.claim,
                text.name(row),
                f"{row.scale}, {row.backend}",
                row.expected,
                Text(text.verdict(row), style=VERDICTS[row.verdict].colour),
                text.count(row),
                text.interval(row.median, row.low, row.high),
                text.threshold(row),
                text.replicas(row),
            ]
        )
        last = row.claim
    print_table(
        ["Claim", "Row", "Run", "Predicted", "Verdict", "Count", "Median [interval]", "Threshold", "C × R"], lines
    )
