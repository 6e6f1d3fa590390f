"""How often a reconstruction still shows its class."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import Images, measure
from study.types import Labels


@measure(unit="share", needs=("heldout_labels", "images"))
def reconstruction_accuracy(heldout_labels: Callable[[str], Labels], images: Images) -> Array:
    """Share of reconstructions of held-out images that a classifier of real images labels rightly.

    Args:
        heldout_labels: ``reconstructions`` → labels, ``(replica, sample)``.
        images: Real images and their classes.

    Source:
        Odena, Olah & Shlens 2017, "Conditional image synthesis with auxiliary classifier GANs": the accuracy of a
        classifier of real images on generated ones.
    """
    return (heldout_labels("reconstructions") == images.heldout_y).mean(-1)
