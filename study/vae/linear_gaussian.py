"""The linear-Gaussian VAE: a real VAE whose weights, and so whose posterior and log p(x), are known exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.errors import InvalidValue
from study.types import FEATURES
from study.vae.config import BLOCK, VAEConfig
from study.vae.model import VAE


def linear_gaussian_vae(
    config: VAEConfig,
    encoder: Sequence[ArrayLike],
    weights: ArrayLike,
    offset: ArrayLike,
    replicas: int | Sequence[int] = BLOCK,
) -> VAE:
    """Return a VAE with p(x|z) = N(W z + b, s² I) and q(z|x) = N(x K + a, diag v), equal in every replica.

    With the encoder of ``LinearGaussian.encoder()`` and s its noise, q(z|x) is p(z|x) and the bound is
    log p(x); with the model of ``LinearGaussian.fit(x)``, the mean of q(z|x) over ``x`` has mean 0 and covariance I.

    Args:
        config: An affine VAE with the ``gaussian`` likelihood; its ``gaussian_scale`` is s.
        encoder: K ``(feature, latent)``, a ``(latent,)`` and log v ``(latent,)``.
        weights: W ``(feature, latent)``.
        offset: b ``(feature,)``.
        replicas: How many replicas; or their indices.

    Raises:
        InvalidValue: If the config describes another kind of VAE, or an array has another shape or is not finite.

    Source: Lucas, Tucker, Grosse and Norouzi, "Don't blame the ELBO! A linear VAE perspective on posterior
    collapse", 2019.
    """
    affine_gaussian = {"likelihood": "gaussian", "encoder_depth": 0, "decoder_depth": 0}
    for name, expected in {**affine_gaussian, "network": "dense", "prior": "normal"}.items():
        if getattr(config, name) != expected:
            raise InvalidValue(name, getattr(config, name), f"{expected!r} for a linear-Gaussian VAE")
    if len(encoder) != 3:
        raise InvalidValue("encoder", f"{len(encoder)} arrays", "three arrays: kernel, bias and log_var")
    feature, latent = FEATURES[config.data], config.latent_dim
    kernel, bias, log_var = (
        _checked(f"encoder's {name}", array, shape)
        for name, array, shape in zip(
            ("kernel", "bias", "log_var"), encoder, ((feature, latent), (latent,), (latent,)), strict=True
        )
    )
    affine = {
        "posterior/kernel": np.hstack([kernel, np.zeros_like(kernel)]),  # one variance for every x
        "posterior/bias": np.hstack([bias, log_var])[None],
        "output/kernel": _checked("weights", weights, (feature, latent)).T,
        "output/bias": _checked("offset", offset, (feature,))[None],
    }
    vae = VAE(config, replicas)
    vae.load_stacked({path: np.stack([array.astype(np.float32)] * vae.replicas) for path, array in affine.items()})
    return vae


def _checked(argument: str, value: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    array = np.asarray(value, np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise InvalidValue(argument, f"shape {array.shape}", f"finite values of shape {shape}")
    return array
