"""Samplers, one a file: how latents are drawn that are then decoded into generated images.

In: posteriors. Out: draws, and log densities.
Each file defines ``fit(train, heldout)``; others come by the entry points of this group.
"""
