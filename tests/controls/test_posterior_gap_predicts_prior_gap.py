"""What the judge of "the gap predicts what sampling the prior costs" says of planted gaps, marginal KLs and costs."""

from __future__ import annotations

import numpy as np
import pytest
from planting import INCONCLUSIVE, R, S

from study.measures.tools.bracket import Bracket
from study.seeds import generator

CLAIM = "posterior_gap_predicts_prior_gap"
WIDTHS = (1, 2, 4, 8, 32, 128)


def planted(of, noise=0.0, width=0.0):
    """Values of measures by their name; ``of`` maps a config and noise of every replica to gap, KL, cost and rate."""

    def values(block, measure):
        config, key = block.config, (block.config.key, block.index)
        draws = {name: noise * generator(name, *key, root="controls").normal(size=8) for name in ("gap", "kl", "cost")}
        gap, kl, cost, rate = (np.broadcast_to(one, 8).astype(float) for one in of(config, draws))
        numbers = {"sampler_nats": gap, "elbo": 0 * gap, "marginal_kl": kl, "nats_gain": cost, "rate": rate}
        high = numbers[measure.name] + (width if measure.name == "marginal_kl" else 0)
        return Bracket(numbers[measure.name], high)

    return values


def rate_alone(config, draws):
    """Gap, marginal KL and cost all follow the rate, each with noise of its own."""
    rate = config.latent_dim**0.3 / config.kl_weight**0.5
    return rate + draws["gap"], rate + draws["kl"], rate + draws["cost"], rate


def beyond_the_rate(config, draws):
    """The cost follows what gap and marginal KL have beyond the rate."""
    rate = config.latent_dim**0.3 / config.kl_weight**0.5
    return rate + draws["gap"], rate + draws["gap"], rate + draws["gap"] + draws["cost"] / 10, rate


def wider_is_closer(config, draws):
    level = 1 / config.encoder_width
    return level + 0 * draws["gap"], level + draws["kl"], 0.0, 3.0


@pytest.mark.parametrize("row", ["held-D2", "held-D8"])
def test_encoders_that_come_closer_in_both_ways_are_told_from_those_that_do_not(said, row):
    found = said(planted(wider_is_closer, noise=0.001), {"row": row})
    assert (found.verdict, found.reach) == (S, 8), found

    def opposite(config, draws):
        gap, kl, *rest = wider_is_closer(config, draws)
        return gap, -kl, *rest

    found = said(planted(opposite, noise=0.001), {"row": row})
    assert (found.verdict, found.reason) == (R, "opposite"), found


def test_a_bracket_in_which_the_order_may_be_any_says_nothing(said):
    """All lower ends rise with the gap, and all upper ends fall."""

    def values(block, measure):
        level = WIDTHS.index(block.config.encoder_width)
        if measure.name == "marginal_kl":
            return Bracket(np.full(8, -1.0 * level), np.full(8, 1.0 * level))
        return Bracket(np.full(8, 1.0 * level), np.full(8, 1.0 * level)) if measure.name == "sampler_nats" else zero

    zero = Bracket(np.zeros(8), np.zeros(8))
    found = said(values, {"row": "held-D2"})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "floor-bound"), found


@pytest.mark.parametrize("row", ["gap", "marginal_kl"])
def test_what_follows_the_rate_alone_is_not_supported(said, row):
    """All rank correlations are above 0.9, and all partial ones about 0."""
    found = said(planted(rate_alone, noise=0.05), {"row": row})
    assert found.verdict != S, found
    assert abs(found.median) < 0.3, found
    plain = found.secondary["whatever the rate"]
    assert min(plain.values()) > 0.9, plain


@pytest.mark.parametrize("row", ["gap", "marginal_kl"])
def test_what_goes_beyond_the_rate_is_supported(said, row):
    found = said(planted(beyond_the_rate, noise=0.5), {"row": row})
    assert (found.verdict, found.reach) == (S, 8), found
