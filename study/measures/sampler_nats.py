"""Held-out log p(x) of a VAE whose prior a sampler replaces."""

from __future__ import annotations

from collections.abc import Callable

from study.measures.registry import measure
from study.measures.tools.bracket import Bracket
from study.measures.tools.nats import Compared


@measure(unit="nats", needs=("compared_nats",))
def sampler_nats(
    compared: Callable[[str, str, float], Compared], *, sampler: str = "prior", accuracy: float = 0.01
) -> Bracket:
    """Held-out E log ∫ p(x|z) r(z) dz of a sampler r, nats, between a lower bound and an upper one.

    The upper one adds the gap, measured on images that the model itself draws: see ``nats_gap``. Whatever the stage, it
    is the mean over the same images, up to 1,000.

    Args:
        compared: Two samplers and an accuracy → their nats.
        sampler: What takes the prior's place; ``prior`` gives the VAE's own log p(x).
        accuracy: Gap up to which the first stage is exact enough, nats.

    Source:
        Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders"; Grosse, Ghahramani & Adams 2015,
        "Sandwiching the marginal likelihood using bidirectional Monte Carlo".
    """
    found = compared(sampler, sampler, accuracy)
    return Bracket(found.nats, found.nats + found.gap)
