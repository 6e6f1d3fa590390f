"""``python -m study.cli.specifications``: the specification curves of the headline claims, recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from study.cli.engine import engine_options, opened
from study.cli.errors import Alone
from study.cli.output import results_option
from study.seeds import ROOT

if TYPE_CHECKING:
    from study.evidence.specifications import Specifications
    from study.lab.run import Engine

MODULE = "study.cli.specifications"


@click.command(cls=Alone)
@results_option
@engine_options
@click.option("--seed-root", default=ROOT, show_default=True, help="Seed root of the VAEs.")
def specifications(results: Path, cache: Path, workers: str, seed_root: str) -> None:
    """Ask the headline claims in every listed, defensible way; record what comes of each.

    Digits at scale quick, 8 VAEs a specification. What is in the cache is recalled, and what was done is kept there
    whatever ends the run.
    """
    from study.evidence import serialise
    from study.evidence.specifications import FILE
    from study.runtime.files import publish

    with opened(cache, workers, seed_root) as engine:
        found = curves(engine)
    publish(results / FILE, serialise.page(found, FILE))
    click.echo(f"{results / FILE}: {len(found.rows)} specifications")


def curves(engine: Engine) -> Specifications:
    """Say what it takes, train and measure what is lacking, and return the content of the file."""
    from datetime import UTC, datetime

    from study.evidence.manifest import RowCost, manifest
    from study.evidence.specifications import Specifications
    from study.lab import specifications as listed
    from study.lab.plan import plan
    from study.lab.reading import Look, Reader
    from study.report import text
    from study.vae.config import BLOCK
    from study.verdicts.counting import allowed, coverage

    started = datetime.now(UTC)
    asked, setting = list(listed.asked(listed.ROWS)), engine.setting
    wanted = listed.wanted(asked, setting)
    planned = plan(engine, wanted)
    click.echo(
        f"{text.plural(len(asked), 'specification')} of {text.plural(BLOCK * len(wanted), 'VAE')}: "
        f"{text.plural(BLOCK * planned.blocks, 'VAE')} to train, {text.duration(planned.seconds)} on one worker; "
        f"{text.plural(planned.values, 'value')} to measure, which may take as long again",
        err=True,
    )
    engine.submit(wanted)
    engine.wait(wanted)
    reader = Reader(engine.store, setting)
    rows = listed.measured(asked, reader)
    finished = datetime.now(UTC)
    trained = BLOCK * len(engine.trained)
    seconds = (finished - started).total_seconds()
    about = manifest(
        scale=listed.SCALE,
        backend=setting.backend,
        device="+".join(sorted(reader.devices)),
        threads=1,
        precision=setting.precision,
        hypothesis_profile="",
        seed_root=setting.seed_root,
        started=started,
        finished=finished,
        rows={"specifications": RowCost(seconds=seconds, trained=trained, recalled=BLOCK * len(wanted) - trained)},
        claims=Path(),
        command=("python", "-m", MODULE, *(() if setting.seed_root == ROOT else ("--seed-root", setting.seed_root))),
    )
    level = coverage(Look().count, allowed(Look().count, listed.LEVEL))
    return Specifications(manifest=about, data=listed.DATA, level=level, rows=rows)


if __name__ == "__main__":
    specifications(prog_name=f"python -m {MODULE}")
