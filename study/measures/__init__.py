"""Measures, one a file: arrays in, one float per replica out, with a unit and a source.

In: what a measure says it needs. Out: brackets. Never imports Keras, data sets or models.
"""
