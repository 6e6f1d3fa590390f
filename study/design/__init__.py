"""Claims, the contexts they are judged in, and the grids and sweeps over them.

In: what an author declares. Out: configs. Never imports Keras, the lab or evidence.
"""
