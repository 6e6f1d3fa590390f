"""Mass of the prior where hardly any image is encoded."""

from __future__ import annotations

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.ratios import mass_below


@measure(unit="share", needs=("aggregate_ratios", "prior_ratios"))
def hole_mass(aggregate_ratios: Array, prior_ratios: Array) -> Array:
    """Share of prior draws whose log q_n(z) − log p(z) is below the 5th percentile of held-out aggregate draws.

    It is 0.05 for an exact N(0, I), whatever the rate, D, or dead dimensions added. It sees only part of a hole: that
    of a fifth of the mass is found as 0.2 at two latents and as 0.1 at eight (see ``planted_hole_mass``).

    Args:
        aggregate_ratios: Log q_n(z) − log p(z), nats, at draws of held-out images, ``(replica, m)``.
        prior_ratios: The same at draws of N(0, I).

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        The first answer: a z of the prior is probably close to some μ(x).
    """
    return mass_below(aggregate_ratios, prior_ratios)
