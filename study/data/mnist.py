"""MNIST: 70,000 handwritten digits of 28 x 28 pixels, in the official split.

Source: LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition.
"""

from __future__ import annotations

from study.data.idx import Source

GREY_LEVELS = 256
SOURCE = Source(
    name="mnist",
    folders=("mnist",),
    keras_files=("mnist.npz",),
    digests=(
        "157fe16da1dbced4a1376f4be5df2d665d51d11177dcaf7aa4848b1ff033343f",
        "e6a049a9876d2010dddfc2322bb8cad03f5934de9a0b5012c7251eca5b5a7201",
        "fbf9701b11f5659e6366884b0bbf01ea129fb049e3239251eddb226ada72239e",
        "6a90c4ebf8538b9b76438e5dddb0f5afc42d636e8e259d894485f9314cdad47d",
    ),
)
read = SOURCE.read
reachable = SOURCE.reachable
