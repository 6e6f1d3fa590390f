"""Images that a trained VAE decodes from draws of several samplers, as a figure shows them; kept in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from study.data.loading import load
from study.errors import InvalidValue
from study.lab.artefacts import Block
from study.lab.digests import digest_named
from study.lab.measuring import seeds_of
from study.lab.store import Store
from study.lab.subjects.trained import TrainedBlock
from study.lab.training import weights_of
from study.lab.work import Task, Unit, agreement, work
from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers._contract import Fit
from study.measures.registry import SAMPLERS
from study.runtime import registry
from study.vae.config import BLOCK

SHOWN = {"prior": "prior", "aggregate": "training_aggregate", "gaussian_mixture": "gaussian_mixture"}
"""What is shown → the sampler whose draws are decoded; the data stand beside them."""
IMAGES = 24
"""Images of each."""
GREYS = "0123456789abcdef"


def decoded(
    store: Store, block: Block, posteriors: tuple[DiagonalGaussians, DiagonalGaussians]
) -> dict[str, list[str]]:
    """Return images of the first replica, made once and kept; only then is the framework imported.

    Args:
        store: The artefact store, which holds the trained block.
        block: The block.
        posteriors: Its posteriors of the training and the held-out images.

    Returns:
        Sampler, or ``data`` → images, each a hexadecimal digit a pixel: mean images, and grey held-out images.
    """
    samplers = [("study.latent.samplers", name) for name in SHOWN.values()]
    key = hashlib.sha256(f"{digest_named(samplers, (__name__,))}\0{block.posterior_key()}".encode()).hexdigest()
    found = store.drawings(block, key)
    if found is None:
        found = _made(store, block, posteriors)
        store.publish_drawings(block, key, found)
    return found


def _made(store: Store, block: Block, posteriors: tuple[DiagonalGaussians, DiagonalGaussians]) -> dict[str, list[str]]:
    task = (Task(block),)
    ready = work(Unit(task, str(store.root.resolve()), agreement(task)), here=True)  # this process, for the framework
    if isinstance(ready, InvalidValue):
        raise ready
    first = [q.subset_replicas([0]) for q in posteriors]
    subject = TrainedBlock(block.config, weights_of(store, block))
    seeds = seeds_of(block.config.key, [0], block.setting.seed_root)
    images: dict[str, list[str]] = {}
    for shown, name in SHOWN.items():
        fit: Fit = registry.load(SAMPLERS, name).fit
        z = fit(*first).draw(seeds(f"decoded {shown}"), IMAGES)
        images[shown] = levels(subject.decode(np.repeat(z, BLOCK, axis=0))[0])
    config = block.config
    dataset = load(config.data, images=config.images, folder=block.setting.data)
    images["data"] = levels(dataset.heldout_x[:IMAGES])
    return images


def levels(images: ArrayLike) -> list[str]:
    """Write images ``(n, feature)`` in [0, 1] in sixteen greys, a hexadecimal digit a pixel."""
    grey = np.clip(np.rint(np.asarray(images, float) * 15), 0, 15).astype(int)
    return ["".join(GREYS[level] for level in one) for one in grey]


def side(images: Mapping[str, list[str]]) -> int:
    """Return the pixels on a side of images, which are square.

    Raises:
        InvalidValue: They are not.
    """
    pixels = len(images["data"][0])
    found = round(pixels**0.5)
    if found**2 != pixels:
        raise InvalidValue("decoded", pixels, "images that are square")
    return found
