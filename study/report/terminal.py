"""What ends a run of the claims: sentences, words and numbers within the terminal's width; and the table of a plan."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from study.errors import printable
from study.evidence.records import ClaimWords, VerdictRow
from study.report import phrases, text
from study.report.words import LETTERS, VERDICTS, letter
from study.verdicts.judgement import InContext
from study.verdicts.kinds import Kind, Reason, Verdict

LEAST = 60
"""Columns that are taken at least; a narrower terminal wraps."""
INDENT = 2
COUNTED = "Numbers: how many VAEs reach the threshold; median [interval]; threshold."
IDENTITIES = "Numbers: how many cases hold; largest error; tolerance."
EVERY = " A claim about every VAE counts contexts; its median is that of the lowest."
DRAFT = " Exploratory: a draft, a claim that is not committed, or fewer replicas than the scale takes."
"""What the legend says of such rows."""
Measured = Callable[[VerdictRow], Mapping[str, str]]
"""Says what the measures are that a row rests on, by name."""


def unexplained(row: VerdictRow) -> Mapping[str, str]:
    """Say nothing of what a row's measures are."""
    del row
    return {}


def verdicts(
    rows: Sequence[VerdictRow],
    claims: Mapping[str, ClaimWords],
    width: int,
    *,
    color: bool,
    contexts: bool = False,
    measured: Measured = unexplained,
    folder: Path | None = None,
) -> str:
    """Lay out rows, claim by claim: the sentence; of each row a word, the numbers, and a letter a context.

    Args:
        rows: The rows, those of a claim one after the other.
        claims: What their claims say of themselves, by id.
        width: Columns of the terminal; no line is wider, but for a command.
        color: Whether to colour the words.
        contexts: Whether to say what each context says by itself.
        measured: Says what the measures are that a row rests on.
        folder: Folder of their evidence; None to say nothing of counterexamples.
    """
    console = _console(max(width, LEAST), color)
    rows, claims = text.printed(list(rows)), text.printed(dict(claims))
    for claim, members in groupby(sorted(rows, key=_order(rows)), key=lambda row: row.claim):
        _claim(console, claims.get(claim, ClaimWords(claim=claim)), list(members), contexts, measured, folder)
    _legend(console, rows)
    return _written(console)


def tally(rows: Sequence[VerdictRow]) -> str:
    """Count what rows came to, e.g. ``27 as predicted, 1 against, 2 undecided, 0 not applicable``."""
    silent = [row for row in rows if row.verdict == Verdict.INCONCLUSIVE]
    beside = sum(row.reason == Reason.NOT_APPLICABLE for row in silent)
    right = sum(bool(row.predicted) and row.verdict == row.predicted for row in rows if row not in silent)
    against = sum(row.contradicts(row.predicted) for row in rows)
    free = len(rows) - right - against - len(silent)
    return f"{right} as predicted, {against} against, {len(silent) - beside} undecided, {beside} not applicable" + (
        f"; {free} not predicted" if free else ""
    )


def folded(lines: Sequence[str], width: int) -> str:
    """Fold lines at words, those of a list beneath their own first word; a path or command is not cut."""
    lines = list(map(printable, lines))
    hang = [len(line) - len(line.lstrip()) + INDENT for line in lines]
    return "".join(
        fill(line, max(width, LEAST), subsequent_indent=" " * n, break_long_words=False, break_on_hyphens=False) + "\n"
        for line, n in zip(lines, hang, strict=True)
    )


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, color: bool) -> str:
    """Lay out rows of text under headings, the first column folded and the others to the right."""
    console = _console(width, color)
    layout = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    layout.add_column(headings[0], overflow="fold", min_width=30)
    for name in headings[1:]:
        layout.add_column(name, justify="right", no_wrap=True)
    for cells in rows:
        layout.add_row(*map(Text, map(printable, cells)))
    console.print(layout)
    return _written(console)


def explained(words: ClaimWords, row: VerdictRow, repeat: str, measured: Measured = unexplained) -> str:
    """Say why a row fails: what was claimed, predicted and found, the numbers, and the command that repeats it."""
    row, words = text.printed(row), text.printed(words)
    lines = [
        f"{row.claim}: predicted {row.predicted or 'nothing'}, found {row.verdict}"
        + (f" ({row.reason})" if row.reason else ""),
        f"  claim: {words.statement}" if words.statement else "",
        f"  row: {phrases.named(row, words.words)} on {row.data}",
        f"  {text.count(row)}; " + (f"{row.allowed} may be otherwise" if row.allowed >= 0 else "too few to decide"),
        *_figures(row),
        *(f"    {_in_context(one)}" for one in row.contexts),
        f"  {row.note}" if row.note else "",
        *(f"  {name}: {what}" for name, what in measured(row).items()),
        f"  repeat: {repeat}",
    ]
    return printable("\n".join(line for line in lines if line))


def _figures(row: VerdictRow) -> list[str]:
    """Write the numbers of a row, and of how many VAEs they are; an identity has an error, and no VAEs."""
    if row.kind == Kind.EXACT:
        return [f"  error {_exact(row.median)}, tolerance {row.threshold:g} {row.unit}"]
    return [
        f"  median {_exact(row.median)}, interval [{_exact(row.low)}, {_exact(row.high)}] {row.unit}, "
        f"threshold {row.threshold:g}",
        f"  {len(row.judged_in)} contexts × {row.replicas} replicas, {row.diverged} replicas diverged",
    ]


