"""Marginal KL of the training images."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.bracket import Bracket
from study.measures.tools.marginal import floor, mixture_kl


@measure(unit="nats", needs=("train", "training_draws"))
def empirical_marginal_kl(q: DiagonalGaussians, z: Array) -> Bracket:
    """Marginal KL, KL(q_n(z) ‖ N(0, I)), of the mixture of the training components, own component kept, nats.

    Args:
        q: Posteriors of the whole training split, one redraw of each image.
        z: Draws of :meth:`DiagonalGaussians.draw` from ``q``, ``(replica, m, latent)``.

    Returns:
        A bracket with equal ends, ``(replica,)``, and the floor, rate − ln n. Sampling error apart, the value is exact
        for these data; what finite n alone makes of it is ``empirical_marginal_kl_null``.

    Source:
        Hoffman & Johnson 2016, "ELBO surgery".
    """
    value = mixture_kl(q, z)
    return Bracket(value, value, floor(q))
