"""Images, one data set a file, and generators whose truth is known.

In: names and files. Out: read-only arrays, verified by digest. Never imports a model, a measure or a claim.
"""
