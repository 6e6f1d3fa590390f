"""``study history``: what was recorded under another rule, or an earlier registration."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from study.cli.output import print_table, results_option


@click.command()
@click.argument("claims", nargs=-1)
@click.option("--reason", help="Why its evidence is moved there; needed to move it.")
@click.option("--rule", default="counting", show_default=True, help="The rule that it was judged by.")
@results_option
@click.pass_context
def history(ctx: click.Context, claims: tuple[str, ...], reason: str | None, rule: str, results: Path) -> None:
    """List what is kept and never judged again, and check it; or move the evidence on CLAIMS there.

    A claim that is registered anew (its reason is part of it) starts on a seed root of its own, and its old rows are
    kept as they are, pinned by SHA-256. Exit 1 if a kept file is not as it was.
    """
    from study.errors import InvalidValue
    from study.evidence import history as kept

    if claims:
        if not reason:
            raise InvalidValue("--reason", reason, "why the evidence is moved")
        moved = kept.move(results, claims, rule=rule, reason=reason, moved=datetime.now(UTC).date().isoformat())
        click.echo(f"moved into {results / kept.FOLDER}: " + ", ".join(path for one in moved for path in one.files))
        return
    print_table(kept.HEADINGS, [kept.cells(one) for one in kept.read(results)])
    if changed := kept.changed(results):
        click.echo("\n".join(["", *changed]))
        ctx.exit(1)
