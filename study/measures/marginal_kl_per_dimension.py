"""Marginal KL of the population, an equal part for every latent dimension."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.bracket import Bracket


@measure(unit="nats per dimension", needs=("marginal_kl", "train"))
def marginal_kl_per_dimension(marginal_kl: Bracket, q: DiagonalGaussians) -> Bracket:
    """Population marginal KL of the whole latent divided by D, dead dimensions included, nats.

    Source:
        The second answer: "each latent dimension has less to store".
    """
    return marginal_kl / q.latent
