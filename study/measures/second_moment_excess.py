"""How much the second moments of the aggregate posterior exceed the prior's."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.moments import exact
from study.measures.tools.rescaled import rescaled as standardise


@measure(unit="squared latent units", needs=("train", "heldout"))
def second_moment_excess(q_train: DiagonalGaussians, q_heldout: DiagonalGaussians, *, rescaled: bool = False) -> Array:
    """Mean over active dimensions of E[z_j²] − 1 of the held-out aggregate; 0 where none is active.

    Args:
        q_train: Posteriors of the training split; they say which dimensions are active.
        q_heldout: Posteriors of held-out images.
        rescaled: Whether latents are rescaled first, so that every dimension is standard on training images.

    Source:
        Law of total expectation.
    """
    q = standardise(q_train, q_heldout)[1] if rescaled else q_heldout
    return exact(q).mean_excess(q_train.active())
