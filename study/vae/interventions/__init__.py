"""Interventions on a trained VAE, weights to weights, one a file; the contract is ``_contract``."""
