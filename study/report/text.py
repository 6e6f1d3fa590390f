"""Numbers and names as readers see them: digits that the interval bears out, typographic minus, no code."""

from __future__ import annotations

import html
import math
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TypeVar

import humanize

from study.errors import printable
from study.evidence import counterexample
from study.evidence.records import GIVEN, VerdictRow
from study.report.words import VERDICTS
from study.seeds import ROOT
from study.verdicts.kinds import Kind, Verdict

Anything = TypeVar("Anything")
COUNTED = re.compile(r"^in all \d+ listed(; )?")
"""What the judge notes of a claim that holds of every VAE, and its count says."""
NOTHING = "–"
"""Shown where there is no number."""
IMAGES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
"""Data set → what readers call it, where that is not its id."""


def images(data: str) -> str:
    """Name a data set as readers call it, e.g. ``MNIST``."""
    return IMAGES.get(data, data)


def number(value: float | None, decimals: int | None = None) -> str:
    """Write a number with three significant digits, or with as many decimals as asked."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = math.floor(math.log10(abs(value))) if value else 0
    if value and not -5 < size < 6:
        return f"{value:.1e}".replace("-", "−")
    if decimals is None:
        decimals = max(0, 2 - size)
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def _decimals(low: float, high: float) -> int | None:
    """Decimals at which the width of a range has two digits; None where it has no width."""
    width = high - low
    return min(6, max(0, 1 - math.floor(math.log10(width)))) if width > 0 and math.isfinite(width) else None


def interval(middle: float | None, low: float | None, high: float | None) -> str:
    """Write ``median [low, high]``, all three with the decimals that the width bears out."""
    if middle is None or low is None or high is None:
        return number(middle)
    decimals = _decimals(low, high)
    return f"{number(middle, decimals)} [{number(low, decimals)}, {number(high, decimals)}]"


def count(row: VerdictRow) -> str:
    """Write what was counted, e.g. ``22 of 24 reach``; of every VAE contexts are counted, of an identity cases."""
    if not row.count:
        return "none counted"
    what = {Kind.EVERY: "contexts ", Kind.SEARCH: "VAEs ", Kind.EXACT: "cases "}.get(Kind(row.kind), "")
    reach, short = ("hold", "fail") if what else ("reach", "fall short")
    if row.short > row.reach:
        return f"{row.short} of {row.count} {what}{short}"
    beside = f", {row.short} {short}" if row.short else ""
    return f"{row.reach} of {row.count} {what}{reach}{beside}"


def share(row: VerdictRow) -> str:
    """Write the interval of the share of VAEs that reach the threshold, e.g. ``73 % to 99 %``."""
    if row.share_low is None or row.share_high is None:
        return NOTHING
    return f"{100 * row.share_low:.0f} % to {100 * row.share_high:.0f} %"


def holds_in(row: VerdictRow) -> str:
    """Write in how many contexts, at least, the claim holds at 5 %, e.g. ``2 of 3``; of most VAEs only.

    A claim of every VAE, and a search, count contexts themselves.
    """
    return f"{row.holds_in} of {len(row.judged_in)}" if row.judged_in and row.kind == "most" else NOTHING


def threshold(row: VerdictRow) -> str:
    """Write the inequality that was put to the test, e.g. ``≥ 0.02 nats``; of an error ``≤ 1e−09 nats``."""
    return f"{'≤' if row.kind == Kind.EXACT else '≥'} {row.threshold:g} {row.unit}".replace("-", "−").strip()


def verdict(row: VerdictRow) -> str:
    """Write a verdict with its mark and, where one was recorded, its reason."""
    return f"{VERDICTS[row.verdict].mark} {row.verdict}" + (f": {row.reason}" if row.reason else "")


def words(row: VerdictRow) -> str:
    """Write a row's parameters, e.g. ``latent_dim · total``; a number keeps its name, e.g. ``latent_dim=4``."""
    given = row.parameters.items()
    return " · ".join(f"{name}={value}" if value.replace(".", "", 1).isdigit() else value for name, value in given)


def name(row: VerdictRow) -> str:
    """Name a row within its claim, e.g. ``latent_dim · total on digits``."""
    return " on ".join(part for part in (words(row), row.data) if part)


