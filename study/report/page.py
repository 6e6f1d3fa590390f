"""Everything recorded → ``README.md`` and its figures; the same evidence gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2

from study.errors import EvidenceError, InvalidValue
from study.evidence.records import VerdictRow
from study.evidence.store import Store
from study.report import latent_plane, marginal_kl, phrases, speed, summary, text, wording
from study.report.words import VERDICTS
from study.runtime.files import publish

FIGURES: dict[str, ModuleType] = {"latent_plane": latent_plane, "marginal_kl": marginal_kl}
"""Exhibit → the module that draws it."""


def write(results: Path) -> list[Path]:
    """Write the page of results and its figures beside the evidence.

    Args:
        results: Folder of the evidence; receives ``README.md`` and ``figures/``.

    Returns:
        The files written.

    Raises:
        InvalidValue: When the folder holds no evidence.
        EvidenceError: When some of it is damaged.
    """
    store = Store(results)
    rows = load(store)
    figures = results / "figures"
    drawings = {
        name: {
            run: _draw(name, run, payload, figures)
            for run, payload in sorted(store.exhibits(name).items(), key=_run_order)
        }
        for name in FIGURES
    }
    timed, drawn = speed.section(results)
    page = results / "README.md"
    publish(page, render(rows, store.manifests(), _relative(drawings, results), timed))
    return [page, *(path for runs in drawings.values() for path, _ in runs.values()), *drawn]


def load(store: Store) -> list[VerdictRow]:
    """Return every recorded row in reading order, refusing a folder that holds none."""
    rows = summary.ordered(store.rows())
    if not rows:
        raise InvalidValue("--results", str(store.root), "a folder that holds evidence")
    return rows


def render(
    rows: Sequence[VerdictRow],
    manifests: Mapping[tuple[str, str], Mapping[str, Any]],
    drawings: Mapping[str, Mapping[tuple[str, str], tuple[str, list[str]]]] | None = None,
    timed: speed.Section | None = None,
) -> str:
    """Render the page.

    Args:
        rows: Every verdict row, at least one.
        manifests: Manifest by (scale, backend).
        drawings: Exhibit → (scale, backend) → path of its figure relative to the page, and its caption.
        timed: What was measured of speed; None leaves the section out.

    Returns:
        GitHub-flavoured Markdown.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("study.report"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # The page is Markdown; `cell` escapes what a table needs.
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda value: str(value).replace("|", "\\|").replace("\n", " ")
    environment.filters["row_name"] = text.name
    rows = summary.ordered(rows)
    scales = [scale for scale in summary.SCALES if any(row.scale == scale for row in rows)]
    p_values = summary.registry_p(rows)
    content = environment.get_template("README.md.j2").render(
        rows=rows,
        scales=scales,
        runs=[_run(*key, manifest) for key, manifest in sorted(manifests.items(), key=_run_order)],
        by_scale={scale: _standing([row for row in rows if row.scale == scale]) for scale in scales},
        chapters=wording.chapters({row.claim for row in rows}),
        claims={claim: _claim(list(group), scales) for claim, group in groupby(rows, key=lambda row: row.claim)},
        p_values=p_values,
        fragile=[row for row in rows if row.verdict != "INCONCLUSIVE" and p_values.get(_key(row), 0.0) > 0.05],
        answers=summary.answers(rows),
        agreement=summary.agreement(rows),
        surprises=summary.surprises(rows),
        gaps=summary.gaps(rows),
        drawings={name: {} for name in FIGURES} | dict(drawings or {}),
        speed=timed,
        looks=VERDICTS,
        key=_key,
        sentence=wording.sentence,
        text=text,
        phrases=phrases.phrases,
    )
    # Sections that have nothing to say leave their blank lines behind.
    return re.sub(r"\n{3,}", "\n\n", content)


def _run_order(item: tuple[tuple[str, str], object]) -> tuple[int, str]:
    scale, backend = item[0]
    return (summary.SCALES.index(scale) if scale in summary.SCALES else len(summary.SCALES), backend)


def _draw(name: str, run: tuple[str, str], payload: Mapping[str, Any], figures: Path) -> tuple[Path, list[str]]:
    """Draw one exhibit, naming it where it is damaged."""
    module = FIGURES[name]
    try:
        return module.draw(payload, figures / f"{name}-{'-'.join(run)}.png"), module.caption(payload)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        if isinstance(error, EvidenceError):
            raise
        raise EvidenceError(
            f"{'/'.join(run)}/exhibits/{name}.json: expected its schema, received {error!r}."
        ) from error


def _relative(
    drawings: Mapping[str, Mapping[tuple[str, str], tuple[Path, list[str]]]], results: Path
) -> dict[str, dict[tuple[str, str], tuple[str, list[str]]]]:
    return {
        name: {run: (path.relative_to(results).as_posix(), caption) for run, (path, caption) in runs.items()}
        for name, runs in drawings.items()
    }


def _key(row: VerdictRow) -> tuple[Any, ...]:
    return (row.scale, row.backend, row.identity)


def _run(scale: str, backend: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Sum a manifest over its rows: its own totals are the last, perhaps partial, run's only."""
    parts = list(manifest.get("rows", {}).values()) or [manifest]
    commits = sorted({(part.get("commit") or "", bool(part.get("dirty"))) for part in parts})
    return {
        "scale": scale,
        "backend": f"{backend} {manifest.get('versions', {}).get(backend) or ''}".strip(),
        **{key: manifest.get(key) or text.NOTHING for key in ("device", "threads", "precision", "python")},
        "finished": max(str(part.get("finished") or text.NOTHING)[:16].replace("T", " ") for part in parts),
        "time": text.duration(sum(part.get("seconds") or 0.0 for part in parts)),
        **{key: f"{sum(part.get(key) or 0 for part in parts):,}" for key in ("trained", "recalled")},
        "commits": [(f"`{commit[:10]}`" if commit else text.NOTHING) + "\\*" * dirty for commit, dirty in commits],
        "dirty": any(dirty for _, dirty in commits),
    }


def _standing(rows: Sequence[VerdictRow]) -> dict[str, Any]:
    """Count how the verdicts of one scale stand against their predictions."""
    predicted = [row for row in rows if row.predicted]
    return {
        "backends": sorted({row.backend for row in rows}),
        "rows": len(summary.by_row(rows)),
        "verdicts": summary.tally(row.verdict for row in rows),
        "judged": len(rows),
        "predicted": len(predicted),
        "right": sum(row.verdict == row.predicted for row in predicted),
        "wrong": sum(row.verdict not in (row.predicted, "INCONCLUSIVE") for row in predicted),
    }


def _claim(rows: Sequence[VerdictRow], scales: Iterable[str]) -> dict[str, Any]:
    """Gather what the page shows of one claim."""
    groups = summary.by_row(rows)
    notes: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            notes.setdefault(row.note, []).append(f"{text.name(row)} ({row.scale}, {row.backend})")
    return {
        "rows": rows,
        "cells": [
            " ".join(
                f"{VERDICTS[verdict].mark} {count}"
                for verdict, count in summary.tally(
                    summary.consensus(group) for (_, at), group in groups.items() if at == scale
                ).items()
            )
            for scale in scales
        ],
        "notes": notes,
        "beside": phrases.beside(groups.values()),
    }
