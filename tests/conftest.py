"""What all tests share: the Hypothesis profile, and what is left out where no framework is installed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# Neither the machine's speed nor an earlier run may decide a test.
settings.register_profile("study-unit", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("study-unit")

# Naming a backend promises a framework: then nothing is left out, and a missing one fails.
FRAMEWORK = "KERAS_BACKEND" in os.environ or find_spec("keras") is not None
collect_ignore = [] if FRAMEWORK else ["models", "training", "test_lab.py"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests marked ``framework`` where none is installed and none was promised.

    The hook of any conftest is given the whole session's items: only those beneath this folder are touched.
    """
    if FRAMEWORK:
        return
    here = Path(__file__).parent
    left = {item for item in items if item.get_closest_marker("framework") and here in item.path.parents}
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]
