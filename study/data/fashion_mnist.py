"""Fashion-MNIST: 70,000 pictures of clothes, 28 x 28 pixels, ten classes, in the official split.

Source: Xiao, Rasul & Vollgraf (2017), Fashion-MNIST: a novel image dataset for benchmarking machine learning
algorithms.
"""

from __future__ import annotations

from study.data.idx import FILES, Source

GREY_LEVELS = 256
SOURCE = Source(
    name="fashion_mnist",
    folders=("fashion-mnist", "fashion_mnist"),
    keras_files=tuple(f"fashion-mnist/{file}.gz" for file in FILES),
    digests=(
        "cbe6416bec66fcd6e18cd79f48adfb704f76af0a870bfe2c25ac8a96a8ff046e",
        "a0853126d597b674e01d0418b8d599287242510379fbe4b99c6826e12e3d2278",
        "a9703089c071d4fdd831c845477e814d4a8f137df1f1b963746f40afb12d5bb8",
        "416413b9db64db5c5f0cf8d447e0c628562b09dc65b57940a084a17aa3b07443",
    ),
)
read = SOURCE.read
reachable = SOURCE.reachable
