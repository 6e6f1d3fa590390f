"""The one contract of what can be put on trial."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from study.latent.gaussians import DiagonalGaussians
from study.types import Array, Float32


@runtime_checkable
class Subject(Protocol):
    """Anything with an id, data, posteriors and a decoder; ours is one of several.

    Its replicas are models of equal standing, e.g. trained from different seeds; a single model is one replica. A
    subject may also have ``pixels`` (what is done to images before it sees them: ``grey``, the default, ``binarised``
    or ``redrawn``), ``images`` (how many training images, None for all), ``log_joint(x, z)`` → log p(x, z) ``(replica,
    n)`` in nats, ``log_joint_and_grad(x, z)`` → that and its gradient in z, ``(replica, n, latent)``; and, for nats of
    a sampler, ``log_likelihood(x, z)`` → log p(x|z) ``(replica, n, draw)`` of images ``([replica,] n, feature)`` and
    latents ``(replica, n, draw, latent)``, and ``sample_images(z, seeds)`` → images drawn from p(x|z).

    Attributes:
        id: Its name, by which observations are keyed.
        data: Data set, one of :data:`study.types.DATA_SETS`.
    """

    id: str
    data: str

    def posterior(self, x: Float32) -> DiagonalGaussians:
        """Return q(z|x) of images ``(n, feature)``: Gaussians ``(replica, n, latent)``."""

    def decode(self, z: Array) -> Array:
        """Return mean images ``(replica, n, feature)`` of latents ``(replica, n, latent)``."""
