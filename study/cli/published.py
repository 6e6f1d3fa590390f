"""``python -m study.cli.published``: the study as a whole against a published table, for a GPU."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from study.cli.engine import engine_options, opened
from study.cli.errors import Alone
from study.cli.output import print_table, results_option
from study.evidence.published import FILE, Check, Published

if TYPE_CHECKING:
    from study.lab.run import Engine
    from study.vae.config import VAEConfig

IMAGES = 60_000
TABLE = {2: (7.41, 7.20, 0.21), 10: (19.17, 10.82, 8.35), 20: (20.20, 10.67, 9.53)}
"""Latents → mean KL, mutual information and marginal KL of Hoffman & Johnson 2016, table 1, nats."""
WITHIN, CLOSE = 0.3, 0.5
"""How far, in nats, a number may be from the published one; and the largest marginal KL with 2 latents."""
ROOT = "published-1"
MEASURES = ("rate", "mutual_information", "empirical_marginal_kl", "elbo")


@click.command(cls=Alone)
@results_option
@engine_options
def published(results: Path, cache: Path, workers: str) -> None:
    """Train MNIST as Hoffman & Johnson (2016) did, and compare nats with their table.

    All 60,000 images, binarised; 2, 10 and 20 latents; two layers of 500 softplus units in either network; 8 replicas:
    hours on a GPU. What is in the cache is recalled. The exit status is 1 where a number is not met.
    """
    from study.evidence import serialise
    from study.evidence.manifest import run_info
    from study.report.published import line
    from study.runtime.files import publish

    with opened(cache, workers, ROOT) as engine:
        medians = trained(engine)
    checks = tuple(compared(medians))
    about = run_info()
    found = Published(
        data="mnist",
        images=IMAGES,
        backend=engine.setting.backend,
        seed_root=ROOT,
        medians=medians,
        checks=checks,
        commit=cast("str | None", about["commit"]),
        dirty=cast("bool | None", about["dirty"]),
    )
    publish(results / FILE, serialise.page(found, FILE))
    lines = [[str(c.latents), c.name, f"{c.found:.2f}", f"{c.published:.2f}", "yes" if c.met else "no"] for c in checks]
    print_table(["Latents", "Nats of", "Found", "Published", "Met"], lines)
    click.echo(f"{line(results)}\nrecorded in {results / FILE}")
    if not all(check.met for check in checks):
        raise SystemExit(1)


def config(latents: int) -> VAEConfig:
    """Return the VAE of the table with so many latents, trained by the recipe of MNIST."""
    from study.design.grids import BASES
    from study.vae.config import VAEConfig

    network = {"activation": "softplus", **dict.fromkeys(("encoder_width", "decoder_width"), 500)}
    network |= dict.fromkeys(("encoder_depth", "decoder_depth"), 2)
    recipe = {**BASES["mnist"], **network, "latent_dim": latents, "pixels": "binarised"}
    return VAEConfig(data="mnist").replace(**recipe)


def trained(engine: Engine) -> dict[int, dict[str, float]]:
    """Train what is lacking; return the median over the finite replicas of each measure, by latents."""
    import numpy as np

    from study.lab.lab import Own
    from study.lab.reading import Look, Reader
    from study.measures.registry import Measure

    measures = [Measure.of(name) for name in MEASURES]
    vaes = {latents: Own(config(latents)) for latents in TABLE}
    look, reader = Look(), Reader(engine.store, engine.setting)
    wanted = {block: set(measures) for vae in vaes.values() for block in look.blocks(vae, engine.setting)}
    engine.submit(wanted)
    engine.wait(wanted)

    def median(vae: Own, measure: Measure) -> float:
        numbers: Any = reader.read(look, vae, measure)
        return float(f"{np.median(numbers.low[numbers.finite]):.6g}")

    return {latents: {one.name: median(vae, one) for one in measures} for latents, vae in vaes.items()}


def compared(medians: dict[int, dict[str, float]]) -> Iterator[Check]:
    """Compare medians with the table.

    With 2 latents both numbers count, with more what the marginal KL has above its floor, rate − ln n.
    """
    for latents, (rate, information, marginal) in TABLE.items():
        found = medians[latents]
        if latents == 2:
            told = found["mutual_information"]
            near = abs(told - information) <= WITHIN
            yield Check(latents=latents, name="mutual information", found=told, published=information, met=near)
            kl = found["empirical_marginal_kl"]
            yield Check(latents=latents, name="marginal KL", found=kl, published=marginal, met=kl <= CLOSE)
            continue
        excess, expected = (
            kl - (mean - math.log(IMAGES))
            for kl, mean in ((found["empirical_marginal_kl"], found["rate"]), (marginal, rate))
        )
        near = abs(excess - expected) <= WITHIN
        yield Check(latents=latents, name="marginal KL above its floor", found=excess, published=expected, met=near)


if __name__ == "__main__":
    published(prog_name="python -m study.cli.published")
