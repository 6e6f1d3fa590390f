"""How much the dimensions of the aggregate posterior vary together."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.moments import exact


@measure(unit="squared latent units", needs=("heldout",))
def off_diagonal_moment(q: DiagonalGaussians) -> Array:
    """Root mean square of E[z_j z_k], j ≠ k, of the held-out aggregate; 0 for one latent.

    Source:
        Law of total expectation.
    """
    return exact(q).off_diagonal
