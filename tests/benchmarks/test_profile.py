"""Where the time of an epoch goes: the host's randomness, matrix products, the optimiser, everything else."""

from __future__ import annotations

from typing import Any

import pytest
from bench import setting

from study.config import BLOCK

EPOCHS = {"digits": 10, "mnist": 1}
ROUNDS = 5


@pytest.mark.parametrize("size", list(setting.CONFIGS))
def test_profile(benchmark: Any, ceilings: Any, facts: dict[str, Any], size: str) -> None:
    """A block of eight on all the cores, its parts timed in turn with the whole.

    The products and the optimiser are timed alone, at the shapes and by the compiler of the real step; what is left
    of the step is activations, likelihood, gathering the images, and the loop itself.
    """
    from bench import ours, parts

    config = setting.CONFIGS[size].replace(window_epochs=EPOCHS[size])
    block = ours.Ours(config, BLOCK)
    products = parts.products(config, BLOCK)
    host, step, alone = [], [], []

    def others() -> None:
        ceilings.measure()
        randomness, inside = block.split()
        host.append(randomness / EPOCHS[size])
        step.append(inside / EPOCHS[size])
        alone.append(products() * block.steps / EPOCHS[size])

    block.run()  # compiles
    benchmark.pedantic(block.run, setup=others, rounds=ROUNDS)
    top = parts.top_operators(block)
    optimiser = parts.optimiser(block)
    update = [optimiser() * block.steps / EPOCHS[size] for _ in range(ROUNDS)]
    benchmark.extra_info.update(facts | ceilings.rates)
    benchmark.extra_info.update(
        kind="profile",
        size=size,
        replicas=BLOCK,
        epochs=EPOCHS[size],
        steps=block.steps,
        data=setting.SYNTHETIC,
        parts={"host": host, "program": step, "products": alone, "optimiser": update},
        top=top,
        **setting.work(config, BLOCK, block.steps),
    )
