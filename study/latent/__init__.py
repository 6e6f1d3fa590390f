"""The latent space as arrays: the Gaussians q(z|x), their mixture, priors and samplers.

In: means and log-variances. Out: densities and draws. Never imports Keras, images or models.
"""
