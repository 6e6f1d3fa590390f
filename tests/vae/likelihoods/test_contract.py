"""What every likelihood must do, whichever file it is in."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from study.errors import InvalidValue
from study.runtime import registry
from study.types import PIXELS
from study.vae.config import VAEConfig
from study.vae.likelihoods import _contract as likelihoods

NAMES = registry.names(likelihoods.DOOR)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_the_reference_pixel_by_pixel(reference: SimpleNamespace, given: SimpleNamespace, name: str) -> None:
    rng = np.random.default_rng(2)
    x, output = rng.random((50, 40)).astype(np.float32), rng.normal(0, 3, (50, 40)).astype(np.float32)
    x = np.round(x) if name == "bernoulli" else x
    config, likelihood = VAEConfig(likelihood=name, gaussian_scale=0.7), likelihoods.load(name)
    variables = {key: rng.normal(size=(1, 40)).astype(np.float32) for key in likelihood.VARIABLES}
    expected = reference.log_likelihood(config, np.float64(x), np.float64(output), variables.get("pixel_scale", 0.0))
    np.testing.assert_allclose(
        given.numpy(likelihood.log_likelihood(config, x, output, variables)), expected, rtol=1e-6, atol=1e-5
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_pixels_it_allows_are_those_a_config_may_have(name: str) -> None:
    allowed = likelihoods.load(name).PIXELS
    assert set(allowed) <= set(PIXELS)
    for pixels in PIXELS:
        if pixels in allowed:
            assert VAEConfig(likelihood=name, pixels=pixels).likelihood == name
        else:
            with pytest.raises(InvalidValue, match=f"^likelihood: expected .* with {pixels} pixels"):
                VAEConfig(likelihood=name, pixels=pixels)
