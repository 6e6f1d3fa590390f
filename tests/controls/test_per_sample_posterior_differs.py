"""What the judge of "the posterior of a single sample is not the prior" says of planted VAEs."""

from __future__ import annotations

import planting
import pytest
from planting import INCONCLUSIVE, R, S

from study.latent.gaussians import DiagonalGaussians

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


def at_the_prior(q, every):
    """Give every so many images the prior for a posterior."""
    mean, log_var = q.mean.copy(), q.log_var.copy()
    mean[:, ::every], log_var[:, ::every] = 0.0, 0.0
    return DiagonalGaussians(mean, log_var)


def partly(block, every, replicas=slice(None)):
    """A VAE that gives every so many images, in some replicas, the prior for a posterior."""
    found = planting.gaussian(block, rate=6.0)
    for name in ("train", "heldout"):
        whole, cut = found[name], at_the_prior(found[name], every)
        whole.mean[replicas], whole.log_var.flags.writeable
    return found
