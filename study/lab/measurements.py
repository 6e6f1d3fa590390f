"""All measures of posteriors that are only arrays, for anybody's numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from typing import Any, Literal, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Computation, Measure, Seeds, inputs, names, spec
from study.measures.tools.bracket import Bracket

LEAST = 10
"""Least number of images."""


@dataclass(frozen=True, eq=False)
class Measurements(Mapping[str, Bracket]):
    """Values by measure; printed as a table of medians and units.

    Attributes:
        values_by_name: Canonical text of a measure → its value, ``(replica,)``.
        units: The same → its unit.
    """

    values_by_name: Mapping[str, Bracket]
    units: Mapping[str, str]

    def __getitem__(self, name: str) -> Bracket:
        """Return the value of a measure, e.g. ``"rate"``."""
        if name not in self.values_by_name:
            raise KeyError(f"{name!r}: none of {', '.join(self.values_by_name)}")
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the measures, sorted."""
        return iter(self.values_by_name)

    def __len__(self) -> int:
        """Return how many measures there are."""
        return len(self.values_by_name)

    def __str__(self) -> str:
        """Return a table: measure, median over replicas of either end, unit."""
        ends = {name: [float(np.median(end)) for end in (value.low, value.high)] for name, value in self.items()}
        texts = {n: f"{low:.4g}" if low == high else f"[{low:.4g}, {high:.4g}]" for n, (low, high) in ends.items()}
        wide, wider = (max(map(len, column), default=0) for column in (texts, texts.values()))
        return "\n".join(f"{name:<{wide}}  {text:>{wider}}  {self.units[name]}" for name, text in texts.items())

    __repr__ = __str__


def measurements(train: DiagonalGaussians, heldout: DiagonalGaussians | None, seeds: Seeds) -> Measurements:
    """Compute every measure that posteriors alone are enough for, in all its readings.

    Args:
        train: Posteriors of the training images; each image counts as its one redraw.
        heldout: Posteriors of held-out images; None leaves out the measures that need them.
        seeds: Seeds of the draws.
    """
    given: dict[str, object] = {"train": train, "train_redraws": train, "seeds": seeds}
    if heldout is not None:
        given |= {"heldout": heldout, "heldout_redraws": heldout}
    computation = Computation({name: partial(given.__getitem__, name) for name in given})
    found = [measure for name in names() for measure in _readings(name) if inputs(measure) <= given.keys()]
    values = {str(measure): computation.value(measure) for measure in found}
    return Measurements(values, {str(measure): spec(measure.name).unit for measure in found})


def _readings(name: str) -> Iterator[Measure]:
    """Yield a measure with every choice of its arguments that are choices; none where an argument must be said."""
    parameters = spec(name).parameters
    if any(p.default is Parameter.empty for p in parameters):
        return
    chosen = {p.name: (False, True) if p.kind is bool else get_args(p.kind) for p in parameters if _is_choice(p.kind)}
    for choice in itertools.product(*chosen.values()):
        yield Measure.of(name, **dict(zip(chosen, choice, strict=True)))


def _is_choice(kind: object) -> bool:
    return kind is bool or get_origin(kind) is Literal


def gaussians(what: str, mean: NDArray[Any], log_var: NDArray[Any]) -> DiagonalGaussians:
    """Return the posteriors of somebody's arrays.

    Args:
        what: What they are of, for errors: ``"train"`` or ``"heldout"``.
        mean: Means, ``(image, latent)`` or ``(replica, image, latent)``.
        log_var: Logarithms of the variances, alike.

    Raises:
        InvalidValue: Axes are in another order, or variances, or means, stand where their logarithms should.
    """
    mean, log_var = np.asarray(mean), np.asarray(log_var)
    if mean.ndim not in (2, 3) or mean.dtype.kind not in "fiu":
        kind = f"{mean.dtype} of shape {mean.shape}"
        raise InvalidValue(f"mean of {what}", kind, "numbers (image, latent) or (replica, image, latent)")
    if mean.shape != log_var.shape:
        raise InvalidValue(f"log_var of {what}", log_var.shape, f"an array of the shape of mean, {mean.shape}")
    if mean.ndim == 2:
        mean, log_var = mean[None], log_var[None]
    replicas, images, latent = mean.shape
    if images < max(LEAST, replicas, latent):
        order = f"(replica, image, latent), of {LEAST} images or more, and no fewer than replicas or latents"
        raise InvalidValue(f"mean of {what}", mean.shape, order)
    q = DiagonalGaussians(mean, log_var)
    if (q.log_var >= 0).all() and (q.log_var > 0).any():
        span = f"numbers from {q.log_var.min():.3g} to {q.log_var.max():.3g}, none of them negative"
        raise InvalidValue(f"log_var of {what}", span, "logarithms of variances: np.log(var), or 2 * np.log(sd)")
    if (q.mean < 0).all() and (q.log_var > 0).any():
        raise InvalidValue(f"mean, log_var of {what}", "means that are all negative", "means first, then log_var")
    return q
