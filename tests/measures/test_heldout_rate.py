"""Rate of the held-out images."""

from __future__ import annotations

from planted import collapsed, rates

from study.testing import Loses, Planted

PLANTED = Planted({"heldout": rates(1.0, 2.0, 6.0)}, 3.0, 1e-12)
LOSES = Loses({"heldout": collapsed()}, below=1e-12)
