"""The tables that end a run of the claims, and a plan of one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import humanize

from study.report import text
from study.report.words import VERDICTS


def table(judged: Sequence[dict[str, Any]], width: int, *, color: bool) -> str:
    """Lay out judged rows, claim by claim, as text of at most ``width`` columns.

    Args:
        judged: What the plugin passes on of each judged test: ``row`` and ``cost``.
        width: Columns of the terminal.
        color: Whether to colour the verdicts.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console(file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None)
    for claim in dict.fromkeys(content["row"]["claim"] for content in judged):
        rows = [content for content in judged if content["row"]["claim"] == claim]
        layout = Table(title=f"claim: {claim}", title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
        layout.add_column("parameters", overflow="fold", min_width=26)
        layout.add_column("predicted", no_wrap=True)
        layout.add_column("verdict", min_width=12)
        for name in ("estimate", "interval", "threshold"):
            layout.add_column(name, justify="right", no_wrap=True)
        layout.add_column("unit", min_width=10)
        for name in ("contexts × replicas", "VAEs trained + recalled", "seconds"):
            layout.add_column(name, justify="right", max_width=11)
        for content in rows:
            layout.add_row(*_cells(content["row"], content["cost"], color))
        console.print(layout)
        for content in rows:
            if content["row"]["note"] and content["row"]["kind"] == "search":
                console.print(f"search: {content['row']['note']}", highlight=False)
        console.print()
    return console.file.getvalue()  # type: ignore[attr-defined]


def plan_table(plan: Any, width: int, *, color: bool) -> str:
    """Lay out a plan, program by program, as text of at most ``width`` columns.

    Args:
        plan: A :class:`study.lab.plan.Plan`.
        width: Columns of the terminal.
        color: Whether headings are set off.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console(file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None)
    layout = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    layout.add_column("program", overflow="fold", min_width=30)
    for name in ("blocks", "VAEs", "parameters", "FLOP, at most", "memory, each", "time, one worker"):
        layout.add_column(name, justify="right", no_wrap=True)
    for group in filter(attrgetter("blocks"), plan.groups):
        layout.add_row(
            _program(group.program),
            *(f"{number:,}" for number in (group.blocks, group.vaes, group.program.parameter_count)),
            f"{group.flop:.2g}",
            humanize.naturalsize(group.memory, binary=True),
            text.duration(group.seconds) + ("" if group.known else " *"),
        )
    console.print(layout)
    groups = plan.groups
    blocks, flop, seconds = (sum(getattr(g, name) for g in groups) for name in ("blocks", "flop", "seconds"))
    console.print(
        f"\ntogether {blocks:,} blocks, {sum(g.vaes for g in groups):,} VAEs, {flop:.2g} FLOP at most, "
        f"{text.duration(seconds)} on one worker",
        highlight=False,
    )
    if measured := sum(group.measured for group in groups):
        console.print(f"trained already, and only measured: {measured:,} blocks more", highlight=False)
    notes = [
        "FLOP: 6 · parameters · images seen, over all epochs allowed; training ends earlier where it converges.",
        "Memory: of the arrays of one block, beside what the framework itself takes. Time: the mean of blocks of the "
        "same program trained before.",
    ]
    if not all(group.known for group in groups):
        which = "assumed, as no block has been trained here" if plan.assumed else "that of the blocks trained before"
        notes.append(f"* FLOP at {plan.rate:.2g} a second, {which}.")
    for note in notes:
        console.print(note, highlight=False)
    return console.file.getvalue()  # type: ignore[attr-defined]


def _program(config: Any) -> str:
    """Name a program by what tells it from others."""
    images = "" if config.images is None else f" ({config.images:,})"
    networks = ", ".join(
        f"{name} {getattr(config, f'{name}_depth')} × {getattr(config, f'{name}_width')}"
        for name in ("encoder", "decoder")
    )
    likelihood = "" if config.likelihood == "bernoulli" else f", {config.likelihood}"
    return (
        f"{config.data}{images}, D = {config.latent_dim}, {networks}, {config.activation}, {config.pixels}{likelihood}"
    )


def _cells(row: dict[str, Any], cost: dict[str, Any], color: bool) -> list[str]:
    verdict = row["verdict"] + (f" ({row['reason']})" if row["reason"] else "")
    if color:
        verdict = f"[{VERDICTS[row['verdict']].colour}]{verdict}[/]"
    interval = "–" if row["low"] is None else f"{_number(row['low'])} … {_number(row['high'])}"
    return [
        " ".join([*row["parameters"].values(), row["data"]]),
        row["predicted"] or "exploratory",
        verdict,
        _number(row["estimate"]),
        interval,
        f"{row['threshold']:g}",
        row["unit"],
        f"{row['contexts']} × {row['replicas']}",
        f"{cost['trained']} + {cost['recalled']}",
        f"{cost['seconds']:.1f}",
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
