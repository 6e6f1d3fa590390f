"""What a claim may say, and what it takes: requests, the plan, the run, artefacts.

In: a claim's expressions. Out: observations. Never judges; imports a framework only where a trained model is measured.
"""
