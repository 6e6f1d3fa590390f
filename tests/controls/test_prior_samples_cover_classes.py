"""What the judge of "draws of N(0, I), decoded, represent the training set" says of planted generators.

A decoder is a quilt: the angle of the first two latents says the class, their radius which training image of it. So all
is known: N(0, I) draws the classes in equal shares, and what the decoder has, the aggregate reaches, too.
"""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, MIXED, R, S

from study.data.loading import load
from study.lab.measuring import labelled
from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.bracket import Bracket
from study.seeds import generator

CLAIM = "prior_samples_cover_classes"
MEASURES = ("coverage_ratio", "class_overlap_difference")
DATA = load("digits")
IMAGES = [DATA.train_x[DATA.train_y == c] for c in range(10)]
NARROW = np.log(0.01)
"""Log variance of every posterior."""


def quilt(z, classes=10, beyond=None):
    """Decode by angle and radius; ``beyond`` radius 6 a class of its own."""
    radius = np.hypot(z[..., 0], z[..., 1])
    label = (np.arctan2(z[..., 1], z[..., 0]) / (2 * np.pi) % 1 * classes).astype(int)
    if beyond is not None:
        label = np.where(radius > 6, beyond, label)
    share = -np.expm1(-(radius**2) / 2)
    out = np.empty((*z.shape[:-1], 64), np.float32)
    for c in range(10):
        chosen = label == c
        out[chosen] = IMAGES[c][(share[chosen] * (len(IMAGES[c]) - 1)).astype(int)]
    return out


def codes(block, labels, classes=10, beyond=None):
    """Posteriors whose aggregate is N(0, I), each image in the sector of its class; those of one class beyond it."""
    rng = generator("codes", block.config.key, block.index, len(labels), root="controls")
    far = labels == beyond if beyond is not None else np.zeros(len(labels), bool)
    angle = 2 * np.pi * (np.where(far, 0, labels % classes) + rng.random((8, len(labels)))) / classes
    radius = np.where(far, 8.0, rng.rayleigh(np.sqrt(1 - np.exp(NARROW)), angle.shape))
    mean = rng.normal(0, np.sqrt(1 - np.exp(NARROW)), (8, len(labels), block.config.latent_dim))
    mean[..., 0], mean[..., 1] = radius * np.cos(angle), radius * np.sin(angle)
    return DiagonalGaussians(mean, np.full_like(mean, NARROW))


def generated(block, decode=quilt, **sectors):
    """A VAE of digits with a decoder."""
    train, heldout = (codes(block, labels, **sectors) for labels in (DATA.train_y, DATA.heldout_y))
    images = labelled("digits", None, None)
    return {**planting.once(train, heldout), "decode": decode, "images": images}


GENERATORS = {
    "faithful": lambda block: generated(block),
    # Nines lie where N(0, I) does not reach, and only there are decoded to nines.
    "never draws nines": lambda block: generated(block, lambda z: quilt(z, 9, beyond=9), classes=9, beyond=9),
    "its decoder has no nines": lambda block: generated(block, lambda z: quilt(z, 9), classes=9),
    "its decoder has neither eights nor nines": lambda block: generated(block, lambda z: quilt(z, 8), classes=8),
    "ignores z": lambda block: generated(block, lambda z: np.broadcast_to(IMAGES[0][0], (*z.shape[:-1], 64))),
    "collapsed": lambda block: {**generated(block), **planting.collapsed(block)},
}
VALUES = {name: planting.values(plant, everywhere=True) for name, plant in GENERATORS.items()}


@pytest.fixture(scope="module")
def said(planted_session, claim_module, put_to_the_test):
    """Return what the judge says of values, by a measure, of the VAE of a row."""

    def of(values, measure, vae="w1-D2", **options):
        return put_to_the_test(planted_session(values, **options), claim_module(CLAIM), measure=measure, vae=vae)

    return of


@pytest.mark.parametrize(
    ("name", "coverage", "overlap"),
    [
        ("faithful", S, S),
        ("never draws nines", S, R),  # coverage is blind to one class of ten: the overlap is not
        ("its decoder has no nines", S, S),  # nor does the decoded aggregate draw them: not the sampling's failure
        ("its decoder has neither eights nor nines", INCONCLUSIVE, INCONCLUSIVE),
        ("ignores z", INCONCLUSIVE, INCONCLUSIVE),
        ("collapsed", INCONCLUSIVE, INCONCLUSIVE),
    ],
)
def test_planted_generators_are_judged_rightly(said, name, coverage, overlap):
    found = {measure: said(VALUES[name], measure) for measure in MEASURES}
    assert [row.verdict for row in found.values()] == [coverage, overlap], found
    reason = "not applicable" if INCONCLUSIVE in (coverage, overlap) else ""
    assert {row.reason for row in found.values()} == {reason}


@pytest.mark.parametrize("latents", [4, 8, 16])
def test_an_exact_prior_is_not_held_against_dimensions(said, latents):
    found = said(VALUES["faithful"], "coverage_ratio", f"w1-D{latents}")
    assert (found.verdict, found.reach) == (S, 24), found
    assert found.low > 0.97  # 1 but for noise: nothing leaks


@pytest.fixture(scope="module")
def mixed_by():
    """Return values that are one generator's, or another's where a block says so."""

    def of(right, wrong, chosen):
        return lambda block, measure: VALUES[wrong if chosen(block) else right](block, measure)

    return of


def test_contexts_that_contradict_each_other_are_mixed(said, mixed_by):
    values = mixed_by("faithful", "never draws nines", lambda block: block.config.activation == "tanh")
    found = said(values, "class_overlap_difference")
    assert found.verdict == MIXED, found
    assert "fails in activation=tanh" in found.note


@pytest.mark.parametrize(("count", "verdict"), [(1, S), (3, INCONCLUSIVE)])
def test_one_replica_in_eight_may_miss_a_class(said, count, verdict):
    def values(block, measure):
        right, wrong = (VALUES[name](block, measure) for name in ("faithful", "never draws nines"))
        ends = (np.where(np.arange(8) < count, *pair) for pair in ((wrong.low, right.low), (wrong.high, right.high)))
        return Bracket(*ends)

    found = said(values, "class_overlap_difference", replicas=8)
    assert (found.verdict, found.short) == (verdict, 3 * count), found


def test_contexts_whose_decoder_fails_are_left_out_and_counted(said, mixed_by):
    values = mixed_by("faithful", "ignores z", lambda block: block.config.activation == "tanh")
    found = said(values, "class_overlap_difference", replicas=8)
    assert (found.verdict, found.count) == (S, 16), found
    assert "not applicable in 1 of 3 contexts" in found.note
