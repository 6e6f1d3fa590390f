"""A page a claim: sentence and source, each row once, pictures, what was predicted, controls, the command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from study.evidence import counterexample
from study.evidence.records import VerdictRow
from study.report import phrases, text
from study.report.content import Content
from study.report.headline import Group
from study.report.summary import consensus
from study.report.words import MANY, SPLIT, VERDICTS, letters
from study.verdicts.kinds import Kind

ALIKE = "✓"
"""Beside a verdict on which all backends agree."""


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
        "controls": content.controls.get(claim, ()),
        "phrases": phrases,
        "text": text,
        "letters": letters,
        "median": lambda row: text.interval(row.median, row.low, row.high),
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
    return f"{said} {ALIKE} {text.listing(row.backend for row in group)}" if len(group) > 1 else said


def per_backend(group: Group, write: Callable[[VerdictRow], str]) -> str:
    """Write something of each backend, once where it is the same of all."""
    found = {row.backend: write(row) for row in group}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return "<br>".join(f"{backend} {said}" for backend, said in found.items())


def legend(groups: Sequence[Group]) -> str:
    """Say which contexts the letters stand for, in their order."""
    if all(row.kind == Kind.EXACT for group in groups for row in group):
        return "In place of a median stands the largest error of all cases."
    letters_ = "Contexts: S supported, R refuted, I undecided by itself, - not applicable"
    rows = [row for group in groups for row in group if 1 < len(row.contexts) <= MANY]
    listed = {tuple(one.context for one in row.contexts) for row in rows}
    names = {"; ".join(text.md(name) for name in contexts) for contexts in listed}
    return f"{letters_}; in this order: {' or '.join(sorted(names))}." if names else f"{letters_}."


def _notes(groups: Sequence[Group], words: phrases.Words) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in groups:
        for row in group:
            if note := text.note(row):
                found.setdefault(note, []).append(_where(row, words))
    return found


def _replays(groups: Sequence[Group], words: phrases.Words, folder: Path) -> list[tuple[str, str]]:
    """Return where a search ended with a counterexample, and the command that replays it."""
    rows = [row for group in groups for row in group if counterexample.refuted(row)]
    return [(_where(row, words), text.replay(row, folder)) for row in rows]


def _where(row: VerdictRow, words: phrases.Words) -> str:
    return f"{text.md(phrases.named(row, words))} on {text.md(row.data)}, {row.scale}, {row.backend}"


def _secondary(groups: Sequence[Group], words: phrases.Words) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in groups:
        for reading, values in phrases.secondary(group).items():
            named = text.md(phrases.named(group[0], words))
            found.setdefault(reading, []).append(f"{named}: {', '.join(values)}")
    return found
