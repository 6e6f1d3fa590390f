"""Likelihoods of a pixel given the decoder's output, one a file, every constant kept; the contract is ``_contract``."""
