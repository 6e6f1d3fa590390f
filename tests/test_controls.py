"""The planted controls of the protocol: through the real panels, the real claims and the real judge, with a known answer.

Nothing is trained: posteriors and decoders are planted, a decoder being a plain function of z.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from study.config import VAEConfig
from study.data import load
from study.data.linear_gaussian import LinearGaussian
from study.lab import panels
from study.posterior import LOG_2PI, DiagonalGaussians
from study.seeds import generator

APPROACHES, DIFFERS, COVERS = (
    "aggregate_posterior_approaches_prior",
    "per_sample_posterior_differs",
    "prior_samples_cover_classes",
)
LEVELS = (8, 16, 32, 64)  # of the axis "encoder_width", along which the sweeps below are planted


def measured(block, train, heldout, decode=None, log_weights=None):
    return panels.Measured(block.config, block.index, train, heldout, decode, log_weights)


def spread(block, total: float, var: float, samples: int = 256, heldout: int = 128, latent: int = 2):
    """Components N(mu, var I), mu ~ N(0, (total - var) I): the population's aggregate posterior is N(0, total I)."""
    rng = generator("control", block.config.key, block.index, "codes")
    return [
        DiagonalGaussians(mean, np.full_like(mean, np.log(var)))
        for mean in (rng.normal(0, np.sqrt(total - var), (8, n, latent)) for n in (samples, heldout))
    ]


def clusters(block, at: float):
    """A first latent at ±at, of mean 0 and variance 1 whatever ``at`` is; the second is the prior: at 1, a hole."""
    mean = np.zeros((8, 256, 2))
    mean[:, :, 0] = np.tile([-at, at], 128)
    log_var = np.zeros_like(mean)
    log_var[:, :, 0] = np.log(1 - at**2)
    return DiagonalGaussians(mean, log_var), DiagonalGaussians(mean, log_var)


@pytest.fixture(scope="module")
def sweep(planted_lab):
    """Labs by sweep: at each level of the encoder's width, the posteriors that ``plant(block, level)`` gives."""
    plants: dict[str, Callable] = {
        "null": lambda block, level: spread(block, 1.0, 0.5),
        "closing in from N(0, 2I)": lambda block, level: spread(block, 2 - level / 3, 0.5),
        "moving away to N(0, 2I)": lambda block, level: spread(block, 1 + level / 3, 0.5),
        "a hole that closes": lambda block, level: clusters(block, (0.99, 0.9, 0.8, 0.1)[level]),
        "exact prior at a high rate": lambda block, level: spread(block, 1.0, 1e-6),
        "an effect below the floor": lambda block, level: spread(block, 1.3 - level / 10, 1e-6),
        "collapsed": lambda block, level: [DiagonalGaussians(*np.zeros((2, 8, 128, 2)))] * 2,
    }
    labs = {}

    def of(name):
        def values(block, panel):
            plant = plants[name](block, LEVELS.index(block.config.encoder_width))
            return panels.PANELS[panel](measured(block, *plant))

        return labs.setdefault(name, planted_lab(values))

    return of


S, R, INCONCLUSIVE = "SUPPORTED", "REFUTED", "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("closing in from N(0, 2I)", {"marginal_kl": S, "two_sample_accuracy": S, "sliced_wasserstein": S}),
        ("moving away to N(0, 2I)", {"marginal_kl": R, "two_sample_accuracy": R, "sliced_wasserstein": R}),
        # All moments up to the second are the prior's, so the quadratic classifier must be blind to it.
        ("a hole that closes", {"marginal_kl": S, "marginal_kl_per_active": S, "two_sample_accuracy": R}),
        ("collapsed", {"marginal_kl": R, "marginal_kl_per_dimension": R, "marginal_kl_per_active": R}),
        ("exact prior at a high rate", {"marginal_kl": INCONCLUSIVE, "marginal_kl_per_dimension": INCONCLUSIVE}),
        ("an effect below the floor", {"marginal_kl": INCONCLUSIVE, "marginal_kl_per_dimension": INCONCLUSIVE}),
    ],
)
def test_a_planted_sweep_is_judged_rightly(sweep, claim_module, put_to_the_test, name, verdicts):
    module = claim_module(APPROACHES)
    rows = {m: put_to_the_test(sweep(name), module, axis="encoder_width", measure=m) for m in verdicts}
    assert {m: row.verdict for m, row in rows.items()} == verdicts
    assert {row.reason for row in rows.values()} == {"floor-bound" if INCONCLUSIVE in verdicts.values() else ""}


def test_a_null_is_never_supported(sweep, claim_module, put_to_the_test):
    module = claim_module(APPROACHES)
    for measure in module.MEASURES:
        row = put_to_the_test(sweep("null"), module, axis="encoder_width", measure=measure)
        assert row.verdict != S, measure
        assert row.low <= 0 <= row.high, measure


def test_brackets_hold_the_planted_marginal_kl(sweep):
    for name, total in (("closing in from N(0, 2I)", 2.0), ("exact prior at a high rate", 1.0)):
        lab = sweep(name)
        block = panels_block(lab, "encoder_width", LEVELS[0])
        found = lab.bench.values(block, "latent")["marginal_kl"]
        truth = total - 1 - np.log(total)  # of N(0, total I) in two dimensions, nats
        assert (found.low <= truth + 0.1).all()
        assert (found.high >= truth - 0.1).all()
