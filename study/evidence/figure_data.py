"""Figure data: what each figure can be redrawn from, small enough to be kept with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

Rows = tuple[tuple[float | None, ...], ...]
"""``(level, replica)``; None where a replica had not converged."""


@dataclass(frozen=True, kw_only=True)
class FigureData:
    """What one context of a figure shows.

    Attributes:
        data: Data set.
        context: Canonical text of the context.
    """

    name: ClassVar[str]
    data: str
    context: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two of a figure the same one."""
        return self.data, self.context, ""


@dataclass(frozen=True, kw_only=True)
class MarginalKL(FigureData):
    """The marginal KL along an axis, in nats.

    Attributes:
        axis: What grows.
        levels: Its levels, ``(level,)``.
        low: Lower bound of the population's marginal KL.
        high: Upper bound.
        empirical: Marginal KL of the empirical mixture.
        floor: What the empirical one cannot fall below.
        rate: Mean KL(q(z|x) ‖ p(z)).
    """

    name: ClassVar[str] = "marginal_kl"
    axis: str
    levels: tuple[int | float, ...]
    low: Rows
    high: Rows
    empirical: Rows
    floor: Rows
    rate: Rows

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two of a figure the same one."""
        return self.data, self.context, self.axis


@dataclass(frozen=True, kw_only=True)
class LatentPlane(FigureData):
    """Codes of the held-out images under one VAE of two latents.

    Attributes:
        config: Fields of the VAE's config.
        classes: Class of each image, ``(sample,)``.
        means: Posterior means, ``(sample, 2)``.
        draws: One draw of each posterior, ``(sample, 2)``.
    """

    name: ClassVar[str] = "latent_plane"
    config: Mapping[str, bool | int | float | str | None]
    classes: tuple[int, ...]
    means: Rows
    draws: Rows


@dataclass(frozen=True, kw_only=True)
class Decoded(FigureData):
    """Images that one VAE decodes from draws of several samplers, beside images of the data.

    Attributes:
        kl_weight: Its KL weight.
        latent_dim: Its latents.
        side: Pixels on a side of an image.
        images: Sampler, or ``data`` → images, each a hexadecimal digit a pixel, row by row: 0 is black, f white.
    """

    name: ClassVar[str] = "decoded"
    kl_weight: float
    latent_dim: int
    side: int
    images: Mapping[str, tuple[str, ...]]

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two of a figure the same one."""
        return self.data, self.context, f"{self.kl_weight:g} {self.latent_dim}"


@dataclass(frozen=True, kw_only=True)
class Information(FigureData):
    """What the latents of one VAE say of the training images, in nats: rate = mutual information + marginal KL.

    Attributes:
        kl_weight: Its KL weight.
        latent_dim: Its latents.
        rate: Mean KL(q(z|x) ‖ p(z)), ``(replica,)``.
        marginal_kl: KL of the mixture of the training images from the prior.
        mutual_information: Mutual information of the latent and the index of the image.
    """

    name: ClassVar[str] = "information"
    kl_weight: float
    latent_dim: int
    rate: tuple[float | None, ...]
    marginal_kl: tuple[float | None, ...]
    mutual_information: tuple[float | None, ...]

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two of a figure the same one."""
        return self.data, self.context, f"{self.kl_weight:g} {self.latent_dim}"


Shown = MarginalKL | LatentPlane | Decoded | Information
KINDS: tuple[type[Shown], ...] = (MarginalKL, LatentPlane, Decoded, Information)
Figure = TypeVar("Figure", MarginalKL, LatentPlane, Decoded, Information)


@dataclass(frozen=True, kw_only=True)
class FigureFile(Generic[Figure]):
    """The content of a file of figure data.

    Attributes:
        rows: One a context.
    """

    rows: tuple[Figure, ...]
