"""From a subject to values: what is asked of it, once, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import study
from study.data.loading import load
from study.errors import InvalidValue
from study.lab.measurements import measure
from study.lab.measuring import _own_posteriors, computation, labelled, live, redraws, seeds_of, treated
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure

DATA = load("digits")


@given(st.floats(-3, 3))
def test_the_rate_of_planted_posteriors_is_known(somebody, shift):
    found = study.measure(somebody(shift=shift), "rate")
    assert found.low == pytest.approx(np.full(3, shift**2 / 2))
    assert (found.low == found.high).all()


def test_what_measures_share_is_asked_for_once(somebody):
    subject = somebody()
    value = live(subject, "root")
    for name in ("rate", "marginal_kl", "active_units", "kl_percentile"):
        value(Measure(name))
    assert subject.encoded == 2  # each split


def test_measuring_twice_gives_the_same_and_another_seed_root_other_draws(somebody):
    one, again, other = (
        measure(somebody(), "tail_mass", seed_root=root).low.tolist() for root in ("one", "one", "two")
    )
    assert one == again != other
    assert len(set(one)) == 3  # replicas of equal posteriors draw for themselves


@given(st.integers(0, 99), st.integers(1, 9))
def test_seeds_differ_by_key_replica_purpose_and_root_and_not_by_siblings(first, count):
    seeds = seeds_of("key", range(first, first + count), "root")("purpose")
    assert seeds == [s for r in range(first, first + count) for s in seeds_of("key", [r], "root")("purpose")]
    for other in (("other", "root", "purpose"), ("key", "other", "purpose"), ("key", "root", "other")):
        key, root, purpose = other
        assert not set(seeds) & set(seeds_of(key, range(first, first + count), root)(purpose))


class Seeing:
    """A subject that keeps what it saw."""

    id, data = "seeing", "digits"

    def __init__(self, **fields):
        self.seen = []
        vars(self).update(fields)

    def posterior(self, x):
        self.seen.append(x)
        return DiagonalGaussians(*np.zeros((2, 1, len(x), 1)))

    def decode(self, z):
        return np.zeros((*z.shape[:2], 64))


def test_a_subject_sees_both_splits_as_it_says(somebody):
    for treatment, images in (("grey", None), ("binarised", None), ("grey", 100)):
        subject = Seeing(pixels=treatment, images=images)
        measure(subject, "rate")
        train, heldout = subject.seen
        data = load("digits", images=images)
        assert (len(train), len(heldout)) == (len(data.train_x), len(data.heldout_x))
        assert set(np.unique(heldout)) <= {0, 1} if treatment == "binarised" else len(np.unique(heldout)) > 2
    plain = Seeing()
    measure(plain, "rate")
    np.testing.assert_array_equal(plain.seen[0], DATA.train_x)


def test_redrawn_pixels_are_measured_on_one_draw():
    one, again = (treated("digits", None, "redrawn", "heldout", None) for _ in range(2))
    assert one is again
    assert set(np.unique(one)) == {0, 1}


class Redrawn(Seeing):
    """A subject of redrawn pixels whose means tell the images that it saw: ``(1, n, 64)``."""

    pixels = "redrawn"

    def posterior(self, x):
        self.seen.append(x)
        return DiagonalGaussians(x[None], np.zeros((1, *x.shape)))


def needs_of(subject):
    """What a computation gives of a subject's redraws, without a measure."""
    given = computation(subject, seeds_of("key", [0], "root"))
    return [given._need(name) for name in ("train_redraws", "heldout_redraws")]


@pytest.mark.parametrize("images", [None, 100])
def test_redraws_are_of_the_images_in_their_order_and_shared_by_all_vaes(images):
    """24 of a held-out digit and 8 of a training digit, those of an image in a row."""
    subject = Redrawn(images=images)
    data = load("digits", images=images)
    found = needs_of(subject)
    for q, grey, count in zip(found, (data.train_x, data.heldout_x), (8, 24), strict=True):
        assert q.samples == count * len(grey)
        by_image = q.mean[0].reshape(len(grey), count, 64)
        assert set(np.unique(by_image)) == {0, 1}
        # A mean of 24 draws of a share: 5 standard errors, of thousands of pixels.
        assert (np.abs(by_image.mean(1) - grey) <= 5 * np.sqrt(grey * (1 - grey) / count) + 1e-6).mean() > 0.999
        assert np.unique(by_image[0], axis=0).shape[0] == count  # no two draws are one
    again = needs_of(Redrawn(images=images))
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.mean, other.mean)


