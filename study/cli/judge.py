"""``study judge``: recorded evidence judged again; what is registered anew is retired."""

from __future__ import annotations

from pathlib import Path

import click

from study.cli.output import echo, print_table, results_option


@click.command()
@click.option("--retire", "claims", metavar="CLAIM", multiple=True, help="Move its evidence into history/ instead.")
@click.option("--reason", help="Why its evidence is moved there; needed to move it.")
@click.option(
    "--reword",
    type=click.Path(path_type=Path),
    metavar="CLAIMS",
    help="Give the evidence the words that the claims in this folder say of themselves now.",
)
@click.option("--rule", default="counting", show_default=True, help="The rule that it was judged by.")
@results_option
@click.pass_context
def judge(
    ctx: click.Context, claims: tuple[str, ...], reason: str | None, reword: Path | None, rule: str, results: Path
) -> None:
    """Judge recorded evidence again, and list what differs; exit 1 if something does.

    It needs neither the claims nor a deep-learning framework: what a row is judged by is recorded with it.

    A claim that is registered anew starts on a seed root of its own. With --retire its old rows are kept as they are,
    pinned by SHA-256, and never judged again; `study verdicts --history` lists them. With --reword neither numbers nor
    verdicts change: what the claims say in words is taken from their files, which are run.
    """
    if reword is not None:
        if claims or reason:
            raise click.UsageError("--reword moves nothing: leave out --retire and --reason")
        from study.cli.reword import reword as renew

        renew(results, reword)
        return
    if claims:
        from study.cli.history import retire

        retire(results, claims, reason, rule)
        return
    if reason:
        raise click.UsageError("--reason is why the evidence on a claim is moved: name it by --retire CLAIM")
    from study.evidence import history
    from study.evidence.judging import judge_again
    from study.evidence.store import Store
    from study.report import text
    from study.report.page import load

    store = Store(results)
    count = text.plural(len(load(store)), "row")
    differences = judge_again(store)
    if changed := history.changed(results):
        echo("\n".join(changed))
        ctx.exit(1)
    if not differences:
        click.echo(f"all {count} have their recorded words and numbers")
        return
    lines = [
        [
            one.row.claim,
            text.name(one.row),
            f"{one.row.scale}, {one.row.backend}",
            one.field,
            str(one.recorded),
            str(one.again),
        ]
        for one in differences
    ]
    print_table(["Claim", "Row", "Run", "Field", "Recorded", "Judged again"], lines)
    differing = len({(one.row.identity, one.row.scale, one.row.backend) for one in differences})
    click.echo(f"{differing} of {count} differ from what judging again gives")
    ctx.exit(1)
