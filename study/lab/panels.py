"""Panels: what is measured of a trained block, in groups that share their costly parts.

A panel gives named values, each a bracket ``(low, high)`` of one float per replica; exact values have
equal ends. Values are cached under the digest of this file and of the measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.data.loading import load
from study.lab.cost import AT_ONCE
from study.latent.gaussians import DiagonalGaussians, prior_draws
from study.measures import (
    class_coverage,
    dimension_wise_kl,
    energy_distance,
    evidence_bound,
    marginal_kl,
    moments,
    mutual_information,
    per_sample_kl,
    precision_recall,
    rescaled,
    sliced_wasserstein,
    tail_mass,
    total_correlation,
    two_sample,
)
from study.measures.active_units import active_units
from study.measures.tools.bracket import Bracket
from study.seeds import seed
from study.vae.config import BLOCK, VAEConfig

Array = NDArray[np.float64]
Values = dict[str, Bracket]

GENERATED = 10_000
"""Decoded draws whose classes are counted, per replica."""
COMPARED = 1_000
"""Decoded draws that precision, recall, density and coverage look at, per replica."""
REAL = 2_000
"""Real images that they are compared with, at most."""
IMPORTANCE = 64
"""Importance samples of the importance-weighted bound."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What the panels look at.

    Attributes:
        config: The VAE.
        block: Which block of replicas.
        train: Posteriors of the training images.
        heldout: Posteriors of the held-out images.
        decode: Latents ``(replica, n, latent)`` → mean images ``(replica, n, feature)``.
        log_weights: ``(seeds, draws)`` → log p(x, z) − log q(z|x) of the held-out images,
            ``(replica, sample, draws)``, nats.
    """

    config: VAEConfig
    block: int
    train: DiagonalGaussians
    heldout: DiagonalGaussians
    decode: Callable[[Array], Array]
    log_weights: Callable[[Sequence[int], int], Array]

    def seeds(self, purpose: str) -> list[int]:
        """Return one seed per replica for a purpose."""
        first = self.block * BLOCK
        return [seed(self.config.key, r, purpose) for r in range(first, first + self.train.replicas)]


def latent(measured: Measured) -> Values:
    """Everything that posteriors alone tell: rates, marginal KLs, moments, two-sample distances."""
    train, heldout = measured.train, measured.heldout
    z_train = train.draw(measured.seeds("training draws"))
    z = heldout.draw(measured.seeds("held-out draws"), two_sample.COUNT)
    empirical = marginal_kl.empirical(train, z_train)
    population = marginal_kl.population(train, heldout, measured.seeds("population"))
    per_active = dimension_wise_kl.mean_over_active(train, heldout, measured.seeds("dimensions"))
    drawn = moments.exact(heldout)
    _, own = rescaled.rescaled(train, heldout)
    judge = measured.seeds("two-sample")
    values: dict[str, Bracket | Array] = {
        "rate": per_sample_kl.rate(train),
        "heldout_rate": per_sample_kl.rate(heldout),
        "kl_p5": per_sample_kl.per_sample_kl_percentile(heldout, 5.0),
        "kl_p50": per_sample_kl.per_sample_kl_percentile(heldout, 50.0),
        "dimension_kl_p5": per_sample_kl.per_dimension_kl_percentile(heldout, 5.0),
        "empirical_marginal_kl": empirical,
        "empirical_floor": marginal_kl.floor(train),
        "marginal_kl": population,
        "marginal_kl_per_dimension": population / train.latent,
        "marginal_kl_per_active": per_active,
        "mutual_information": mutual_information.mutual_information(train, z_train),
        "active_units": active_units(train),
        "second_moment_excess": drawn.mean_excess(train.active()),
        "second_moment_excess_rescaled": moments.exact(own).mean_excess(train.active()),
        "off_diagonal_moment": drawn.off_diagonal,
        "tail_mass": tail_mass.tail_mass(z),
        "two_sample_accuracy": two_sample.accuracy(z, judge),
        "sliced_wasserstein": sliced_wasserstein.sliced_wasserstein(z),
    }
    return {name: v if isinstance(v, Bracket) else Bracket(v, v) for name, v in values.items()}


def generation(measured: Measured) -> Values:
    """What decoding the prior gives, beside decoding the held-out aggregate posterior.

    Decoded means are judged, never sampled pixels. The classifier's errors are undone by its
    confusion on held-out real images; and, beside that, by its confusion on their reconstructions,
    which counts what the decoder blurs among the classifier's errors.
    """
    data = load(measured.config.data, images=measured.config.images)
    classifier, confusion = _classifier(measured.config.data, measured.config.images)
    heldout = measured.heldout
    z_prior = prior_draws(measured.seeds("prior draws"), GENERATED, heldout.latent)
    z_aggregate = heldout.draw(measured.seeds("aggregate draws"), GENERATED)
    shares, labelled = {}, {}
    for name, z in (("prior", z_prior), ("aggregate", z_aggregate)):
        labels = np.concatenate(
            [classifier.label(measured.decode(z[:, i : i + AT_ONCE])) for i in range(0, GENERATED, AT_ONCE)], axis=1
        )
        labelled[name] = class_coverage.class_shares(labels, classifier.classes)
        shares[name] = class_coverage.correct(labelled[name], confusion)
    real_shares = class_coverage.class_shares(data.heldout_y, classifier.classes)
    real = data.heldout_x[:REAL].astype(np.float64)
    fidelity = {
        name: precision_recall.precision_recall(real, measured.decode(z[:, _spread(COMPARED)]))
        for name, z in (("prior", z_prior), ("aggregate", z_aggregate))
    }
    reconstructions = measured.decode(heldout.mean)
    confusions = [classifier.confusion(images, data.heldout_y) for images in reconstructions]
    again = {
        name: np.stack([class_coverage.correct(*pair) for pair in zip(seen, confusions, strict=True)])
        for name, seen in labelled.items()
    }
    values = {
        "min_share_ratio": class_coverage.min_share_ratio(shares["prior"], shares["aggregate"]),
        "decoder_misses": class_coverage.decoder_misses(shares["aggregate"]).sum(-1).astype(float),
        "class_overlap": 1 - class_coverage.total_variation(shares["prior"], real_shares),
        "aggregate_class_overlap": 1 - class_coverage.total_variation(shares["aggregate"], real_shares),
        "coverage_ratio": _ratio(fidelity["prior"].coverage, fidelity["aggregate"].coverage),
        "density_ratio": _ratio(fidelity["prior"].density, fidelity["aggregate"].density),
        "reconstruction_accuracy": (classifier.label(reconstructions) == data.heldout_y).mean(-1),
        "reconstruction_min_share_ratio": class_coverage.min_share_ratio(again["prior"], again["aggregate"]),
        "reconstruction_class_overlap": 1 - class_coverage.total_variation(again["prior"], real_shares),
        **{
            f"{source}_{measure}": getattr(fidelity[source], measure)
            for source in fidelity
            for measure in ("precision", "recall", "density", "coverage")
        },
        **{f"{s}_share_{c}": shares[s][:, i] for s in shares for i, c in enumerate(classifier.classes.tolist())},
    }
    return {name: Bracket(value, value) for name, value in values.items()}


def structure(measured: Measured) -> Values:
    """How the aggregate posterior departs from the prior: dependence between dimensions, and energy distance."""
    z_train = measured.train.draw(measured.seeds("training draws"))
    z = measured.heldout.draw(measured.seeds("held-out draws"), two_sample.COUNT)
    values = {
        "total_correlation": total_correlation.total_correlation(measured.train, z_train),
        "energy_distance": energy_distance.energy_distance(z),
    }
    return {name: Bracket(value, value) for name, value in values.items()}


def bound(measured: Measured) -> Values:
    """Return bounds on log p(x) of held-out images, nats."""
    log_weights = measured.log_weights(measured.seeds("importance"), IMPORTANCE)
    values = {
        "elbo": evidence_bound.elbo(log_weights),
        "importance_weighted_bound": evidence_bound.importance_weighted(log_weights),
    }
    return {name: Bracket(value, value) for name, value in values.items()}


PANELS: dict[str, Callable[[Measured], Values]] = {
    "latent": latent,
    "generation": generation,
    "structure": structure,
    "bound": bound,
}


def to_json(values: Values) -> dict[str, Any]:
    """Return values as plain JSON: ``{name: [low, high]}`` of lists over replicas."""
    return {name: [v.low.tolist(), v.high.tolist()] for name, v in values.items()}


def from_json(values: dict[str, Any]) -> Values:
    """Rebuild values."""
    return {name: Bracket(np.array(low, float), np.array(high, float)) for name, (low, high) in values.items()}


def _ratio(value: Array, reference: Array) -> Array:
    """Divide, where a reference of zero (a decoder that reaches nothing) gives 0: nothing is represented."""
    return np.where(reference > 0, value / np.where(reference > 0, reference, 1.0), 0.0)


def _spread(count: int) -> NDArray[np.intp]:
    """Indices of ``count`` of the :data:`GENERATED` draws, evenly spaced: whole rounds over the components."""
    return np.linspace(0, GENERATED - 1, count).round().astype(np.intp)


@cache
def _classifier(data: str, images: int | None) -> tuple[class_coverage.ImageClassifier, Array]:
    dataset = load(data, images=images)
    classifier = class_coverage.ImageClassifier.fit(dataset.train_x.astype(np.float64), dataset.train_y)
    return classifier, classifier.confusion(dataset.heldout_x.astype(np.float64), dataset.heldout_y)
