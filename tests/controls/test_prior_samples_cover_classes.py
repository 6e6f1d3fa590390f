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
from study.lab.artefacts import Block
from study.lab.measuring import labelled
from study.latent.gaussians import DiagonalGaussians
from study.measures.shared import draws
from study.measures.tools.bracket import Bracket
from study.seeds import generator
from study.vae.config import VAEConfig

CLAIM = "prior_samples_cover_classes"
MEASURES = ("coverage_ratio", "class_overlap_difference")
DATA = load("digits")
IMAGES = [DATA.train_x[DATA.train_y == c] for c in range(10)]
NARROW = np.log(0.01)
"""Log variance of every posterior."""
FAR = 6.0
"""Radius that N(0, I) does not reach."""


def quilt(z, drawn=10, beyond=False):
    """Decode by angle and radius: so many classes, and beyond FAR, which N(0, I) does not reach, the others."""
    radius, turn = np.hypot(z[..., 0], z[..., 1]), np.arctan2(z[..., 1], z[..., 0]) / (2 * np.pi) % 1
    label = (turn * drawn).astype(int)
    if beyond:
        label = np.where(radius > FAR, drawn + (turn * (10 - drawn)).astype(int), label)
        radius = np.where(radius > FAR, radius - FAR, radius)
    share = -np.expm1(-(radius**2) / 2)
    out = np.empty((*z.shape[:-1], 64), np.float32)
    for c in range(10):
        chosen = label == c
        out[chosen] = IMAGES[c][(share[chosen] * (len(IMAGES[c]) - 1)).astype(int)]
    return out


def codes(block, labels, drawn, beyond):
    """Posteriors in the sectors of the classes: N(0, I) of so many, the others beyond it, or among them."""
    rng = generator("codes", block.config.key, block.index, len(labels), root="controls")
    far = beyond & (labels >= drawn)
    sector = np.where(far, (labels - drawn) / max(1, 10 - drawn), labels % drawn / drawn)
    angle = 2 * np.pi * (sector + rng.random((8, len(labels))) / np.where(far, max(1, 10 - drawn), drawn))
    radius = rng.rayleigh(np.sqrt(1 - np.exp(NARROW)), angle.shape) + np.where(far, FAR, 0.0)
    mean = rng.normal(0, np.sqrt(1 - np.exp(NARROW)), (8, len(labels), block.config.latent_dim))
    mean[..., 0], mean[..., 1] = radius * np.cos(angle), radius * np.sin(angle)
    return DiagonalGaussians(mean, np.full_like(mean, NARROW))


def generated(block, drawn=10, beyond=False):
    """A VAE of digits whose prior draws so many classes; its aggregate, the others too if they lie beyond."""
    train, heldout = (codes(block, labels, drawn, beyond) for labels in (DATA.train_y, DATA.heldout_y))
    images = labelled("digits", None, None)
    return {**planting.once(train, heldout), "decode": lambda z: quilt(z, drawn, beyond), "images": images}


def constant(z):
    """Decode every latent to one image."""
    return np.broadcast_to(IMAGES[0][0], (*z.shape[:-1], 64))


GENERATORS = {
    "faithful": generated,
    "never draws nines": lambda block: generated(block, 9, beyond=True),
    "never draws 5 to 9": lambda block: generated(block, 5, beyond=True),
    "its decoder has no nines": lambda block: generated(block, 9),
    "its decoder has neither eights nor nines": lambda block: generated(block, 8),
    "ignores z": lambda block: {**generated(block), "decode": constant},
    "collapsed": lambda block: {**generated(block), **planting.collapsed(block)},
}
VALUES = {name: planting.values(plant, everywhere=True) for name, plant in GENERATORS.items()}


@pytest.fixture(scope="module", autouse=True)
def fewer_draws():
    """Label 4,000 draws in place of 10,000."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draws, "GENERATED", 4_000)
        yield


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
        (
            "never draws nines",
            S,
            R,
        ),  # one class of ten costs 0.05 of coverage, two 0.11: overlap sees what coverage forgives
        ("never draws 5 to 9", R, R),
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


def test_the_search_finds_the_smallest_vae_that_does_not_cover(planted_session, claim_module, put_to_the_test):
    def values(block, measure):
        wide = block.config.latent_dim >= 8 and block.config.encoder_width >= 16
        name = "never draws 5 to 9" if wide else "faithful"
        return VALUES[name](Block(VAEConfig(), 0, block.setting), measure)

    search = "test_every_vae_covers_the_classes"
    found = put_to_the_test(planted_session(values), claim_module(CLAIM), search=search)
    assert (found.verdict, found.reason) == (R, "counterexample confirmed"), found
    assert "latent_dim=8, width=16, kl_weight=1.0" in found.note
