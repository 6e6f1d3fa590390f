"""``python -m study.cli.length``: what the length of training does to a few estimands, recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from study.cli.engine import engine_options, opened
from study.cli.errors import Alone
from study.cli.output import results_option

if TYPE_CHECKING:
    from study.lab.artefacts import Setting
    from study.lab.lab import Own
    from study.lab.run import Engine
    from study.measures.registry import Measure

SCHEMA = 1
TIMES = (0.5, 1.0, 2.0, 4.0)
"""Multiples of the recipe's epochs, warm-up included."""
WEIGHTS, DIMENSIONS = (0.5, 1.0), (2, 8)
ROOT = "length-1"
"""Seed root of its own: the seeds that claims are judged on are not looked at for anything else."""
MEASURES: dict[str, dict[str, float | str]] = {
    "rate": {}, "marginal_kl": {}, "empirical_marginal_kl": {}, "kl_percentile": {"percentile": 5.0},
    "likelihood_ratio_accuracy": {}, "coverage_ratio": {}, "nats_gain": {"sampler": "gaussian_mixture"},
}  # fmt: skip
DIGITS = 6
"""Digits that are kept of each number."""
Cell = dict[str, Any]


@click.command(cls=Alone)
@results_option
@engine_options
def length(results: Path, cache: Path, workers: str) -> None:
    """Train digits for half, once, twice and four times the recipe's epochs; record what that does.

    Medians and standard deviations over 8 replicas, at two KL weights and two numbers of latents, in the first context.
    What is in the cache is recalled: equal seeds give an equal file.
    """
    import json

    from study.runtime.files import publish

    with opened(cache, workers, ROOT) as engine:
        found = study_of_length(engine)
    path = results / "length.json"
    publish(path, json.dumps(found, indent=1, allow_nan=False) + "\n")
    click.echo(f"{path}: {len(found['cells'])} cells of {found['replicas']} replicas")


def study_of_length(engine: Engine) -> dict[str, Any]:
    """Train what is lacking, and return the content of the file."""
    from study.design.contexts import LISTED
    from study.lab.reading import Look, Reader
    from study.measures.registry import Measure

    measures = [Measure.of(name, **arguments) for name, arguments in MEASURES.items()]
    cells = list(_cells())
    look, reader = Look(), Reader(engine.store, engine.setting)
    wanted = {block: set(measures) for _, vae in cells for block in look.blocks(vae, engine.setting)}
    engine.submit(wanted)
    engine.wait(wanted)
    return {
        "schema": SCHEMA,
        **_about(engine.setting),
        "context": str(LISTED[0]),
        "replicas": look.count,
        "cells": [{**cell, **_numbers(reader, look, vae, measures)} for cell, vae in cells],
    }


def _about(setting: Setting) -> dict[str, str]:
    return {"data": "digits", "scale": "quick", "backend": setting.backend, "seed_root": setting.seed_root}


def _cells() -> Iterator[tuple[Cell, Own]]:
    """Yield each cell with its VAE, the length of training varying fastest."""
    from study.design.contexts import LISTED
    from study.lab.lab import Own

    base = LISTED[0].config("digits", "quick")
    for weight in WEIGHTS:
        for dimension in DIMENSIONS:
            for times in TIMES:
                lengths = {name: round(times * getattr(base, name)) for name in ("epochs", "kl_warmup_epochs")}
                config = base.replace(kl_weight=weight, latent_dim=dimension, **lengths)
                yield {"kl_weight": weight, "latent_dim": dimension, "times": times, **lengths}, Own(config)


def _numbers(reader: Any, look: Any, vae: Own, measures: list[Measure]) -> dict[str, Any]:
    """Return median and standard deviation of each measure, over finite replicas, at both bracket ends."""
    import numpy as np

    found: dict[str, Any] = {}
    for measure in measures:
        numbers = reader.read(look, vae, measure)
        ends = {end: getattr(numbers, end)[numbers.finite] for end in ("low", "high")}
        found["diverged"] = int((~numbers.finite).sum())
        found[measure.name] = {
            statistic: [float(f"{of(values):.{DIGITS}g}") for values in ends.values()]
            for statistic, of in (("median", np.median), ("sd", lambda values: np.std(values, ddof=1)))
        }
    return found


if __name__ == "__main__":
    length(prog_name="python -m study.cli.length")
