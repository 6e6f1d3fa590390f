"""``--history`` lists earlier rules and registrations; ``--retire`` adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from study.cli.output import echo, print_table


def show(ctx: click.Context, results: Path) -> None:
    """List what is kept and never judged again, and check it; exit 1 if a file is not as it was kept."""
    from study.evidence import history

    print_table(history.HEADINGS, [history.cells(one) for one in history.read(results)])
    if changed := history.changed(results):
        echo("\n".join(["", *changed]))
        ctx.exit(1)


def retire(results: Path, claims: Sequence[str], reason: str | None, rule: str) -> None:
    """Move all that is recorded of some claims into history, pinned by SHA-256.

    Args:
        results: Folder of the evidence.
        claims: Claim ids.
        reason: Why it is moved; part of what is kept.
        rule: The rule that it was judged by.

    Raises:
        InvalidValue: No reason, or nothing is recorded of a claim.
        EvidenceError: A file is damaged, or history has evidence of this claim and seed root already.
    """
    from study.errors import InvalidValue
    from study.evidence import history

    if not reason:
        raise InvalidValue("--reason", reason, "why the evidence is moved")
    moved = history.move(results, claims, rule=rule, reason=reason, moved=datetime.now(UTC).date().isoformat())
    echo(f"moved into {results / history.FOLDER}: " + ", ".join(path for one in moved for path in one.files))
