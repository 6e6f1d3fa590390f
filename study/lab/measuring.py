"""From a subject to the values of its measures: what measures need is computed here, once, and shared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial

import numpy as np

from study.data.loading import load
from study.data.treatment import pixels
from study.errors import InvalidValue
from study.lab.subjects.subject import Subject
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Computation, Images, Measure, Seeds
from study.measures.tools.bracket import Bracket
from study.seeds import seed
from study.types import Array, Float32

REDRAWS = {"train": (8, 80_000), "heldout": (24, 10_000)}
"""How often an image of a split is redrawn, and how many images that may make: MNIST's are redrawn less often."""
AT_ONCE = 20_000
"""Redrawn images encoded in one call, unless a split has more."""

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
        "train_redraws": lambda: _redrawn(subject, "train", folder, both()[0]),
        "heldout_redraws": lambda: _redrawn(subject, "heldout", folder, both()[1]),
        "decode": lambda: subject.decode,
        "log_joint": log_joint,
        "log_likelihood": asked("log_likelihood"),
        "sample_images": asked("sample_images"),
        "encode": lambda: partial(_own_posteriors, subject),
        "pixels": lambda: lambda split: _pixels(subject, split, folder),
        "heldout_x": lambda: _seen(subject, "heldout", folder),
        "seeds": lambda: seeds,
        "images": lambda: labelled(subject.data, images, folder),
    }
    return Computation(primitives)


def live(subject: object, root: str, folder: str | None = None) -> Callable[[Measure], Bracket]:
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
    train, heldout = (_encoded(subject, _seen(subject, split, folder)) for split in ("train", "heldout"))
    if train.replicas != heldout.replicas:
        received = (train.replicas, heldout.replicas)
        raise InvalidValue(f"posterior of {subject.id}", received, "as many replicas of either split")
    return train, heldout


def _encoded(subject: Subject, x: Float32) -> DiagonalGaussians:
    """Ask a subject for its posteriors of images, and refuse what are none."""
    q = subject.posterior(x)
    if not isinstance(q, DiagonalGaussians) or q.samples != len(x):
        received = q.mean.shape if isinstance(q, DiagonalGaussians) else type(q).__name__
        expected = f"DiagonalGaussians(mean, log_var), each (replica, {len(x)}, latent)"
        raise InvalidValue(f"posterior of {subject.id}", received, expected)
    return q


def _redrawn(subject: Subject, split: str, folder: str | None, once: DiagonalGaussians) -> DiagonalGaussians:
    """Return posteriors of further redraws of a split's images, image by image: ``(replica, image · redraw, latent)``.

    The redraws are hashed from data set, split and index, so that all VAEs share them; they are encoded when a measure
    needs them, and not kept. Where pixels are not redrawn, the images as they are serve as their one redraw.

    Args:
        subject: The subject.
        split: ``"train"`` or ``"heldout"``.
        folder: Folder of the data sets.
        once: Posteriors of the images as they are, which say how many there are.
    """
    if getattr(subject, "pixels", "grey") != "redrawn":
        return once
    calls = [_encoded(subject, x) for x in _redrawn_pixels(subject, split, folder, AT_ONCE)]

    def joined(arrays: list[Array]) -> Array:
        """Put the redraws of an image in a row."""
        parts = [array.reshape(array.shape[0], once.samples, -1, array.shape[2]) for array in arrays]
        return np.concatenate(parts, axis=2).reshape(once.replicas, -1, once.latent)

    return DiagonalGaussians(joined([q.mean for q in calls]), joined([q.log_var for q in calls]))


def _redrawn_pixels(subject: Subject, split: str, folder: str | None, at_once: float) -> Iterator[Float32]:
    """Draw the pixels of further redraws of a split, some at a time, those of an image in a row: ``(n, feature)``."""
    grey = treated(subject.data, getattr(subject, "images", None), "grey", split, folder)
    count = redraws(split, len(grey))
    for some in np.array_split(np.arange(count), max(1, min(count, math.ceil(count * len(grey) / at_once)))):
        x = np.stack([pixels(grey, "redrawn", f"{subject.data} {split} redraw {i}") for i in some], axis=1)
        yield x.reshape(-1, grey.shape[1])


def _pixels(subject: Subject, split: str, folder: str | None) -> tuple[Float32, Float32]:
    """Return the images of a split as a subject sees them, and their further redraws; or the images twice."""
    x = _seen(subject, split, folder)
    if getattr(subject, "pixels", "grey") != "redrawn":
        return x, x
    (redrawn,) = _redrawn_pixels(subject, split, folder, math.inf)
    return x, redrawn


def redraws(split: str, images: int) -> int:
    """Return how often each of so many images of a split is redrawn: 24 times a held-out digit, 8 a training digit."""
    most, total = REDRAWS[split]
    return max(1, min(most, total // images))


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
