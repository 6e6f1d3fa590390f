"""The machine's ceilings: what everything else is held against."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("name", ["sgemm", "copy"])
def test_ceiling(benchmark: Any, ceilings: Any, facts: dict[str, Any], name: str) -> None:
    """Float32 matrix products, and copying, by the fastest of NumPy and the backend."""
    ceiling = getattr(ceilings, name)
    benchmark.pedantic(ceiling.run, rounds=10, warmup_rounds=1)
    unit = "FLOP" if name == "sgemm" else "bytes read and written"
    benchmark.extra_info.update(
        facts | {"kind": "ceiling", "ceiling": name, "amount": ceiling.amount, "amount_unit": unit}
    )
    benchmark.extra_info.update(source=ceiling.source, rates=ceiling.found)
