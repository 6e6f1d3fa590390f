"""Mass of the prior where hardly any image is encoded."""

from __future__ import annotations

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.ratios import Ratios


@measure(unit="share", needs=("ratios",))
def hole_mass(ratios: Ratios) -> Array:
    """Share of prior draws whose log q_n(z) − log p(z) is below the 5th percentile of held-out aggregate draws.

    It is 0.05 for an exact N(0, I), whatever the rate, D, or dead dimensions added. It sees only part of a hole: that
    of a fifth of the mass is found as 0.2 at two latents and as 0.1 at eight (see ``planted_hole_mass``).

    Args:
        ratios: Log density ratios at draws of either.

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        The first answer: a z of the prior is probably close to some μ(x).
    """
    return ratios.hole_mass()
