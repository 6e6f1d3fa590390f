"""The table that ends a run of the claims."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

COLORS = {"SUPPORTED": "green", "REFUTED": "blue", "INCONCLUSIVE": "yellow"}


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


def _cells(row: dict[str, Any], cost: dict[str, Any], color: bool) -> list[str]:
    verdict = row["verdict"] + (f" ({row['reason']})" if row["reason"] else "")
    if color:
        verdict = f"[{COLORS[row['verdict']]}]{verdict}[/]"
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
