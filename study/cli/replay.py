"""``study replay``: the VAE of which a claim does not hold, trained and measured again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from study.evidence.counterexample import Counterexample, Replay


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--claims", type=click.Path(path_type=Path), default=Path("claims"), show_default=True, help="Folder of the claims."
)
@click.pass_context
def replay(ctx: click.Context, path: Path, claims: Path) -> None:
    """Train the VAE of a counterexample again, and compare it with what is recorded.

    PATH is a file in results/SCALE/BACKEND/counterexamples. Its VAE is trained on the fresh seeds that confirmed it;
    nothing is recalled. The exit status is 0 if it still is a counterexample, and 1 if not.
    """
    from tempfile import TemporaryDirectory

    from study.cli.engine import opened
    from study.cli.output import echo
    from study.evidence import serialise
    from study.evidence.counterexample import Counterexample
    from study.lab import replaying

    one = serialise.read(path, Counterexample)
    body = replaying.searching(one, claims)
    with TemporaryDirectory() as cache, opened(Path(cache), "1", one.seed_root, one.precision) as engine:
        found = replaying.replay(one, body, engine)
        backend = engine.setting.backend
    echo(body.claim.statement or one.claim)
    for name, said in _lines(one, found, backend).items():
        echo(f"{name:10}  {said}")
    ctx.exit(0 if found.stands else 1)


def _lines(one: Counterexample, found: Replay, backend: str) -> dict[str, str]:
    """Say what is recorded, what came of it now, and how they differ."""
    recorded, again = one.sample, found.again
    moved = (
        "" if again.median is None or recorded.median is None else f"{again.median - recorded.median:.3g} {one.unit}"
    )
    other = "" if backend == one.backend else f", not on {one.backend}, on which it was recorded"
    short = again.count(one.threshold, 0.5).short
    return {
        "claim": f"{one.claim}, for every VAE, on {one.data} at scale {one.scale}",
        "VAE": f"smallest found of {one.examined} VAEs examined: {one.context} ({one.size} parameters)",
        "recorded": f"{_number(recorded.median)} {one.unit}, median of {recorded.replicas} on {one.backend}",
        "replayed": f"{_number(again.median)} {one.unit}, median of {again.replicas} on {backend}{other}",
        "difference": f"{moved or 'unknown'}; of a single VAE at most {_number(found.furthest)}",
        "threshold": f"≥ {one.threshold:g} {one.unit}: {short} of {again.replicas} fall short",
        "": f"{'still a' if found.stands else 'no longer a'} counterexample",
    }


def _number(value: float | None) -> str:
    """Write a number with all digits that are recorded."""
    return "–" if value is None else f"{value:.9g}"
