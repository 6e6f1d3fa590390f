"""The rule: numbers and a threshold in, a word out, by counting.

In: arrays. Out: judgements with counts, intervals and reasons. Never imports any other room.
"""