def test_many_redraws_are_encoded_in_several_calls_and_put_in_the_same_order(monkeypatch):
    whole = needs_of(Redrawn())
    monkeypatch.setattr("study.lab.measuring.AT_ONCE", 1000)
    subject = Redrawn()
    parts = needs_of(subject)
    assert len(subject.seen) == 2 + 8 + 9
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one.mean, other.mean)


def test_pixels_that_are_not_redrawn_are_their_one_redraw(somebody):
    subject = somebody()
    train, heldout = needs_of(subject)
    assert (train.samples, heldout.samples, subject.encoded) == (1437, 360, 2)


def test_many_images_are_redrawn_less_often():
    """No more than 80,000 training and 10,000 held-out images are encoded, unless a split has more."""
    assert [redraws("train", n) for n in (1437, 10_000, 10_001, 60_000, 100_000)] == [8, 8, 7, 1, 1]
    assert [redraws("heldout", n) for n in (360, 1000, 10_000, 20_000)] == [24, 10, 1, 1]


def test_images_of_one_data_set_are_one_object():
    assert labelled("digits", None, None) is labelled("digits", None, None)
    np.testing.assert_array_equal(labelled("digits", None, None).heldout_y, DATA.heldout_y)


def test_a_measure_that_needs_the_joint_says_so(somebody):
    with pytest.raises(InvalidValue, match=r"^elbo, subject: expected one with log_joint\(x, z\), which this measure"):
        measure(somebody(), "elbo")


def test_nats_need_a_likelihood_that_can_be_drawn_from(somebody):
    expected = r"^nats_gain.*, subject: expected one with (log_likelihood|sample_images), which this measure needs"
    with pytest.raises(InvalidValue, match=expected):
        measure(somebody(), "nats_gain", sampler="gaussian")


def test_every_replica_encodes_images_of_its_own():
    """Two replicas of other scale; each image goes to all, and its own replica's code is kept."""
    scale = np.array([1.0, 10.0])[:, None, None]
    subject = Seeing(posterior=lambda x: DiagonalGaussians(scale * x[None, :, :1], np.zeros((2, len(x), 1))))
    x = np.arange(6, dtype=np.float32).reshape(2, 3, 1)
    assert _own_posteriors(subject, x).mean.tolist() == [[[0], [1], [2]], [[30], [40], [50]]]


def test_a_subject_that_has_the_joint_is_asked_for_it():
    """With q(z|x) = N(0, 1) = p(z) every importance weight is p(x|z), here e^-3."""
    joint = Seeing(log_joint=lambda x, z: -3 - 0.5 * (z**2 + np.log(2 * np.pi)).sum(-1))
    assert measure(joint, "elbo").low == pytest.approx([-3])


def test_known_posteriors_are_not_asked_for(somebody):
    subject = somebody()
    q = DiagonalGaussians(*np.zeros((2, 3, 5, 1)))
    found = computation(subject, lambda purpose: [1, 2, 3], None, lambda: (q, q)).value(Measure("rate"))
    assert (found.low.tolist(), subject.encoded) == ([0, 0, 0], 0)


def _gaussians(*shape):
    return DiagonalGaussians(*np.zeros((2, *shape)))


@pytest.mark.parametrize(
    ("posterior", "received"),
    [
        (lambda x: (x, x), "'tuple'"),
        (lambda x: _gaussians(1, 7, 2), r"\(1, 7, 2\)"),
        (lambda x: _gaussians(len(x), 1, 1), r"\(1437, 1, 1\)"),
        (lambda x: _gaussians(1 + (len(x) > 400), len(x), 1), r"\(2, 1\)"),
    ],
)
def test_posteriors_that_are_none_are_refused(posterior, received):
    with pytest.raises(InvalidValue, match=rf"^rate, posterior of seeing: expected .*, received {received}\.$"):
        measure(Seeing(posterior=posterior), "rate")


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda subject: measure(subject, np.zeros((20, 2))), "^name: expected the name of a measure, as a subject"),
        (lambda subject: measure(subject, "rate", heldout=1), "^heldout: expected none with a subject"),
        (lambda subject: measure(object(), "rate"), "^subject: expected a subject: an object with id, data, post"),
        (lambda subject: measure(subject, "rat"), "^measures: expected one of 'rate'"),
        (lambda subject: measure(subject, "coverage"), "^coverage: expected the argument 'sampler'"),
        (lambda subject: measure(subject, "coverage", sampler="priro"), "^samplers: expected one of 'prior'"),
    ],
)
def test_what_cannot_be_measured_is_refused(somebody, use, message):
    with pytest.raises(InvalidValue, match=message):
        use(somebody())