def command(row: VerdictRow) -> str:
    """Return the shell command that judges a row's claim again at its scale and on its backend."""
    command = f"{environment(row)}pytest claims/test_{row.claim}.py --study-scale {row.scale}"
    command += f" --study-precision {shlex.quote(row.precision)}" if row.precision not in ("", "float32") else ""
    return command + (f" --study-seed-root {shlex.quote(row.seed_root)}" if row.seed_root not in ("", ROOT) else "")


def environment(row: VerdictRow) -> str:
    """Return the variable that a row's command needs, if any, with a blank after it."""
    return "" if row.backend == GIVEN else f"KERAS_BACKEND={row.backend} "


def replay(row: VerdictRow, folder: Path) -> str:
    """Return the shell command that replays the counterexample of a row in a folder of evidence; may be empty."""
    file = shlex.quote((folder / counterexample.place(row)).as_posix())
    return f"{environment(row)}study replay {file}" if counterexample.refuted(row) else ""


def selector(row: VerdictRow) -> str:
    """Return the option that narrows :func:`command` down to a row's parametrisation; may be empty."""
    if row.kind == "search":
        return " -m study_search"
    values = " and ".join(row.parameters.values())
    quoted = f'"{values}"' if set('"$`\\!\n').isdisjoint(values) else shlex.quote(values)
    return f" -k {quoted}" if row.parameters else ""


def note(row: VerdictRow) -> str:
    """Return what the judge noted of a row, but for what its count says already; of an identity that holds nothing."""
    return "" if (row.kind, row.verdict) == (Kind.EXACT, Verdict.SUPPORTED) else COUNTED.sub("", row.note)


def spread(row: VerdictRow) -> str:
    """Write the range of the contexts' medians."""
    values = [one.median for one in row.contexts if one.median is not None]
    if len(values) < 2:
        return NOTHING
    ends = min(values), max(values)
    return " … ".join(number(end, _decimals(*ends)) for end in ends)


def replicas(row: VerdictRow) -> str:
    """Write contexts × replicas, and how many replicas diverged and were left out."""
    return f"{len(row.judged_in)} × {row.replicas}" + (f" (−{row.diverged})" if row.diverged else "")


def unbroken(words: str) -> str:
    """Keep the two ends of an interval on one line, and a sign with its number."""
    return re.sub("(?<=[,≥≤]) ", "\u00a0", words)


def level(row: VerdictRow) -> str:
    """Write the confidence level of a row's interval, e.g. ``99.85 %``."""
    return f"{100 * row.level:.4g} %"


def duration(seconds: float | None) -> str:
    """Write a run time, e.g. ``250 ms``, ``12.3 s``, ``6 minutes and 40 seconds``, ``2 hours and 5 minutes``."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return humanize.metric(seconds, "s")
    unit, size = ("seconds", 1) if seconds < 3600 else ("minutes", 60)
    whole = size * round(seconds / size)
    return humanize.precisedelta(whole, minimum_unit=unit, suppress=("days", "months", "years"), format="%.0f")


def listing(words: Iterable[str]) -> str:
    """Join words as in a sentence: ``a, b and c``."""
    *first, last = list(words) or ["nothing"]
    return f"{', '.join(first)} and {last}" if first else last


def plural(count: int, noun: str) -> str:
    """Write a count with its noun, e.g. ``1 row``, ``2 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def printed(record: Anything, *, folded: bool = True) -> Anything:
    """Return a record whose texts only say something: see :func:`study.errors.printable`.

    Args:
        record: A dataclass, or what JSON can hold.
        folded: Whether each text comes on one line.
    """
    found: object = record
    if isinstance(record, str) and not isinstance(record, Enum):
        found = printable(" ".join(record.splitlines()) if folded else record)
    elif is_dataclass(record) and not isinstance(record, type):
        found = replace(record, **{f.name: printed(getattr(record, f.name), folded=folded) for f in fields(record)})
    elif isinstance(record, Mapping):
        found = {printed(key, folded=folded): printed(value, folded=folded) for key, value in record.items()}
    elif isinstance(record, tuple | list):
        found = type(record)(printed(one, folded=folded) for one in record)
    return found  # type: ignore[return-value]


def md(words: object) -> str:
    """Escape words for Markdown: whoever wrote them, they come out as they are, on one line, and are no markup."""
    line = html.escape(" ".join(str(words).split()), quote=False)
    return re.sub(r"([\\`*\[\]|]|(?<![^\W_])_|_(?![^\W_])|^#|~~)", r"\\\1", line)
