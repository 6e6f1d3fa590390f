"""What the judge of "the posterior of a single sample is not the prior" says of planted VAEs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, R, S

from study.data.linear_gaussian import LinearGaussian
from study.data.loading import load
from study.lab.artefacts import Block, Setting
from study.lab.reading import FRESH_BLOCK
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure
from study.vae.config import VAEConfig

CLAIM = "per_sample_posterior_differs"


@pytest.fixture(scope="module")
def said(planted_session, claim_module, put_to_the_test):
    """Return what the judge says of what is planted in each block."""

    def of(plant, **options):
        return put_to_the_test(planted_session(planting.values(plant), **options), claim_module(CLAIM))

    return of


@pytest.fixture(scope="module")
def bad(claim_module):
    """One VAE of the design, its context and its config."""
    module = claim_module(CLAIM)
    context = module.CLAIM.design[7]
    config = context.config("digits", "quick")
    assert [one.config("digits", "quick") for one in module.CLAIM.design].count(config) == 1
    return context, config


def partly(block, every, replicas=slice(None), rate=6.0):
    """A VAE that gives every so many images, in some replicas, the prior for a posterior."""
    q = planting.gaussian(block, rate=rate)["train"]
    mean, log_var = q.mean.copy(), q.log_var.copy()
    mean[replicas, ::every], log_var[replicas, ::every] = 0.0, 0.0
    found = DiagonalGaussians(mean, log_var)
    return planting.once(found, found)


def dead(block):
    """A VAE whose last latent is the prior."""
    q = planting.gaussian(block, rate=6.0)["train"]
    mean, log_var = q.mean.copy(), q.log_var.copy()
    mean[..., -1], log_var[..., -1] = 0.0, 0.0
    found = DiagonalGaussians(mean, log_var)
    return planting.once(found, found)


@pytest.mark.parametrize(
    ("plant", "verdict", "reason"),
    [
        (planting.gaussian, S, ""),
        (dead, S, ""),  # the claim is of whole posteriors
        (lambda block: partly(block, every=40), S, ""),  # one image in forty: a twentieth is forgiven
        (lambda block: partly(block, every=10), R, "counterexample confirmed"),
        (planting.collapsed, INCONCLUSIVE, "not applicable"),  # the claim is about rates of 2 nats or more
        # Half of the images at the prior, the rate 3 nats all the same.
        (lambda block: partly(block, every=2), R, "counterexample confirmed"),
    ],
)
def test_planted_posteriors_are_judged_rightly(said, plant, verdict, reason):
    found = said(plant)
    assert (found.verdict, found.reason) == (verdict, reason), found


def test_one_bad_vae_of_all_is_confirmed_on_fresh_seeds_and_named(said, bad):
    context, config = bad
    found = said(lambda block: partly(block, every=10 if block.config == config else 1_000))
    assert (found.verdict, found.short, found.count) == (R, 1, 27), found
    assert found.median == pytest.approx(0)
    assert found.note == f"fails on fresh seeds, too: {context}"


def test_what_fresh_seeds_do_not_show_again_refutes_nothing(said, bad):
    context, config = bad

    def plant(block):
        return partly(block, every=10 if block.config == config and block.index < FRESH_BLOCK else 1_000)

    found = said(plant)
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "counterexample not confirmed"), found
    assert str(context) in found.note


def test_a_candidate_of_which_the_claim_says_nothing_on_fresh_seeds_is_put_to_them_once(said, bad):
    _, config = bad

    def plant(block):
        if block.config != config:
            return planting.gaussian(block, rate=6.0)
        return partly(block, every=10) if block.index < FRESH_BLOCK else planting.collapsed(block)

    found = said(plant)
    assert (found.verdict, found.reason, found.short) == (INCONCLUSIVE, "counterexample not confirmed", 0), found


def test_a_renamed_claim_has_the_same_verdict(planted_session, claim_module, put_to_the_test, monkeypatch):
    """To the last digit: neither contexts nor seeds nor anything measured depends on what a claim is called."""
    module = claim_module(CLAIM)

    def plant(block):  # each block of seeds of each VAE has numbers of its own
        return planting.gaussian(block, rate=4 + int(block.config.key[:6], 16) % 1000 / 500 + block.index)

    first = put_to_the_test(planted_session(planting.values(plant)), module)
    monkeypatch.setattr(module, "test_renamed", getattr(module, f"test_{CLAIM}"), raising=False)
    monkeypatch.setattr(module, "CLAIM", replace(module.CLAIM, id="renamed"))
    again = put_to_the_test(planted_session(planting.values(plant)), module)
    assert again.claim == "renamed"
    assert replace(again, claim=first.claim) == first
    assert len({one.median for one in first.contexts}) > 9


@pytest.mark.parametrize(("count", "verdict"), [(1, S), (2, INCONCLUSIVE)])
def test_one_bad_replica_in_eight_is_outvoted_at_the_second_look_and_two_are_not(said, count, verdict):
    found = said(lambda block: partly(block, every=10, replicas=slice(0, count)))
    assert found.verdict == verdict, found
    assert {one.replicas for one in found.contexts} == {16}


def test_a_vae_that_collapsed_in_most_replicas_is_left_out_and_said(said, bad):
    _, config = bad

    def plant(block):
        if block.config != config:
            return planting.gaussian(block, rate=6.0)
        return partly(block, every=1, replicas=slice(0, 5))

    found = said(plant)
    assert (found.verdict, found.count) == (S, 26), found
    assert "not applicable in 1 of 27 contexts" in found.note


def test_a_linear_gaussian_vae_at_its_optimum(said):
    data = load("digits")
    truth = LinearGaussian.fit(data.train_x, 4)
    encoder = truth.encoder()

    def posterior(x):
        mean = np.tile(x @ encoder.kernel + encoder.bias, (8, 1, 1))
        return DiagonalGaussians(mean, np.broadcast_to(encoder.log_var, mean.shape))

    def log_joint(z):
        square = (data.heldout_x - z @ truth.weights.T - truth.offset) ** 2 / truth.noise_variance
        likelihood = -0.5 * (square + np.log(2 * np.pi * truth.noise_variance)).sum(-1)
        return likelihood - 0.5 * (z**2 + np.log(2 * np.pi)).sum(-1)

    both = planting.once(posterior(data.train_x), posterior(data.heldout_x))
    codes, var = both["train"].mean[0], both["train"].var[0, 0]
    assert np.allclose(codes.T @ codes / len(codes) + np.diag(var), np.eye(4), atol=1e-6)  # the aggregate's covariance
    values = planting.values(lambda block: {**both, "log_joint": log_joint})
    elbo = values(Block(VAEConfig(latent_dim=4), 0, Setting("jax")), Measure.of("elbo")).low
    assert elbo == pytest.approx(truth.log_density(data.heldout_x).mean(), abs=1e-6)  # the posterior is exact
    assert said(lambda block: both).verdict == S
