"""Keras models: replica-stacked layers, likelihoods, the VAE, the linear-Gaussian VAE."""

from study.models.initial import initial_weights
from study.models.linear_gaussian import linear_gaussian_vae
from study.models.vae import VAE, load_vae

__all__ = ["VAE", "initial_weights", "linear_gaussian_vae", "load_vae"]
