"""Figure data by scale and data set: those of one backend, as the others' pictures would be the same to the eye."""

from __future__ import annotations

from collections.abc import Iterable

from study.errors import EvidenceError
from study.evidence.figure_data import Figure
from study.evidence.store import Store
from study.report import summary, text
from study.report.charts.rows import WEIGHT, fields, rank

Run = tuple[str, str]
"""Scale and data set."""


def by_run(store: Store, kind: type[Figure]) -> dict[Run, tuple[str, list[Figure]]]:
    """Gather figure data of KL weight 1, or of VAEs that name their weight.

    Args:
        store: The evidence.
        kind: Kind of figure data.

    Returns:
        (scale, data set) → backend, the first by name that has any, and its figure data, contexts in order.
    """
    found: dict[Run, dict[str, list[Figure]]] = {}
    for (scale, backend), rows in store.figure_data(kind).items():
        for row in rows:
            if hasattr(row, WEIGHT) or float(fields(row.context).get(WEIGHT, 1)) == 1:
                found.setdefault((scale, row.data), {}).setdefault(backend, []).append(row)
    picked = {key: min(found[key].items()) for key in in_order(found)}
    return {key: (backend, sorted(rows, key=lambda row: rank(row.context))) for key, (backend, rows) in picked.items()}


def in_order(runs: Iterable[Run]) -> list[Run]:
    """Sort (scale, data set), scales from small to large."""
    order = list(summary.SCALES)
    return sorted(runs, key=lambda run: (order.index(run[0]) if run[0] in order else len(order), run))


def stem(kind: str, scale: str, data: str) -> str:
    """Return the name of a figure: kind, scale and data set, as part of a file's name."""
    return f"{kind}-{scale}-" + "".join(c if c.isalnum() or c in "-_" else "_" for c in data.lower())


def damaged(kind: str, run: tuple[str, str], error: Exception) -> EvidenceError:
    """Return the error of figure data that cannot be drawn."""
    return EvidenceError(f"{'/'.join(run)}, figure {kind}: expected its data, received {error!r}.")


def where(backend: str, scale: str, data: str) -> str:
    """Say where numbers of a figure come from."""
    return f"{text.images(data)}, scale {scale}, {backend}"
