"""A trained block as a subject, and after an intervention on its weights."""

from __future__ import annotations

import numpy as np
import pytest

from study.data.loading import load
from study.design.contexts import Context
from study.errors import InvalidValue
from study.lab.artefacts import Setting
from study.lab.collecting import Collected
from study.lab.lab import Lab
from study.lab.reading import Look, Reader
from study.lab.run import Engine
from study.lab.store import Store
from study.lab.subjects.subject import Subject
from study.lab.subjects.trained import TrainedBlock, changed
from study.measures.registry import Measure
from study.runtime import backends
from study.seeds import generator

pytestmark = pytest.mark.framework
TINY = {
    "latent_dim": 2, "encoder_width": 4, "decoder_width": 4, "epochs": 2,
}  # fmt: skip
CONTEXT = Context(tuple(TINY.items()))
DECODED = ("decoder_misses",)


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Reader:
    """One tiny VAE, measured before and after an intervention."""
    setting = Setting(backends.selected())
    engine = Engine(Store(tmp_path_factory.mktemp("cache")), setting)
    wanted = {}
    for value in values().values():
        for trial, measure in value.leaves():
            for block in Look().blocks(trial, setting):
                wanted.setdefault(block, set()).add(measure)
    engine.submit(wanted)
    engine.wait(wanted)
    assert len(engine.trained) == 1  # an intervention trains nothing
    engine.close()
    return Reader(engine.store, setting)


def values():
    vae = Lab("quick", "digits").run(CONTEXT)
    after = vae.after("rescaled_latents", factor=2.0)
    back = after.after("rescaled_latents", factor=0.5)
    measures = ("rate", "active_units", *DECODED)
    named = {"before": vae, "after": after, "back": back}
    found = {(when, name): named[when].value(name) for when in named for name in measures}
    return found | {("growth", "rate"): after.value("rate") - vae.value("rate")}


@pytest.fixture(scope="module")
def numbers(reader):
    return {name: value.evaluate(reader.at(Look())).low for name, value in values().items()}


def test_rescaled_latents_have_a_larger_rate_and_the_same_images(numbers):
    assert (numbers["after", "rate"] > numbers["before", "rate"]).all()
    assert numbers["growth", "rate"] == pytest.approx(numbers["after", "rate"] - numbers["before", "rate"])
    for name in DECODED:
        assert numbers["after", name] == pytest.approx(numbers["before", name], abs=0.01)
    assert (numbers["after", "rate"] != numbers["before", "rate"]).all()


def test_what_is_done_and_undone_changes_nothing(numbers):
    for name in ("rate", *DECODED):
        assert numbers["back", name] == pytest.approx(numbers["before", name], abs=1e-3)


def test_the_rate_after_an_intervention_is_what_the_formula_gives(reader, numbers):
    """Means and scales are doubled: KL = ½ Σ (4μ² + 4σ² − 1 − log 4σ²)."""
    (block,) = Look().blocks(Lab("quick", "digits").run(CONTEXT).trial, reader.setting)
    q, _ = reader.store.posteriors(block)
    expected = 0.5 * (4 * (q.mean**2 + q.var) - 1 - q.log_var - np.log(4)).sum(-1).mean(1)
    assert numbers["after", "rate"] == pytest.approx(expected, rel=1e-4)


@pytest.fixture(scope="module")
def subject(reader):
    (block,) = Look().blocks(Lab("quick", "digits").run(CONTEXT).trial, reader.setting)
    return TrainedBlock(block.config, reader.store.weights(block))


def test_a_trained_block_is_a_subject(subject):
    assert isinstance(subject, Subject)
    assert (subject.id, subject.data, subject.pixels, subject.images) == (
        subject.config.canonical, "digits", "redrawn", None,
    )  # fmt: skip


def test_posteriors_and_images_have_the_replica_first(subject):
    x = load("digits").heldout_x[:7]
    q = subject.posterior(x)
    assert (q.replicas, q.samples, q.latent) == (8, 7, 2)
    images = subject.decode(q.mean)
    assert images.shape == (8, 7, 64)
    assert images.dtype == np.float64
    assert ((images >= 0) & (images <= 1)).all()


