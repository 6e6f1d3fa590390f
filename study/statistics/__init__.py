"""Intervals, trends, equivalence, looks, the error budget and the verdict rule."""
