"""Everything recorded → ``README.md`` and its figures; the same evidence gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from study.errors import EvidenceError, InvalidValue
from study.evidence import history, predictions
from study.evidence.figure_data import Figure, LatentPlane, MarginalKL
from study.evidence.manifest import Manifest, RowOrigin
from study.evidence.predictions import Overturned
from study.evidence.records import ClaimWords, VerdictRow
from study.evidence.store import Store
from study.report import calibration, latent_plane, length, marginal_kl, phrases, speed, summary, text
from study.report.words import VERDICTS
from study.runtime.files import publish

PILOTED = "digits"
"""The data set on which thresholds and predictions were piloted."""
Runs = dict[tuple[str, str], tuple[str, list[str]]]
"""(scale, backend) → path of a figure relative to the page, and its caption."""


def write(results: Path, claims: Path | None = None) -> list[Path]:
    """Write the page of results and its figures beside the evidence.

    Args:
        results: Folder of the evidence; receives ``README.md`` and ``figures/``.
        claims: Folder of the claims, whose overturned predictions are shown.

    Returns:
        The files written.

    Raises:
        InvalidValue: When there is no such folder.
        EvidenceError: When some of it is damaged.
    """
    store = Store(results)
    rows = load(store)
    drawings = {
        "latent_plane": _draw(store, LatentPlane, latent_plane.draw, latent_plane.caption),
        "marginal_kl": _draw(store, MarginalKL, marginal_kl.draw, marginal_kl.caption),
    }
    timed, drawn = speed.section(results)
    page = results / "README.md"
    beside = Beside(
        speed=timed,
        calibrated=calibration.line(results),
        length=length.section(results),
        earlier=history.said(results),
        overturned=predictions.read(claims) if claims else (),
    )
    publish(page, render(rows, store.claims(), store.manifests(), drawings, beside))
    return [page, *(results / path for runs in drawings.values() for path, _ in runs.values()), *drawn]


def load(store: Store) -> list[VerdictRow]:
    """Return every recorded row in reading order, refusing a folder that is none."""
    if not store.root.is_dir():
        raise InvalidValue("--results", str(store.root), "a folder that holds evidence")
    return summary.ordered(store.rows())


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the page shows beside the rows; each part may be missing.

    Attributes:
        speed: What was measured of speed.
        calibrated: How often the rule errs in simulations.
        length: What the length of training does.
        earlier: What is said of history.
        overturned: Predictions that evidence overturned.
    """

    speed: speed.Section | None = None
    calibrated: str = ""
    length: length.Section | None = None
    earlier: str = ""
    overturned: Sequence[Overturned] = ()


def render(
    rows: Sequence[VerdictRow],
    claims: Mapping[str, ClaimWords],
    manifests: Mapping[tuple[str, str], Manifest],
    drawings: Mapping[str, Runs] | None = None,
    beside: Beside | None = None,
) -> str:
    """Render the page.

    Args:
        rows: Every verdict row.
        claims: What each of their claims says of itself.
        manifests: Manifest by (scale, backend).
        drawings: Figure → (scale, backend) → path of its file relative to the page, and its caption.
        beside: What stands beside the rows.

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
    content = environment.get_template("README.md.j2").render(
        rows=rows,
        scales=scales,
        runs=[_run(*key, manifest) for key, manifest in sorted(manifests.items(), key=_run_order)],
        by_scale={scale: _standing([row for row in rows if row.scale == scale]) for scale in scales},
        chapters=summary.chapters({row.claim: claims[row.claim] for row in rows}),
        claims={
            claim: _claim(list(group), scales, claims[claim])
            for claim, group in groupby(rows, key=lambda row: row.claim)
        },
        answers=summary.answers(rows, claims),
        agreement=summary.agreement(rows),
        surprises=summary.surprises(rows),
        gaps=summary.gaps(rows),
        drawings={"latent_plane": {}, "marginal_kl": {}} | dict(drawings or {}),
        beside=beside or Beside(),
        piloted=PILOTED,
        data=list(dict.fromkeys(row.data for row in rows)),
        looks=VERDICTS,
        text=text,
        phrases=phrases.phrases,
    )
    # Sections that have nothing to say leave their blank lines behind.
    return re.sub(r"\n{3,}", "\n\n", content)


def _run_order(item: tuple[tuple[str, str], object]) -> tuple[int, str]:
    scale, backend = item[0]
    return (summary.SCALES.index(scale) if scale in summary.SCALES else len(summary.SCALES), backend)


def _draw(
    store: Store,
    kind: type[Figure],
    draw: Callable[[Sequence[Figure], Path], Path],
    caption: Callable[[Sequence[Figure]], list[str]],
) -> Runs:
    """Draw one figure of every run, naming the data that cannot be drawn."""
    drawn: Runs = {}
    for run, rows in sorted(store.figure_data(kind).items(), key=_run_order):
        path = f"figures/{kind.name}-{'-'.join(run)}.png"
        try:
            draw(rows, store.root / path)
        except (IndexError, ValueError) as error:
            raise EvidenceError(
                f"{'/'.join(run)}, figure {kind.name}: expected its data, received {error!r}."
            ) from error
        drawn[run] = path, caption(rows)
    return drawn


def _run(scale: str, backend: str, manifest: Manifest) -> dict[str, Any]:
    """Sum a manifest over its rows: its own totals are the last, perhaps partial, run's only."""
    parts: list[RowOrigin | Manifest] = [*manifest.rows.values()] or [manifest]
    commits = sorted({(part.commit or "", bool(part.dirty)) for part in parts})
    return {
        "scale": scale,
        "backend": f"{backend} {manifest.versions.get(backend) or ''}".strip(),
        **{key: getattr(manifest, key) or text.NOTHING for key in ("device", "threads", "precision", "python")},
        "processor": ", ".join(sorted({part.processor for part in parts} - {""})) or text.NOTHING,
        "finished": max(part.finished for part in parts)[:16].replace("T", " "),
        "time": text.duration(sum(part.seconds for part in parts)),
        **{key: f"{sum(getattr(part, key) for part in parts):,}" for key in ("trained", "recalled")},
        "commits": [(f"`{commit[:10]}`" if commit else text.NOTHING) + "\\*" * dirty for commit, dirty in commits],
        "dirty": any(dirty for _, dirty in commits),
    }


def _standing(rows: Sequence[VerdictRow]) -> dict[str, Any]:
    """Count how the verdicts of one scale stand against their predictions."""
    predicted = [row for row in rows if row.predicted or row.overturned]
    return {
        "backends": sorted({row.backend for row in rows}),
        "rows": len(summary.by_row(rows)),
        "verdicts": summary.count(row.verdict for row in rows),
        "judged": len(rows),
        "predicted": len(predicted),
        "right": sum(row.verdict == row.predicted for row in predicted),
        "wrong": sum(map(summary.contradicts, predicted)),
    }


def _claim(rows: Sequence[VerdictRow], scales: Iterable[str], words: ClaimWords) -> dict[str, Any]:
    """Gather what the page shows of one claim."""
    groups = summary.by_row(rows)
    notes: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            notes.setdefault(row.note, []).append(f"{text.name(row)} ({row.scale}, {row.backend})")
    return {
        "rows": rows,
        "statement": words.statement or words.claim,
        "words": words.words,
        "cells": [
            " ".join(
                f"{VERDICTS[verdict].mark} {count}"
                for verdict, count in summary.count(
                    summary.consensus(group) for (_, at), group in groups.items() if at == scale
                ).items()
            )
            for scale in scales
        ],
        "notes": notes,
        "secondary": phrases.secondary(groups.values(), words.words),
    }
