"""The panels: every value has one home, is bracketed, is finite, and does not depend on sibling replicas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from study.data.loading import load
from study.lab import panels
from study.lab.lab import panel_of
from study.latent.gaussians import DiagonalGaussians
from study.seeds import generator
from study.vae.config import VAEConfig

CONFIG = VAEConfig(latent_dim=3)
DATA = load("digits")


def vae(replicas=8, block=0):
    """Drawn posteriors, and an affine decoder with images in [0, 1]."""
    first = 8 * block
    means = {
        split: np.stack(
            [generator("panels", r, split).normal(0, 0.8, (360, 3)) for r in range(first, first + replicas)]
        )
        for split in ("train", "heldout")
    }
    basis = generator("panels", "decoder").normal(0, 0.2, (3, 64))
    return panels.Measured(
        config=CONFIG,
        block=block,
        train=DiagonalGaussians(means["train"], np.full_like(means["train"], -1.0)),
        heldout=DiagonalGaussians(means["heldout"], np.full_like(means["heldout"], -1.0)),
        decode=lambda z: np.clip(DATA.train_x.mean(0) + z @ basis, 0, 1),
        log_weights=lambda seeds, draws: np.stack([generator("w", s).normal(-20, 1, (360, draws)) for s in seeds]),
    )


@pytest.fixture(scope="module")
def measured():
    return {name: panel(vae()) for name, panel in panels.PANELS.items()}


@pytest.mark.parametrize("name", panels.PANELS)
def test_every_value_is_a_finite_bracket_with_one_home(measured, name):
    for value, bracket in measured[name].items():
        assert panel_of(value) == name, value
        assert bracket.low.shape == bracket.high.shape == (8,)
        assert np.isfinite([bracket.low, bracket.high]).all(), value
        assert (bracket.low <= bracket.high).all()


def test_values_travel_through_json(measured):
    for values in measured.values():
        back = panels.from_json(panels.to_json(values))
        assert back.keys() == values.keys()
        for name, value in values.items():
            np.testing.assert_array_equal([back[name].low, back[name].high], [value.low, value.high])


@pytest.mark.parametrize("name", panels.PANELS)
def test_a_replica_is_measured_alike_alone_and_among_siblings(measured, name):
    alone = panels.PANELS[name](vae(replicas=1))
    for value, bracket in alone.items():
        for end in ("low", "high"):
            among = getattr(measured[name][value], end)[:1]
            assert getattr(bracket, end) == pytest.approx(among, rel=1e-9, abs=1e-9), value


def test_seeds_differ_by_replica_block_purpose_and_config():
    seeds = [*vae().seeds("a"), *vae(block=1).seeds("a"), *vae().seeds("b")]
    assert len(set(seeds)) == 24


def test_values_agree_with_each_other(measured):
    latent, generation, bound = (measured[name] for name in ("latent", "generation", "bound"))
    n = 360
    assert latent["empirical_floor"].low == pytest.approx(latent["rate"].low - np.log(n))
    # Rate = mutual information + marginal KL (Hoffman & Johnson 2016), both of the same draws.
    total = latent["mutual_information"].low + latent["empirical_marginal_kl"].low
    assert total == pytest.approx(latent["rate"].low, abs=0.05)
    assert latent["marginal_kl_per_dimension"].high == pytest.approx(latent["marginal_kl"].high / 3)
    assert (bound["elbo"].low < bound["importance_weighted_bound"].low).all()
    for source in ("prior", "aggregate"):
        shares = sum(generation[f"{source}_share_{c}"].low for c in range(10))
        assert shares == pytest.approx(np.ones(8))


def test_a_decoder_that_reaches_nothing_represents_nothing():
    values = panels.generation(replace(vae(2), decode=lambda z: np.full((*z.shape[:-1], 64), 5.0)))
    for name in ("coverage_ratio", "density_ratio"):
        assert (values[name].low == 0).all()