def test_what_is_encoded_or_decoded_in_parts_is_the_same(subject, monkeypatch):
    x = load("digits").heldout_x[:9]
    q = subject.posterior(x)
    z = q.mean
    images = subject.decode(z)
    monkeypatch.setattr("study.lab.subjects.trained.AT_ONCE", 4)
    np.testing.assert_allclose(subject.posterior(x).mean, q.mean, atol=1e-6)
    np.testing.assert_allclose(subject.decode(z), images, atol=1e-6)


def test_the_joint_is_the_likelihood_of_the_decoders_images_times_the_prior(subject):
    x = (load("digits").heldout_x[:5] > 0.5).astype(np.float32)
    z = subject.posterior(x).mean
    p = np.clip(subject.decode(z), 1e-7, 1 - 1e-7)
    expected = (x * np.log(p) + (1 - x) * np.log1p(-p)).sum(-1) - 0.5 * (z**2 + np.log(2 * np.pi)).sum(-1)
    np.testing.assert_allclose(subject.log_joint(x, z), expected, atol=1e-3)


@pytest.mark.parametrize("draws", [1, 7, 1_100])
def test_the_likelihood_of_many_latents_is_that_of_one_after_the_other(subject, draws):
    x = (load("digits").heldout_x[:33] > 0.5).astype(np.float32)
    z = generator("latents", draws).normal(size=(8, 33, draws, 2))
    found = subject.log_likelihood(x, z)
    assert found.shape == (8, 33, draws)
    prior = -0.5 * (z**2 + np.log(2 * np.pi)).sum(-1)
    for k in {0, draws - 1}:
        expected = subject.log_joint(x, z[:, :, k]) - prior[:, :, k]
        np.testing.assert_allclose(found[:, :, k], expected, atol=1e-3)
    own = np.stack([np.roll(x, r, 0) for r in range(8)])  # images of each replica
    np.testing.assert_allclose(subject.log_likelihood(own, z)[3], subject.log_likelihood(own[3], z)[3], atol=1e-4)


def test_images_are_drawn_from_the_decoded_means(subject):
    z = np.tile(subject.posterior(load("digits").heldout_x[:1]).mean, (1, 4_000, 1))
    x = subject.sample_images(z, range(8))
    assert set(np.unique(x)) == {0.0, 1.0}
    np.testing.assert_allclose(x.mean(1), subject.decode(z[:, :1])[:, 0], atol=0.04)
    np.testing.assert_array_equal(x, subject.sample_images(z, range(8)))


def test_images_of_grey_likelihoods_are_not_drawn(subject):
    grey = TrainedBlock(subject.config.replace(likelihood="gaussian", pixels="grey"), subject.weights)
    with pytest.raises(InvalidValue, match=r"^likelihood: expected 'bernoulli'"):
        grey.sample_images(np.zeros((8, 1, 2)), range(8))


def test_weights_after_no_intervention_are_those_given(subject):
    assert changed(subject.config, subject.weights, ()) is subject.weights
    with pytest.raises(InvalidValue, match=r"^factor: expected a finite number > 0, received 0"):
        changed(subject.config, subject.weights, (("rescaled_latents", {"factor": 0.0}),))


def test_a_latent_plane_is_drawn_though_its_posteriors_were_damaged(reader, planted_claim):
    lab = Lab("quick", "digits")
    lab.recorder = row = Collected(planted_claim(design=(CONTEXT,)), {"measure": "rate"}, "digits")
    lab.show("latent_plane", lab.run(CONTEXT))
    ((block, measures),) = row.wanted(Look(), reader.setting).items()
    assert measures == {Measure("rate")}
    from study.lab.figures import FIGURES

    whole = FIGURES["latent_plane"].build(row.shown[0][1], Look(), reader, "digits")
    (path,) = reader.store.folder(block).glob(f"posterior-{block.posterior_key()[:16]}*")
    path.write_bytes(b"damaged")
    again = FIGURES["latent_plane"].build(row.shown[0][1], Look(), reader, "digits")
    assert again == whole
    assert reader.store.posteriors(block) is not None  # they are made again, not computed for every run
