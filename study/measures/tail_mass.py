"""Mass of the aggregate posterior outside the prior's central ball."""

from __future__ import annotations

from scipy.special import chdtri

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.measures.registry import measure


@measure(unit="share", needs=("heldout_draws",))
def tail_mass(z: Array, *, level: float = 0.95) -> Array:
    """Share of draws outside the ball that holds ``level`` of N(0, I).

    The prior's own share, 1 − ``level``, is not subtracted.

    Args:
        z: Draws, ``(replica, m, latent)``.
        level: Mass of the prior inside the ball.

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        |z|² of N(0, I) is χ² with D degrees of freedom.
    """
    if not 0 < level < 1:
        raise InvalidValue("level", level, "a number in (0, 1)")
    return ((z**2).sum(-1) > chdtri(z.shape[-1], 1 - level)).mean(1)
