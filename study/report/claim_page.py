"""A page a claim: sentence and source, each row once, pictures, what was predicted, controls, the command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from study.evidence import counterexample
from study.evidence.records import VerdictRow
from study.report import phrases, text
from study.report.charts.rows import fields, said
from study.report.content import Content
from study.report.headline import Group
from study.report.summary import consensus
from study.report.words import MANY, SPLIT, VERDICTS, letters
from study.verdicts.kinds import Kind

ALIKE = "✓"
"""Beside a verdict on which all backends agree."""


class Secondary(NamedTuple):
    """Secondary readings: their names, and lines of a row's name, its data set and scale, and each reading of it."""

    readings: Sequence[str]
    lines: Sequence[Sequence[str]]


def context(content: Content, claim: str) -> dict[str, Any]:
    """Return what the template of a claim's page needs."""
    words, groups = content.claims[claim], content.groups_of(claim)
    finding = next((one for one in content.findings if one.words.claim == claim), None)
    return {
        "content": content,
        "words": words,
        "groups": groups,
        "means": [line.means for line in finding.lines] if finding else [],
        "command": text.command(groups[0][0]),
        "legend": legend(groups),
        "notes": _notes(groups, words.words),
        "replays": _replays(groups, words.words, content.folder),
        "secondary": _secondary(groups, words.words),
        "overturned": [one for one in content.overturned if one.claim == claim],
        "threshold": content.thresholds.get(claim, ""),
        "controls": content.controls.get(claim, ()),
        "phrases": phrases,
        "text": text,
        "letters": letters,
        "against": against,
        "predicted": predicted,
        "verdict": verdict,
        "perbackend": per_backend,
    }


def predicted(group: Group) -> str:
    """Write how a row stands against its prediction; of backends that were told differently, each."""
    found: dict[str, None] = {}
    for row in group:
        told = row.predicted if row.registered else ""
        as_told = "as predicted" if row.verdict == told else f"predicted {told}"
        found[as_told if told else "exploratory"] = None
    return ", ".join(found)


def verdict(group: Group) -> str:
    """Write the verdict of a row once, with a tick where several backends agree and a line each where they do not."""
    joint = consensus(group)
    mark = VERDICTS[joint].mark
    if len({row.verdict for row in group}) > 1:
        head = f"{mark} {VERDICTS[joint].answer if joint == SPLIT else joint}"
        return "<br>".join([head, *(f"{row.backend}: {text.verdict(row)}" for row in group)])
    reasons = {row.reason for row in group}
    said = text.verdict(group[0]) if len(reasons) == 1 else f"{mark} {joint}"
    return f"{said} ({ALIKE} {text.listing(row.backend for row in group)})" if len(group) > 1 else said


def per_backend(group: Group, write: Callable[[VerdictRow], str]) -> str:
    """Write something of each backend, once where it is the same of all."""
    found = {row.backend: write(row) for row in group}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return "<br>".join(f"{backend} {said}" for backend, said in found.items())


def against(group: Group) -> str:
    """Write the median of each backend with its interval, and the threshold; no line ends within either."""
    medians = per_backend(group, lambda row: text.unbroken(text.interval(row.median, row.low, row.high)))
    threshold = text.unbroken(text.md(text.threshold(group[0])))
    return f"{medians}{'<br>' if '<br>' in medians else ' '}against {threshold}"


def legend(groups: Sequence[Group]) -> str:
    """Say which contexts the letters stand for, in their order."""
    if all(row.kind == Kind.EXACT for group in groups for row in group):
        return "In place of a median stands the largest error of all cases."
    letters_ = "Contexts: S supported, R refuted, I undecided by itself, - not applicable"
    rows = [row for group in groups for row in group if row.kind != Kind.SEARCH]  # which examines what it draws
    listed = {tuple(one.context for one in row.contexts) for row in rows}
    several = [contexts for contexts in listed if 1 < len(contexts) <= MANY]
    names = {"; ".join(text.md(said(fields(name)) or name) for name in contexts) for contexts in several}
    many = {
        f"{len(contexts)} contexts are of {choices}."
        for contexts in listed
        if len(contexts) > MANY and (choices := _choices(contexts))
    }
    first = f"{letters_}; in this order: {' or '.join(sorted(names))}." if names else f"{letters_}."
    return " ".join([first, *sorted(many)])


def _choices(contexts: Sequence[str]) -> str:
    """Say what contexts choose from, e.g. ``relu and tanh; decoder depth 1 and 2; 2, 4 and 8 latents``."""
    found: dict[str, dict[str, None]] = {}
    for name, value in (item for context in contexts for item in fields(context).items()):
        found.setdefault(name, {})[said({name: value})] = None
    return text.md("; ".join(phrases.shared(values) for values in found.values()))


def _notes(groups: Sequence[Group], words: phrases.Words) -> dict[str, list[str]]:
    """Gather what judges noted: note → the rows, each with the backends on which it was noted."""
    found: dict[str, dict[str, list[str]]] = {}
    for group in groups:
        for row in group:
            if note := text.note(row):
                where = f"{phrases.named(row, words)} on {text.images(row.data)}, {row.scale}"
                found.setdefault(note, {}).setdefault(where, []).append(row.backend)
    return {
        note: [f"{text.md(where)}: {text.listing(backends)}" for where, backends in rows.items()]
        for note, rows in found.items()
    }


def _replays(groups: Sequence[Group], words: phrases.Words, folder: Path) -> list[tuple[str, str]]:
    """Return where a search ended with a counterexample, and the command that replays it."""
    rows = [row for group in groups for row in group if counterexample.refuted(row)]
    return [
        (
            f"{phrases.named(row, words)} on {text.images(row.data)}, {row.scale}, {row.backend}",
            text.replay(row, folder),
        )
        for row in rows
    ]


def _secondary(groups: Sequence[Group], words: phrases.Words) -> Secondary:
    """Gather what was read beside the verdicts: a line a row that has any, a column a reading."""
    each = [(group[0], phrases.secondary(group)) for group in groups]
    readings = list(dict.fromkeys(reading for _, read in each for reading in read))
    lines = [
        [phrases.named(row, words), f"{text.images(row.data)}, {row.scale}",
         *(", ".join(read.get(reading, [text.NOTHING])) for reading in readings)]
        for row, read in each if read
    ]  # fmt: skip
    return Secondary(readings, lines)
