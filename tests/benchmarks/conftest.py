"""What every benchmark's record leaves out: the machine's name says nothing to others."""

from __future__ import annotations

from typing import Any


def pytest_benchmark_update_machine_info(config: Any, machine_info: dict[str, Any]) -> None:
    """Drop the host's name."""
    machine_info.pop("node", None)
