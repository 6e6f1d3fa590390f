"""From a subject to the values of its measures: what measures need is computed here, once, and shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

import numpy as np

from study.data.loading import load
from study.data.treatment import pixels
from study.errors import InvalidValue
from study.lab.subjects.subject import Subject
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Computation, Images, Measure, Seeds
from study.measures.registry import Value as Argument
from study.measures.tools.bracket import Bracket
from study.seeds import ROOT, seed
from study.types import Array, Float32

Splits = Callable[[], tuple[DiagonalGaussians, DiagonalGaussians]]


def seeds_of(key: str, replicas: Sequence[int], root: str) -> Seeds:
    """Return the seeds of measuring a VAE: hashed from its key, the replica and the purpose."""
    return lambda purpose: [seed(key, replica, purpose, root=root) for replica in replicas]


def computation(subject: Subject, seeds: Seeds, folder: str | None = None, splits: Splits | None = None) -> Computation:
    """Return what computes the measures of a subject.

    Args:
        subject: The subject.
        seeds: Seeds of its draws.
        folder: Folder of the data sets.
        splits: Posteriors of the training and held-out images, where they are known or kept; None to ask the subject.
    """
    images = getattr(subject, "images", None)

    def log_joint() -> Callable[[Array], Array]:
        joint: Callable[[Float32, Array], Array] | None = getattr(subject, "log_joint", None)
        if joint is None:
            raise InvalidValue("subject", subject.id, "one with log_joint(x, z), which this measure needs")
        x = _seen(subject, "heldout", folder)
        return lambda z: joint(x, z)

    def asked(method: str) -> Callable[[], object]:
        def of() -> object:
            if (found := getattr(subject, method, None)) is None:
                raise InvalidValue("subject", subject.id, f"one with {method}, which this measure needs")
            return found

        return of

    both = lru_cache(maxsize=1)(splits or partial(_posteriors, subject, folder))
    primitives: Mapping[str, Callable[[], object]] = {
        "train": lambda: both()[0],
        "heldout": lambda: both()[1],
        "decode": lambda: subject.decode,
        "log_joint": log_joint,
        "log_likelihood": asked("log_likelihood"),
        "sample_images": asked("sample_images"),
        "encode": lambda: partial(_own_posteriors, subject),
        "heldout_x": lambda: _seen(subject, "heldout", folder),
        "seeds": lambda: seeds,
        "images": lambda: labelled(subject.data, images, folder),
    }
    return Computation(primitives)


def measure(subject: Subject, name: str, *, seed_root: str = ROOT, **arguments: Argument) -> Bracket:
    """Measure a subject in this process.

    Args:
        subject: Anything with an id, data, ``posterior(x)`` and ``decode(z)``.
        name: A registered measure; ``study measures`` lists them.
        seed_root: Seed root of the draws.
        **arguments: Arguments of the measure, e.g. ``sampler="prior"``.

    Returns:
        The bracket of the value, ``(replica,)``; equal ends where it is exact.

    Raises:
        InvalidValue: No such measure, a wrong argument, or a subject that lacks what the measure needs.
    """
    return live(subject, seed_root)(Measure.of(name, **arguments))


def live(subject: Subject, root: str, folder: str | None = None) -> Callable[[Measure], Bracket]:
    """Return what measures a live object: posteriors and shared results are computed once.

    Raises:
        InvalidValue: The object is no subject.
    """
    if not isinstance(subject, Subject):
        expected = "a subject: an object with id, data, posterior(x) and decode(z)"
        raise InvalidValue("subject", type(subject).__name__, expected)

    both = lru_cache(maxsize=1)(partial(_posteriors, subject, folder))

    def seeds(purpose: str) -> list[int]:
        return seeds_of(subject.id, range(both()[0].replicas), root)(purpose)

    return computation(subject, seeds, folder, both).value


def _posteriors(subject: Subject, folder: str | None) -> tuple[DiagonalGaussians, DiagonalGaussians]:
    """Ask a subject for its posteriors of both splits, and refuse what are none."""
    found = []
    for split in ("train", "heldout"):
        x = _seen(subject, split, folder)
        q = subject.posterior(x)
        if not isinstance(q, DiagonalGaussians) or q.samples != len(x):
            received = q.mean.shape if isinstance(q, DiagonalGaussians) else type(q).__name__
            expected = f"DiagonalGaussians(mean, log_var), each (replica, {len(x)}, latent)"
            raise InvalidValue(f"posterior of {subject.id}", received, expected)
        found.append(q)
    if found[0].replicas != found[1].replicas:
        received = tuple(q.replicas for q in found)
        raise InvalidValue(f"posterior of {subject.id}", received, "as many replicas of either split")
    return found[0], found[1]


def _own_posteriors(subject: Subject, x: Float32) -> DiagonalGaussians:
    """Return q(z|x) where every replica has images of its own: each encodes all, and its own are kept."""
    replicas, images, features = x.shape
    q = subject.posterior(x.reshape(-1, features))
    own = np.arange(replicas)[:, None], np.arange(replicas * images).reshape(replicas, images)
    return DiagonalGaussians(q.mean[own], q.log_var[own])


def _seen(subject: Subject, split: str, folder: str | None) -> Float32:
    """Return the images of a split as a subject sees them."""
    images, treatment = getattr(subject, "images", None), getattr(subject, "pixels", "grey")
    return treated(subject.data, images, treatment, split, folder)


@lru_cache(maxsize=8)
def treated(data: str, images: int | None, treatment: str, split: str, folder: str | None) -> Float32:
    """Return the images of a split as they are measured: redrawn pixels by their one fixed draw."""
    dataset = load(data, images=images, folder=folder)
    x = dataset.train_x if split == "train" else dataset.heldout_x
    return pixels(x, treatment, f"{data} {split}")


@lru_cache(maxsize=4)
def labelled(data: str, images: int | None, folder: str | None) -> Images:
    """Return the grey images of both splits with their labels; one object a data set, so that it can be shared."""
    found = load(data, images=images, folder=folder)
    return Images(found.train_x, found.train_y, found.heldout_x, found.heldout_y)
