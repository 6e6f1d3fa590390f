"""The tables that end a run of the claims, and a plan of one."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from study.evidence.judged import Judged
from study.evidence.manifest import RowCost
from study.evidence.records import VerdictRow
from study.report import text
from study.report.words import VERDICTS
from study.vae.config import BLOCK
from study.verdicts.judgement import InContext
from study.verdicts.kinds import Kind, Verdict

LEAST = 132
"""Columns that tables take at least, so that no cell is lost; a narrower terminal wraps."""


def verdicts(judged: Sequence[Judged], width: int, *, color: bool) -> str:
    """Lay out judged rows, claim by claim, as text of at most ``width`` columns.

    Args:
        judged: The rows, with what each took.
        width: Columns of the terminal.
        color: Whether to colour the verdicts.
    """
    console = _console(width, color)
    for claim in dict.fromkeys(one.row.claim for one in judged):
        layout = Table(title=f"claim: {claim}", title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
        layout.add_column("parameters", overflow="fold")
        layout.add_column("predicted", no_wrap=True)
        layout.add_column("verdict", overflow="fold")
        layout.add_column("count", overflow="fold")
        for name in ("median", "interval", "threshold"):
            layout.add_column(name, justify="right", no_wrap=True)
        layout.add_column("unit", overflow="fold")
        for name in ("contexts\n× replicas", "VAEs trained\n+ recalled", "seconds"):
            layout.add_column(name, justify="right", no_wrap=True)
        members = [one for one in judged if one.row.claim == claim]
        for one in members:
            layout.add_row(*_cells(one.row, one.cost, color))
        console.print(layout)
        for row in (one.row for one in members):
            if row.note and (row.kind != Kind.MOST or row.verdict == Verdict.MIXED):
                console.print(f"{row.kind}: {row.note}", highlight=False, markup=False)
        console.print()
    return console.file.getvalue()  # type: ignore[attr-defined]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, color: bool) -> str:
    """Lay out rows of text under headings, the first column folded and the others to the right."""
    console = _console(width, color)
    layout = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    layout.add_column(headings[0], overflow="fold", min_width=30)
    for name in headings[1:]:
        layout.add_column(name, justify="right", no_wrap=True)
    for cells in rows:
        layout.add_row(*cells)
    console.print(layout)
    return console.file.getvalue()  # type: ignore[attr-defined]


def explained(row: VerdictRow, repeat: str) -> str:
    """Say why a row fails: what was predicted and found, the numbers, and the command that repeats it."""
    lines = [
        f"{row.claim}: predicted {row.predicted or 'nothing'}, found {row.verdict}"
        + (f" ({row.reason})" if row.reason else ""),
        f"  {text.count(row)}; " + (f"{row.allowed} may be otherwise" if row.allowed >= 0 else "too few to decide"),
        f"  median {_exact(row.median)}, interval [{_exact(row.low)}, {_exact(row.high)}] {row.unit}, "
        f"threshold {row.threshold:g}",
        f"  {len(row.judged_in)} contexts × {row.replicas} replicas, {row.diverged} replicas diverged",
        *(f"    {_in_context(one)}" for one in row.contexts),
        f"  {row.note}" if row.note else "",
        f"  repeat: {repeat}",
    ]
    return "\n".join(line for line in lines if line)


def progress(file: TextIO | None) -> Callable[[int, int], None] | None:
    """Return what draws how many VAEs are done on a terminal; None where there is no terminal.

    Args:
        file: The terminal, as it was before output was captured.
    """
    if file is None or not file.isatty():
        return None
    columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn(), TextColumn("VAEs"), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(file=file), transient=True, auto_refresh=False)
    task = bar.add_task("", total=None)

    def draw(done: int, total: int) -> None:
        bar.update(task, completed=BLOCK * done, total=BLOCK * total)
        if done < total:
            bar.start()
            bar.refresh()
        else:
            bar.stop()

    return draw


def _in_context(one: InContext) -> str:
    if not one.applicable:
        return f"not applicable in {one.context}"
    found = f"{one.reach} of {one.replicas} reach, {one.short} fall short, median {_exact(one.median)}"
    return f"{found}: {one.verdict} in {one.context}"


def _exact(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _console(width: int, color: bool) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None)


def _cells(row: VerdictRow, cost: RowCost, color: bool) -> list[str]:
    verdict = row.verdict + (f" ({row.reason})" if row.reason else "")
    if color:
        verdict = f"[{VERDICTS[row.verdict].colour}]{verdict}[/]"
    interval = "–" if row.low is None else f"{_number(row.low)} … {_number(row.high)}"
    return [
        " ".join([*row.parameters.values(), row.data]),
        row.expected,
        verdict,
        text.count(row),
        _number(row.median),
        interval,
        f"{row.threshold:g}",
        row.unit,
        text.replicas(row),
        f"{cost.trained} + {cost.recalled}",
        f"{cost.seconds:.1f}",
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
