"""The share of one class among generated images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.classifier import ImageClassifier


@measure(unit="share", needs=("class_shares", "classifier"))
def class_share(
    class_shares: Callable[[str, str], Array],
    classifier: ImageClassifier,
    *,
    sampler: str,
    label: int,
    calibrated_on: Literal["real", "reconstructions"] = "real",
) -> Array:
    """Share of one class among the images of a sampler, the classifier's errors undone.

    Args:
        class_shares: Sampler and calibration → shares of generated images, ``(replica, class)``.
        classifier: It knows the classes.
        sampler: Where the latents come from.
        label: The class.
        calibrated_on: Images that the classifier's errors are counted on.

    Source:
        Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier".
    """
    classes = classifier.classes.tolist()
    if label not in classes:
        raise InvalidValue("label", label, f"one of {classes}")
    return class_shares(sampler, calibrated_on)[:, classes.index(label)]
