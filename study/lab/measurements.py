"""What a subject is measured by name, or posteriors that are only arrays by all that they are enough for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from typing import Any, Literal, get_args, get_origin, overload

import numpy as np
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.lab.measuring import live, seeds_of
from study.lab.subjects.subject import Subject
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Computation, Measure, Seeds, inputs, names, spec
from study.measures.registry import Value as Argument
from study.measures.tools.bracket import Bracket
from study.seeds import ROOT

Posteriors = tuple[NDArray[Any], NDArray[Any]]
"""Means and logarithms of the variances."""
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


@overload
def measure(subject: Subject, name: str, /, *, seed_root: str = ROOT, **arguments: Argument) -> Bracket: ...


@overload
def measure(
    mean: NDArray[Any], log_var: NDArray[Any], /, *, heldout: Posteriors | None = None, seed_root: str = ROOT
) -> Measurements: ...


def measure(
    first: Any, second: Any, /, *, heldout: Any = None, seed_root: str = ROOT, **arguments: Argument
) -> Bracket | Measurements:
    """Measure a subject, ``measure(subject, "rate")``; or posteriors alone, ``measure(mean, log_var)``.

    Args:
        first: Anything with an id, data, ``posterior(x)`` and ``decode(z)``; or means of the training images'
            posteriors, ``(image, latent)`` or ``(replica, image, latent)``.
        second: A registered measure; ``study measures`` lists them. Or logarithms of the variances, like the means.
        heldout: Means and logarithms of the variances of held-out images, which population measures ask for; only with
            posteriors.
        seed_root: Seed root of the draws.
        **arguments: Arguments of the measure, e.g. ``sampler="prior"``; only with a subject.

    Returns:
        The bracket of the value, ``(replica,)``; equal ends where it is exact. Of posteriors: every measure that they
        are enough for → its bracket, with ``units``; it prints as a table. Each image is taken as its one redraw, as a
        subject's grey pixels are.

    Raises:
        InvalidValue: No such measure, a wrong argument, a subject that lacks what the measure needs, or a mix-up.
    """
    if isinstance(second, str):
        if heldout is not None:
            raise InvalidValue("heldout", "posteriors", "none with a subject, which is asked for its own")
        return live(first, seed_root)(Measure.of(second, **arguments))
    if isinstance(first, Subject):
        raise InvalidValue("name", type(second).__name__, "the name of a measure, as a subject was given")
    if arguments:
        raise InvalidValue("arguments", sorted(arguments), "none with posteriors, of which all is measured")
    pairs = {"train": (first, second), **({} if heldout is None else {"heldout": heldout})}
    q = {what: _gaussians(what, *_pair(what, pair)) for what, pair in pairs.items()}
    sizes = {(one.replicas, one.latent) for one in q.values()}
    if len(sizes) > 1:
        received, expected = (q[what].mean.shape for what in ("heldout", "train"))
        raise InvalidValue("heldout", received, f"replicas and latents of train, {expected}")
    seeds = seeds_of("posteriors", range(q["train"].replicas), seed_root)
    return _all(q["train"], q.get("heldout"), seeds)


def _all(train: DiagonalGaussians, heldout: DiagonalGaussians | None, seeds: Seeds) -> Measurements:
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


def _pair(what: str, given: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return somebody's means and logarithms of variances as arrays, and refuse what is no pair of them."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise InvalidValue(what, given, "two arrays: means, and logarithms of the variances")
    try:
        mean, log_var = map(np.asarray, given)
    except ValueError as error:  # lists of different lengths
        raise InvalidValue(f"mean, log_var of {what}", given, "two arrays of numbers") from error
    return mean, log_var


def _gaussians(what: str, mean: NDArray[Any], log_var: NDArray[Any]) -> DiagonalGaussians:
    """Return the posteriors of somebody's arrays.

    Args:
        what: What they are of, for errors: ``"train"`` or ``"heldout"``.
        mean: Means, ``(image, latent)`` or ``(replica, image, latent)``.
        log_var: Logarithms of the variances, alike.

    Raises:
        InvalidValue: Axes are in another order, or variances, or means, stand where their logarithms should.
    """
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
