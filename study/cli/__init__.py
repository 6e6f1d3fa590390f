"""The ``study`` command, one file a subcommand.

In: evidence, records of benchmarks, what is installed. Out: tables, JSON, the page. It must import no deep-learning
framework.
"""
