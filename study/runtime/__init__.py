"""The machine: backends, threads, memory, files.

In: the environment. Out: plain facts and settings. Never imports a framework, or any other room.
"""
