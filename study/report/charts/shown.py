"""Figure data by scale and data set: those of one backend, as the others' pictures would be the same to the eye."""

from __future__ import annotations

from collections.abc import Mapping

from study.errors import EvidenceError
from study.evidence.figure_data import Figure
from study.evidence.store import Store
from study.report import summary
from study.report.charts.rows import WEIGHT, fields, rank


def by_run(store: Store, kind: type[Figure]) -> dict[tuple[str, str], tuple[str, list[Figure]]]:
    """Gather figure data of KL weight 1, or of VAEs that name their weight.

    Args:
        store: The evidence.
        kind: Kind of figure data.

    Returns:
        (scale, data set) → backend, the first by name that has any, and its figure data, contexts in order.
    """
    found: dict[tuple[str, str], dict[str, list[Figure]]] = {}
    for (scale, backend), rows in store.figure_data(kind).items():
        for row in rows:
            if hasattr(row, WEIGHT) or float(fields(row.context).get(WEIGHT, 1)) == 1:
                found.setdefault((scale, row.data), {}).setdefault(backend, []).append(row)
    order = list(summary.SCALES)
    keys = sorted(found, key=lambda key: (order.index(key[0]) if key[0] in order else len(order), key))
    picked = {key: min(found[key].items()) for key in keys}
    return {key: (backend, sorted(rows, key=lambda row: rank(row.context))) for key, (backend, rows) in picked.items()}


def stem(kind: str, scale: str, data: str) -> str:
    """Return the name of a figure: kind, scale and data set, as part of a file's name."""
    return f"{kind}-{scale}-" + "".join(c if c.isalnum() or c in "-_" else "_" for c in data.lower())


def damaged(kind: str, run: tuple[str, str], error: Exception) -> EvidenceError:
    """Return the error of figure data that cannot be drawn."""
    return EvidenceError(f"{'/'.join(run)}, figure {kind}: expected its data, received {error!r}.")


def where(backend: str, scale: str, data: str) -> str:
    """Say where numbers of a figure come from."""
    return f"{data}, scale {scale}, {backend}"


Run = tuple[str, str]
Picked = Mapping[Run, tuple[str, list[Figure]]]
