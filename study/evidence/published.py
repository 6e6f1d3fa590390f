"""The record of the VAEs that were held against a published table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FILE = "published.json"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One number against the published one, nats.

    Attributes:
        latents: Latent dimension.
        name: What is compared.
        found: Median over the replicas.
        published: What the table has.
        met: Whether it is near enough.
    """

    latents: int
    name: str
    found: float
    published: float
    met: bool


@dataclass(frozen=True, kw_only=True)
class Published:
    """What came of it.

    Attributes:
        data: Data set.
        images: Its training images.
        backend: Backend that trained.
        seed_root: Root of the seeds.
        medians: Latents → measure → median over the replicas, nats.
        checks: What is compared.
        commit: Commit of the study; None where it has none.
        dirty: Whether it had local changes; None where it has no commit.
    """

    data: str
    images: int
    backend: str
    seed_root: str
    medians: Mapping[int, Mapping[str, float]]
    checks: tuple[Check, ...]
    commit: str | None
    dirty: bool | None
