"""The effective number of importance samples."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.weights import checked


@measure(unit="draws", needs=("importance_weights",))
def effective_sample_size(log_weights: Array) -> Array:
    """Mean over held-out images of (Σ w)² / Σ w², in [1, draws]; near 1 the bound hangs on one draw.

    Source:
        Kong 1992; Owen 2013, "Monte Carlo theory, methods and examples", section 9.3.
    """
    log_weights = checked(log_weights)
    return np.exp(2 * logsumexp(log_weights, axis=-1) - logsumexp(2 * log_weights, axis=-1)).mean(1)
