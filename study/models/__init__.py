"""Keras models: replica-stacked layers, likelihoods, the VAE, the linear-Gaussian VAE."""

from study.models.initial import initial_weights
from study.models.vae import VAE, load_vae

__all__ = ["VAE", "initial_weights", "load_vae"]
