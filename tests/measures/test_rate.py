"""Rate of the training images."""

from __future__ import annotations

from planted import collapsed, rates

from study.testing import Loses, Planted

PLANTED = Planted({"train": rates(1.0, 2.0, 6.0)}, 3.0, 1e-12)
# A collapsed encoder tells nothing.
LOSES = Loses({"train": collapsed()}, below=1e-12)
