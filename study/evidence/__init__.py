"""What was seen, where, with what: records, the store, the manifest, and judging them again.

In: observations. Out: files and verdict rows. Never imports Keras, the lab or a claim.
"""
