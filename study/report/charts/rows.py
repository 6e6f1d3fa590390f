"""Rows of evidence as the charts show them: labelled lines of dots, gathered into panels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from study.evidence.records import ClaimWords, Evidence, Observation, VerdictRow, apart
from study.report import phrases, summary, text
from study.report.headline import headline
from study.report.words import VERDICTS
from study.verdicts.kinds import Kind

WEIGHT = "kl_weight"
CELL = (WEIGHT, "latent_dim")
"""Fields of a context that rows speak of; the others tell architectures apart."""
FRESH, FIRST = "fresh seeds", "first seeds"
WHOLE, SEARCHED = "the claim as it stands", "a search for a VAE of which it does not hold, smallest first"


@dataclass(frozen=True)
class Dot:
    """One VAE: the ends of its bracket, and where it comes from."""

    low: float
    high: float
    context: str
    backend: str
    replica: int


@dataclass(frozen=True)
class Line:
    """One line of a panel: dots, and the rows that judge them, one a backend.

    Attributes:
        label: What it is about.
        about: What its row is about, which may have several lines.
        dots: Its VAEs.
        row: A row, for threshold and unit.
        judged: The rows whose word stands here; () where it stands at another line.
        bars: The rows whose interval is that of these VAEs.
    """

    label: str
    about: str
    dots: Sequence[Dot]
    row: VerdictRow
    judged: Sequence[VerdictRow]
    bars: Sequence[VerdictRow]

    @property
    def verdict(self) -> str:
        """What it came to, in a few words: of several backends together."""
        if not self.judged:
            return ""
        said = summary.consensus(self.judged)
        mark = VERDICTS[said].mark
        agreeing = sum(row.verdict == said for row in self.judged)
        if not agreeing:
            return f"{mark} {VERDICTS[said].answer}"
        if len(self.judged) > 1:
            return f"{mark} on {agreeing} of {len(self.judged)} backends"
        return f"{mark} {self.row.reason if self.row.kind == Kind.SEARCH else text.count(self.row).partition(',')[0]}"


@dataclass(frozen=True)
class Panel:
    """Lines that share an axis.

    Attributes:
        claim: What their claim says of itself.
        title: What they are about, beside their labels; may be "".
        unit: Unit of the axis.
        lines: The lines.
    """

    claim: ClaimWords
    title: str
    unit: str
    lines: Sequence[Line]


def fields(context: str) -> dict[str, str]:
    """Read the choices of a context's canonical text; {} of a name that is none."""
    parts = [part.partition("=") for part in context.split(", ")]
    return {name: value for name, _, value in parts} if all(equals for _, equals, _ in parts) else {}


def said(choices: Mapping[str, str]) -> str:
    """Write choices in words, e.g. ``relu, decoder depth 1``, ``KL weight 1, 2 latents``."""
    known = {WEIGHT: "KL weight {}", "latent_dim": "{} latents"}
    found = []
    for name, value in choices.items():
        plain = value.removesuffix(".0") if value.replace(".", "", 1).isdigit() else value
        bare = not plain[:1].isdigit() and plain not in ("True", "False")
        words = "{}" if bare else name.replace("_", " ") + " {}"
        found.append(known.get(name, words).format(plain))
    return ", ".join(found)


def names(contexts: Iterable[str]) -> dict[str, str]:
    """Shorten contexts to what tells them apart, in words; a name stays itself."""
    texts = list(dict.fromkeys(contexts))
    read = {one: fields(one) for one in texts}
    telling = [
        key
        for key in dict.fromkeys(key for one in read.values() for key in one)
        if len({one.get(key) for one in read.values()}) > 1 or len(texts) == 1
    ]
    return {one: said({key: choices[key] for key in telling if key in choices}) or one for one, choices in read.items()}


def rank(context: str) -> tuple[object, ...]:
    """Sort contexts alike in all figures: fewer layers before more, then by name."""
    choices = fields(context)
    numbers = [float(value) for value in choices.values() if value.replace(".", "", 1).isdigit()]
    return (not choices, numbers, context)


