"""The evidence lower bound."""

from __future__ import annotations

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.weights import checked


@measure(unit="nats", needs=("importance_weights",))
def elbo(log_weights: Array) -> Array:
    """Evidence lower bound, mean over held-out images and draws of log p(x, z) − log q(z|x), nats.

    Args:
        log_weights: ``(replica, sample, draw)``, nats.

    Returns:
        ``(replica,)``.

    Source:
        Kingma & Welling 2014.
    """
    return checked(log_weights).mean((1, 2))
