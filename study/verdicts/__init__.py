"""The rule: numbers and a threshold in, a word out.

In: arrays. Out: judgements with intervals and reasons. Never imports any other room.
"""
