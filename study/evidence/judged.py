"""A judged row with all that is recorded of it, as it travels between processes."""

from __future__ import annotations

from dataclasses import dataclass

from study.evidence.figure_data import Decoded, Information, LatentPlane, MarginalKL
from study.evidence.manifest import RowCost
from study.evidence.records import Evidence, VerdictRow


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A judged row.

    Attributes:
        evidence: The row, and what it rests on.
        cost: What it took.
        marginal_kl: Figure data that its claim showed.
        latent_plane: The same, as all that follow.
        decoded: The same.
        information: The same.
    """

    evidence: Evidence
    cost: RowCost
    marginal_kl: tuple[MarginalKL, ...] = ()
    latent_plane: tuple[LatentPlane, ...] = ()
    decoded: tuple[Decoded, ...] = ()
    information: tuple[Information, ...] = ()

    @property
    def row(self) -> VerdictRow:
        """The row."""
        return self.evidence.rows[0]
