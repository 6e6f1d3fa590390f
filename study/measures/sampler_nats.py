"""Held-out log p(x) of a VAE whose prior a sampler replaces."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.nats import Compared


@measure(unit="nats", needs=("compared_nats",))
def sampler_nats(
    compared: Callable[[str, str, float], Compared], *, sampler: str = "prior", accuracy: float = 0.01
) -> Array:
    """Held-out E log ∫ p(x|z) r(z) dz of a sampler r, nats; a lower bound on average.

    It is too small by the gap, which ``nats_gap`` of the same sampler, itself its reference, tells. Whatever the stage,
    it is the mean over the same images, up to 1,000.

    Args:
        compared: Two samplers and an accuracy → their nats.
        sampler: What takes the prior's place; ``prior`` gives the VAE's own log p(x).
        accuracy: Gap up to which the first stage is exact enough, nats.

    Source:
        Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders".
    """
    return compared(sampler, sampler, accuracy).nats