def panels(found: Sequence[Evidence], data: str, *, headlines: bool = False) -> list[Panel]:
    """Gather the evidence of one claim, at one scale, on every backend.

    Args:
        found: The evidence, one a backend.
        data: Data set.
        headlines: Whether to show those headline rows alone that answer the claim's question.
    """
    words = found[0].words
    gathered: dict[tuple[str, str], list[tuple[str, Line]]] = {}
    groups: dict[object, list[tuple[VerdictRow, Evidence]]] = {}
    for evidence in found:
        for row in summary.ordered(evidence.rows):
            if row.data == data and (not headlines or (headline(row) and phrases.answers(row, found[0]))):
                groups.setdefault(row.identity, []).append((row, evidence))
    for group in groups.values():
        rows = [row for row, _ in group]
        label = ", ".join(phrases.said(name, value, words) for name, value in rows[0].parameters.items())
        seen = [one for row, evidence in group for one in _marked(evidence.of_row(row), evidence.backend)]
        for line in _lines(rows, seen, label, headlines=headlines):
            head, _, rest = (SEARCHED, "", line.label) if rows[0].kind == Kind.SEARCH else _split(line.label)
            gathered.setdefault((rows[0].unit, head if rest else ""), []).append((rest, line))
    made: list[Panel] = []
    alone: dict[str, list[Line]] = {}
    for (unit, head), members in gathered.items():
        if not head or (len(members) == 1 and head != SEARCHED):
            alone.setdefault(unit, []).extend(line for _, line in members)
            continue
        ordered = members if head == SEARCHED else sorted(members, key=lambda member: summary.natural(member[0]))
        shared = [replace(line, label=rest) for rest, line in ordered]
        made.append(Panel(found[0], head, unit, shared))
    single = [Panel(found[0], "", unit, members) for unit, members in alone.items()]
    made.sort(key=lambda panel: panel.title == SEARCHED)
    return [*single, *made]


def _split(label: str) -> tuple[str, str, str]:
    """Part a label into what a panel may share, and what is left: at a colon, or else before the last choices."""
    if ": " in label:
        return label.partition(": ")
    head, _, rest = label.partition(", KL weight ")
    return (head, ", ", f"KL weight {rest}") if rest else (label, "", "")


def _marked(observations: Iterable[Observation], backend: str) -> list[tuple[Observation, str, bool]]:
    """Mark observations with their backend, and whether they are on fresh seeds; those that diverged are left out."""
    plain, fresh = apart(o for o in observations if not math.isnan(o.low))
    return [(o, backend, False) for o in plain] + [(o, backend, True) for o in fresh]


def _lines(
    rows: Sequence[VerdictRow], seen: Sequence[tuple[Observation, str, bool]], label: str, *, headlines: bool
) -> list[Line]:
    """Make the lines of a row: one; of every VAE one a weight and number of latents; of a search one a VAE."""
    kind = rows[0].kind
    if kind not in (Kind.EVERY, Kind.SEARCH):
        dots = [Dot(o.low, o.high, o.context, backend, o.replica) for o, backend, _ in seen]
        return [Line(label or WHOLE, label or WHOLE, dots, rows[0], rows, rows)] if dots else []
    gathered: dict[str, list[Dot]] = {}
    at: dict[str, str] = {}
    order = [one.context for one in rows[0].contexts]
    for o, backend, fresh in sorted(
        seen, key=lambda one: order.index(one[0].context) if one[0].context in order else 0
    ):
        choices = fields(o.context)
        if headlines and float(choices.get(WEIGHT, 1)) != 1:
            continue
        if kind == Kind.SEARCH:
            cell, context = said(choices) or o.context, FRESH if fresh else FIRST
        else:
            cell = said({name: choices[name] for name in CELL if name in choices}) or WHOLE
            context = ", ".join(f"{name}={value}" for name, value in choices.items() if name not in CELL) or o.context
            context = f"{context} ({FRESH})" if fresh else context
        gathered.setdefault(cell, []).append(Dot(o.low, o.high, context, backend, o.replica))
        at.setdefault(o.context, cell)
    # The interval of such a row is that of one context; its word, of all of them, stands first, or with it.
    bars = {cell: [row for row in rows if at.get(_lowest(row)) == cell] for cell in gathered}
    first = next((cell for cell, some in bars.items() if some), next(iter(gathered), ""))
    return [
        Line(cell, label or WHOLE, dots, rows[0], rows if cell == first else (), bars[cell])
        for cell, dots in gathered.items()
    ]


def _lowest(row: VerdictRow) -> str:
    """Return the context whose median the row's is: of every VAE the lowest, of a search the counterexample found."""
    if row.kind == Kind.SEARCH:
        smallest = [context for context in row.examined if context in row.note]
        return smallest[0] if smallest else ""
    known = [(one.median, one.context) for one in row.judged_in if one.median is not None]
    return min(known)[1] if known else ""
