"""The model under study: config, networks, likelihoods, training on three backends, interventions.

In: a config and images. Out: weights, and what they compute. Never imports data, measures or claims.
"""
