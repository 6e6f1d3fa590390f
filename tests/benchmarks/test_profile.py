"""Where the time of an epoch goes: the host's randomness, matrix products, the optimiser, everything else."""

from __future__ import annotations

from typing import Any

import pytest
from bench import setting

from study.vae.config import BLOCK

EPOCHS = {"digits": 10, "mnist": 1}
ROUNDS = 5


@pytest.mark.parametrize("size", list(setting.CONFIGS))
def test_profile(benchmark: Any, ceilings: Any, facts: dict[str, Any], size: str) -> None:
    """A block of eight on all the cores, its parts timed in turn with the whole.

    The products and the optimiser are timed alone, at the shapes and by the compiler of the real step, and in its loop;
    what is left of the step is activations, likelihood, gathering the images, and the loop itself.
    """
    from bench import ours, parts

    config = setting.CONFIGS[size].replace(window_epochs=EPOCHS[size])
    block = ours.Ours(config, BLOCK)
    block.run()  # compiles
    alone = {"products": parts.products(config, BLOCK), "optimiser": parts.optimiser(block)}
    found: dict[str, list[float]] = {"host": [], "program": [], "products": [], "optimiser": []}

    def others() -> None:
        ceilings.measure()
        for name, seconds in alone.items():
            seconds()  # by its end the threads of whatever ran before have gone to sleep
            found[name].append(seconds() * block.steps / EPOCHS[size])

    def whole() -> None:
        for name, seconds in zip(("host", "program"), block.split(), strict=True):
            found[name].append(seconds / EPOCHS[size])

    benchmark.pedantic(whole, setup=others, rounds=ROUNDS)
    top = parts.top_operators(block)
    benchmark.extra_info.update(facts | ceilings.rates)
    benchmark.extra_info.update(
        kind="profile",
        size=size,
        replicas=BLOCK,
        epochs=EPOCHS[size],
        steps=block.steps,
        batch=config.batch_size,
        data=setting.SYNTHETIC,
        parts=found,
        top=top,
        **setting.work(config, BLOCK, block.steps),
    )
