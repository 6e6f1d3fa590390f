"""The measures that the claims ask of a block of VAEs, beside its training: neither may be what one waits for."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from study.data.loading import load
from study.design.contexts import Context
from study.lab.measuring import computation, seeds_of
from study.lab.subjects.trained import TrainedBlock
from study.measures.registry import Measure
from study.vae.config import BLOCK

CONTEXT = Context.of(activation="relu", decoder_depth=1)
SAMPLERS = ("gaussian_mixture", "gaussian")


def asked(latents: int) -> list[Measure]:
    """What the four claims ask of a VAE of weight 1; a gain's accuracy is a fifth of the threshold of its row."""
    accuracy = (0.02 if latents == 2 else 0.05) / 5
    plain = ["rate", "kl_percentile", "decoder_misses", "coverage_ratio", "likelihood_ratio_accuracy", "marginal_kl"]
    plain += [name + null for name in ("empirical_marginal_kl", "dimension_marginal_kl") for null in ("", "_null")]
    overlaps = [Measure.of("class_overlap_difference", classifier=name) for name in ("knn", "svc")]
    samplers = SAMPLERS + ("training_mixture",) * (latents == 8)
    nats = [Measure.of("nats_gain", sampler=name, accuracy=least) for name in samplers for least in (accuracy, 0.05)]
    return [*map(Measure.of, plain), *overlaps, *nats]


@pytest.mark.parametrize("latents", [2, 8])
def test_measures_beside_training(benchmark: Any, facts: dict[str, Any], latents: int) -> None:
    """Seconds of this process's cores, by measures and by training, on one thread each where the backend has a say."""
    from study.vae.training.loop import train

    config = CONTEXT.config("digits", "quick").replace(latent_dim=latents)
    replicas = tuple(range(BLOCK))
    images = load("digits").train_x
    train(config.replace(epochs=1), images, replicas)  # compiles
    started = time.process_time()
    trained = train(config, images, replicas)
    training = time.process_time() - started
    seeds = seeds_of(config.key, replicas, "benchmarks")
    seconds = []

    def measure() -> None:
        subject = TrainedBlock(config, trained.weights)
        started = time.process_time()
        computing = computation(subject, seeds)
        for one in asked(latents):
            assert np.isfinite(computing.value(one).low).all()
        seconds.append(time.process_time() - started)

    with threadpool_limits(1):
        measure()  # compiles
        benchmark.pedantic(measure, rounds=2)
    benchmark.extra_info.update(facts | {"kind": "measures", "latents": latents, "models": BLOCK})
    benchmark.extra_info["ratio"] = min(seconds[1:]) / training
    benchmark.extra_info["cpu_seconds_a_vae"] = min(seconds[1:]) / BLOCK