def _order(rows: Sequence[VerdictRow]) -> Callable[[VerdictRow], int]:
    """Keep claims in the order in which they were judged first, whatever came between."""
    seen = list(dict.fromkeys(row.claim for row in rows))
    return lambda row: seen.index(row.claim)


def _claim(
    console: Console,
    words: ClaimWords,
    rows: list[VerdictRow],
    contexts: bool,
    measured: Measured,
    folder: Path | None,
) -> None:
    widths = _widths(rows, console.width)
    runs: dict[str, dict[str, None]] = {}
    for row in rows:
        runs.setdefault(f"{row.data}, {row.scale}", {})[row.backend] = None
    where = "; ".join(f"{run}, {text.listing(backends)}" for run, backends in runs.items())
    console.print(Text(words.statement or words.claim, style="bold"))
    console.print(Text(f"{words.claim} ({where})", style="dim"))
    several = len({(row.data, row.scale, row.backend) for row in rows}) > 1
    for row in rows:
        line = Text(row.verdict, style=VERDICTS[row.verdict].colour)
        line.append(f", {_standing(row)}: ", style="not bold default")
        line.append(
            phrases.named(row, words.words) + (f" ({row.data}, {row.scale}, {row.backend})" if several else ""),
            "default",
        )
        console.print(line)
        console.print(Padding(_numbers(row, widths), (0, 0, 0, INDENT)))
        if contexts:
            console.print(Padding(_contexts(row), (0, 0, 0, 2 * INDENT)))
        if (note := text.note(row)) and (row.kind != Kind.MOST or row.verdict == Verdict.MIXED):
            console.print(Padding(Text(note), (0, 0, 0, INDENT)))
        if folder is not None and (command := text.replay(row, folder)):
            # On one line, whatever its width: it is there to be copied.
            console.print(Text(f"{' ' * INDENT}replay: {command}"), no_wrap=True, overflow="ignore", crop=False)
    if known := {name: what for row in rows for name, what in measured(row).items()}:
        console.print(Text("What was measured:", style="dim"))
        for name, what in known.items():
            console.print(Padding(Text(f"{name}: {what}", style="dim"), (0, 0, 0, INDENT)))
    console.print()


def _standing(row: VerdictRow) -> str:
    """Write how a row stands against its prediction, after the closer word: ``short of it, as predicted``."""
    if not row.predicted:
        against = "not predicted" + (", after an overturned prediction" if row.overturned else "")
    elif row.contradicts(row.predicted):
        against = f"AGAINST the prediction {row.predicted}"
    else:
        against = "as predicted" if row.verdict == row.predicted else f"predicted {row.predicted}"
    draft = "" if row.registered or not row.predicted else ", exploratory"
    return (f"{row.reason}, " if row.reason else "") + against + draft


def _cells(row: VerdictRow) -> list[str]:
    letters = "".join(letter(one) for one in row.contexts)
    groups = " ".join(letters[i : i + 9] for i in range(0, len(letters), 9))
    return [text.count(row), text.interval(row.median, row.low, row.high), text.threshold(row), groups]


def _widths(rows: Sequence[VerdictRow], width: int) -> list[int]:
    """Return columns for the count, the median, the threshold and the letters: what they take, or less to fit."""
    cells = [_cells(row) for row in rows]
    found = [max((len(one[i]) for one in cells), default=0) for i in range(4)]
    found[3] = min(found[3], 29)  # three groups of letters
    for column, least in ((0, 20), (2, 14), (3, 9), (0, 12), (1, 10)):
        over = sum(found) + 2 * 3 + INDENT - width
        found[column] = max(min(least, found[column]), found[column] - max(0, over))
    return found


def _numbers(row: VerdictRow, widths: Sequence[int]) -> Table:
    layout = Table.grid(padding=(0, INDENT, 0, 0))
    for width in widths:
        layout.add_column(width=width, overflow="fold")
    layout.add_row(*map(Text, _cells(row)))
    return layout


def _contexts(row: VerdictRow) -> Table:
    layout = Table.grid(padding=(0, INDENT, 0, 0))
    for _ in range(4):
        layout.add_column(overflow="fold")
    for one in row.contexts:
        found = f"{one.reach} of {one.replicas} reach" if one.applicable else "not applicable"
        layout.add_row(letter(one), Text(one.context), found, text.number(one.median))
    return layout


def _legend(console: Console, rows: Sequence[VerdictRow]) -> None:
    found = {letter(one) for row in rows for one in row.contexts}
    said = ", ".join(f"{sign} {what}" for sign, what in LETTERS.items() if sign in found)
    numbers = IDENTITIES if all(row.kind == Kind.EXACT for row in rows) else COUNTED
    numbers += EVERY if any(row.kind == Kind.EVERY for row in rows) else ""
    numbers += f" A letter a context, by itself: {said}." if said else ""
    numbers += DRAFT if any(row.predicted and not row.registered for row in rows) else ""
    console.print(Text(numbers, style="dim"))


def _in_context(one: InContext) -> str:
    if not one.applicable:
        return f"not applicable in {one.context}"
    found = f"{one.reach} of {one.replicas} reach, {one.short} fall short, median {_exact(one.median)}"
    return f"{found}: {one.verdict} in {one.context}"


def _exact(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _console(width: int, color: bool) -> Console:
    # No emoji, no highlighting and no markup: what claims say of themselves is shown as it is.
    return Console(
        file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip


def _written(console: Console) -> str:
    """Return what was written, without blanks at the ends of lines."""
    file: Any = console.file
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))
